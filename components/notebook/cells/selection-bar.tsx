'use client';
/** Shown while several cells are selected: how many, and what can be done to all of them. */
import { useSessionState } from '../../session/session-context.tsx';
import { Button } from '../../ui/button.tsx';
import { useActions, useUi } from '../notebook-context.tsx';
import { selectedCells } from './cell-selection.ts';

const NO_ORDER: readonly string[] = [];

/** The cells selected, when they are several. */
export function useSeveral(): readonly string[] {
  const order = useSessionState(({ view }) => view?.cellOrder ?? NO_ORDER);
  const active = useUi((state) => state.selectedCellId);
  const anchor = useUi((state) => state.anchorCellId);
  const selected = anchor === undefined ? NO_ORDER : selectedCells(order, active, anchor);
  return selected.length > 1 ? selected : NO_ORDER;
}

export function SelectionBar() {
  const actions = useActions();
  const selected = useSeveral();
  const cellId = selected[0];
  return (
    <div role="status" aria-label="Selection" className="contents">
      {cellId !== undefined && (
        <div className="-translate-x-1/2 fixed bottom-4 left-1/2 z-30 flex max-w-[calc(100vw-16px)] flex-wrap items-center gap-1.5 rounded-lg border border-line bg-surface p-2 shadow-pop">
          <strong className="px-1 font-semibold">{selected.length} cells selected</strong>
          <Button size="sm" onClick={() => actions.cells.runSelected(cellId)}>
            Run
          </Button>
          <Button size="sm" onClick={() => void actions.cells.merge(cellId, 'selected')}>
            Merge
          </Button>
          <Button size="sm" onClick={() => actions.cells.copy(cellId)}>
            Copy
          </Button>
          <Button size="sm" onClick={() => actions.cells.duplicate(cellId)}>
            Duplicate
          </Button>
          <Button size="sm" onClick={() => actions.cells.clearOutputs(cellId)}>
            Clear outputs
          </Button>
          <Button size="sm" variant="danger" onClick={() => void actions.cells.delete(cellId)}>
            Delete
          </Button>
          <Button size="sm" variant="quiet" onClick={() => actions.cells.collapseSelection()}>
            Esc
          </Button>
        </div>
      )}
    </div>
  );
}
