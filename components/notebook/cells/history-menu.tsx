'use client';
/** In the bar: undo and redo of changes of cells, and the deleted cells, each of which can come back. */
import { useState } from 'react';
import type { BinnedCell } from '../../../engine/fold/state.ts';
import type { StructureChange } from '../../../engine/protocol.ts';
import { useSessionState } from '../../session/session-context.tsx';
import { Button } from '../../ui/button.tsx';
import { formatClock, formatPlural } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { ListPopover } from '../../ui/list-popover.tsx';
import { useActions } from '../notebook-context.tsx';

const VERBS: Record<StructureChange['kind'], string> = {
  insert: 'inserting',
  delete: 'deleting',
  move: 'moving',
  split: 'splitting',
  merge: 'merging',
  duplicate: 'duplicating',
  paste: 'pasting',
  convert: 'converting',
  clear: 'clearing the output of',
  restore: 'bringing back',
};

function changeWords({ kind, count }: StructureChange): string {
  return `${VERBS[kind]} ${count === 1 ? 'a cell' : formatPlural(count, 'cell')}`;
}

const NO_BIN: readonly BinnedCell[] = [];
const LINE_SHOWN = 80;

export function HistoryMenu() {
  const actions = useActions();
  const undo = useSessionState(({ view }) => view?.history.undo);
  const redo = useSessionState(({ view }) => view?.history.redo);
  return (
    <>
      <DeletedCells />
      <Button
        variant="quiet"
        className="px-1.5"
        disabled={!undo}
        aria-label={undo ? `Undo ${changeWords(undo)}` : 'Undo'}
        title={undo ? `Undo ${changeWords(undo)} (Z)` : 'No change of cells to undo'}
        onClick={() => void actions.cells.travel('undo')}
      >
        <Icon name="undo" />
      </Button>
      <Button
        variant="quiet"
        className="px-1.5 max-sm:hidden"
        disabled={!redo}
        aria-label={redo ? `Redo ${changeWords(redo)}` : 'Redo'}
        title={redo ? `Redo ${changeWords(redo)} (Shift+Z)` : 'No change of cells to redo'}
        onClick={() => void actions.cells.travel('redo')}
      >
        <Icon name="redo" />
      </Button>
    </>
  );
}

/** Seen as soon as there is a deleted cell, and while its list is open. */
function DeletedCells() {
  const actions = useActions();
  const bin = useSessionState(({ view }) => view?.bin ?? NO_BIN);
  const [open, setOpen] = useState(false);
  if (bin.length === 0 && !open) return null;
  return (
    <ListPopover
      open={open}
      onOpenChange={setOpen}
      title="Deleted cells"
      trigger={
        <Button
          variant="quiet"
          aria-label={`Deleted cells: ${bin.length}`}
          title={`Deleted cells (${bin.length})`}
          className="px-1.5"
        >
          <Icon name="trash" />
          {bin.length > 0 && <span className="text-xs tabular-nums max-sm:sr-only">{bin.length}</span>}
        </Button>
      }
    >
      {bin.length === 0 ? (
        <p className="text-ink-2">None. A deleted cell waits here with its output.</p>
      ) : (
        <>
          <ul aria-label="Deleted cells" className="my-2 max-h-72 divide-y divide-line overflow-y-auto">
            {[...bin].reverse().map((binned) => (
              <BinRow key={binned.cell.cellId} binned={binned} />
            ))}
          </ul>
          <Button variant="danger" onClick={() => actions.cells.emptyBin()}>
            Delete them for good
          </Button>
        </>
      )}
    </ListPopover>
  );
}

function BinRow({ binned }: { binned: BinnedCell }) {
  const actions = useActions();
  const { cell, index, deletedAt } = binned;
  const line = cell.source.trim().split('\n', 1)[0]?.slice(0, LINE_SHOWN);
  const outputs = cell.outputs.length;
  return (
    <li className="flex items-center gap-2 py-1">
      <div className="min-w-0 flex-1">
        <code className="block truncate text-xs">{line || '(empty)'}</code>
        <span className="text-ink-3 text-xs">
          was cell {index + 1}, deleted at {formatClock(deletedAt).slice(0, 8)}
          {outputs > 0 && `, ${formatPlural(outputs, 'output')}`}
        </span>
      </div>
      <Button
        size="sm"
        aria-label={`Bring back ${line || 'the empty cell'}`}
        onClick={() => void actions.cells.restore(cell.cellId)}
      >
        Bring back
      </Button>
    </li>
  );
}
