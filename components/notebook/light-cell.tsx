'use client';
/**
 * A cell of a very long notebook that nobody has come near yet: its text, about as high as the cell will be, without
 * the hundreds of elements of a whole one. Once near, selected or asked for, the whole cell takes its place and stays.
 */
import { memo, useEffect, useRef, useState } from 'react';
import { useCell } from '../session/session-context.tsx';
import { Cell, type CellProps } from './cell.tsx';
import { shownHeightOf } from './editor/editor-metrics.ts';
import { watchNear } from './editor/near-viewport.ts';
import { useUi } from './notebook-context.tsx';

/** A page of so many whole cells is still quick. */
export const MOST_WHOLE_CELLS = 500;
/** The first screen is drawn at once. */
const FIRST_WHOLE = 20;
/** Below a cell that ran: its state, and about what an output takes. */
const STATUS_HEIGHT = 24;
const OUTPUT_HEIGHT = 60;

export const LightCell = memo(function LightCell(props: CellProps) {
  const { cellId, index, marked } = props;
  const wanted = useUi((ui) => ui.selectedCellId === cellId || ui.focus?.cellId === cellId);
  const [near, setNear] = useState(index < FIRST_WHOLE);
  const whole = near || wanted || marked;
  useEffect(() => {
    // A cell that was selected once stays whole.
    if (whole) setNear(true);
  }, [whole]);
  return whole ? <Cell {...props} /> : <CellOutline {...props} onNear={() => setNear(true)} />;
});

function CellOutline({ cellId, index, onNear }: CellProps & { onNear: () => void }) {
  const cell = useCell(cellId);
  const element = useRef<HTMLElement>(null);
  useEffect(
    () => (element.current ? watchNear(element.current, (near) => near && onNear()) : undefined),
    [onNear],
  );
  if (!cell) return null;
  const below = (cell.status ? STATUS_HEIGHT : 0) + cell.outputs.length * OUTPUT_HEIGHT;
  const height = shownHeightOf(cell.source) + 2 + below;
  return (
    <section
      ref={element}
      aria-label={`Cell ${index + 1}`}
      data-cell-id={cellId}
      tabIndex={-1}
      className="overflow-hidden pl-9 sm:pl-12"
      style={{ height, contentVisibility: 'auto', containIntrinsicHeight: `${height}px` }}
    >
      <pre className="rounded-lg border border-line bg-surface px-4 py-2 font-mono text-[13px] leading-5">
        {cell.source}
      </pre>
    </section>
  );
}
