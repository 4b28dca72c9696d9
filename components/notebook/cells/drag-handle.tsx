'use client';
/**
 * The handle that drags a cell, or the selection it is in, to another place. By keyboard: Enter or Space picks up,
 * arrows choose the place, Enter or Space drops, Escape puts back.
 */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react';
import { Icon } from '../../ui/icon.tsx';
import { useActions, useNotebookUi, useUi } from '../notebook-context.tsx';
import { gapAt } from './cell-selection.ts';

/** Pixels that the pointer moves before it drags. */
const THRESHOLD = 4;
/** Distance to the edge within which the list scrolls, and how far with each move. */
const EDGE = 48;
const SCROLL = 16;

function cellBoxes(): DOMRect[] {
  return [...document.querySelectorAll('main [data-cell-id]')].map((cell) => cell.getBoundingClientRect());
}

function scrollAtEdge(handle: Element, y: number): void {
  const by = y < EDGE + 44 ? -SCROLL : y > window.innerHeight - EDGE ? SCROLL : 0;
  if (by === 0) return;
  const main = handle.closest('main');
  if (main && main.scrollHeight > main.clientHeight) main.scrollTop += by;
  else window.scrollBy(0, by);
}

export interface DragHandleProps {
  cellId: string;
  /** `cell 2` */
  name: string;
  index: number;
}

export function DragHandle({ cellId, name, index }: DragHandleProps) {
  const actions = useActions();
  const ui = useNotebookUi();
  const dragging = useUi((state) => state.drag?.cellIds.includes(cellId) ?? false);
  const start = useRef<number | undefined>(undefined);
  const byKey = useRef(false);

  const stop = () => {
    start.current = undefined;
    byKey.current = false;
    ui.setState({ drag: undefined });
  };
  const drop = () => {
    const { drag } = ui.getState();
    stop();
    if (drag) actions.cells.moveInto(drag.cellIds, drag.gap);
  };
  useEffect(() => {
    if (!dragging) return;
    const cancel = (event: globalThis.KeyboardEvent) => {
      if (event.key === 'Escape') ui.setState({ drag: undefined });
    };
    window.addEventListener('keydown', cancel);
    return () => window.removeEventListener('keydown', cancel);
  }, [dragging, ui]);
  // Another window may delete the cell meanwhile: a handle that is gone reports no blur.
  useEffect(
    () => () => {
      if (ui.getState().drag?.cellIds.includes(cellId)) ui.setState({ drag: undefined });
    },
    [ui, cellId],
  );

  const onPointerMove = (event: PointerEvent<HTMLButtonElement>) => {
    if (start.current === undefined || byKey.current) return;
    const { drag } = ui.getState();
    if (!drag && Math.abs(event.clientY - start.current) < THRESHOLD) return;
    scrollAtEdge(event.currentTarget, event.clientY);
    const gap = gapAt(event.clientY, cellBoxes());
    if (drag?.gap !== gap) ui.setState({ drag: { cellIds: actions.cells.targets(cellId), gap } });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { drag } = ui.getState();
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (event.key === 'Enter' || event.key === ' ') {
      if (drag) drop();
      else {
        byKey.current = true;
        ui.setState({ drag: { cellIds: actions.cells.targets(cellId), gap: index } });
      }
    } else if (drag && event.key === 'Escape') stop();
    else if (drag && step !== 0)
      ui.setState({ drag: { ...drag, gap: actions.cells.nextGap(drag.cellIds, drag.gap, step) } });
    // While a cell is in hand no other key acts: one that deletes or runs cells would be meant for something else.
    else if (!drag || !byKey.current || event.key === 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <button
      type="button"
      aria-label={`Drag ${name}`}
      aria-pressed={dragging}
      aria-description="Enter picks it up, arrow keys choose the place, Enter drops it, Escape puts it back."
      title="Drag to another place (Alt+↑ ↓ moves too)"
      className={`flex h-6 w-6 touch-none items-center justify-center rounded-md text-ink-2 hover:bg-hover ${
        dragging ? 'cursor-grabbing bg-hover' : 'cursor-grab'
      }`}
      onKeyDown={onKeyDown}
      onBlur={() => byKey.current && stop()}
      onPointerDown={(event) => {
        // A press inside a selection drags all of it: it must not become a selection of one.
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = event.clientY;
      }}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        if (ui.getState().drag && !byKey.current) drop();
        start.current = undefined;
      }}
      onPointerCancel={stop}
    >
      <Icon name="grip" />
    </button>
  );
}

/** Where the dragged cells would land. */
export function DropLine({ gap, of }: { gap: number; of: number }) {
  const drag = useUi((state) => state.drag);
  if (drag?.gap !== gap) return null;
  const place = gap === of ? 'at the end' : `above cell ${gap + 1}`;
  return (
    <div className="-mb-5 relative h-0">
      <div
        role="status"
        aria-label={`Drop ${place}`}
        className="-top-[11px] absolute inset-x-0 h-0.5 rounded-full bg-accent before:absolute before:-top-[3px] before:left-0 before:size-2 before:rounded-full before:bg-accent"
      />
    </div>
  );
}
