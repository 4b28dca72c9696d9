'use client';
/** A merge left its marks in this notebook: both sides of each place, and buttons that keep one or both. */
import { useMemo } from 'react';
import { useSession, useSessionState } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { formatPlural } from '../ui/format.ts';
import { Glyph } from '../ui/state-glyph.tsx';
import {
  type ConflictCell,
  type ConflictChoice,
  findConflicts,
  type MergeConflict,
  settleConflict,
} from './merge-conflicts.ts';

const MAX_SHOWN = 5;

/** The cells with the text that the user sees. */
function useShownCells(): readonly ConflictCell[] {
  const order = useSessionState(({ view }) => view?.cellOrder);
  const cells = useSessionState(({ view }) => view?.cells);
  const drafts = useSessionState((state) => state.drafts);
  return useMemo(
    () =>
      (order ?? []).map((cellId) => ({
        cellId,
        source: drafts.get(cellId)?.source ?? cells?.get(cellId)?.source ?? '',
      })),
    [order, cells, drafts],
  );
}

function Side({ name, text }: { name: string; text: string }) {
  return (
    <div className="min-w-0 flex-1 basis-60">
      <p className="font-semibold text-xs [overflow-wrap:anywhere]">{name}</p>
      <pre className="mt-1 max-h-40 overflow-auto whitespace-pre-wrap rounded-md bg-surface p-2 font-mono text-xs leading-5 [overflow-wrap:anywhere]">
        {text === '' ? <span className="text-ink-3">(nothing)</span> : text}
      </pre>
    </div>
  );
}

function Conflict({
  conflict,
  place,
  show,
  keep,
}: {
  conflict: MergeConflict;
  place: string;
  show: () => void;
  keep: (choice: ConflictChoice) => void;
}) {
  const { mine, theirs, mineText, theirsText } = conflict;
  return (
    <li aria-label={`Conflict in ${place}`} className="border-run/40 border-t py-2">
      <div className="flex flex-wrap gap-3">
        <Side name={mine} text={mineText} />
        <Side name={theirs} text={theirsText} />
      </div>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button onClick={() => keep('mine')}>Keep {mine}</Button>
        <Button onClick={() => keep('theirs')}>Keep {theirs}</Button>
        <Button onClick={() => keep('both')}>Keep both</Button>
        <Button variant="quiet" onClick={show}>
          Show {place}
        </Button>
      </div>
    </li>
  );
}

export function ConflictBanner({ show }: { show: (cellId: string) => void }) {
  const session = useSession();
  const cells = useShownCells();
  const conflicts = useMemo(() => findConflicts(cells), [cells]);
  if (conflicts.length === 0) return null;

  async function keep(conflict: MergeConflict, choice: ConflictChoice) {
    const edits = settleConflict(cells, conflict, choice);
    for (const edit of edits) if (edit.type === 'editCell') session.edit(edit.cellId, edit.source);
    await Promise.all(edits.map((edit) => edit.type === 'editCell' && session.flush(edit.cellId)));
    const gone = edits.flatMap((edit) => (edit.type === 'deleteCell' ? [edit.cellId] : []));
    if (gone.length > 0) await session.command({ type: 'deleteCells', cellIds: gone });
  }
  const placeOf = ({ cellIds }: MergeConflict) => {
    const numbers = cellIds.map((cellId) => cells.findIndex((cell) => cell.cellId === cellId) + 1);
    return numbers.length === 1 ? `cell ${numbers[0]}` : `cells ${numbers[0]} to ${numbers.at(-1)}`;
  };
  return (
    <section
      aria-label="Merge conflicts"
      className="max-h-[45vh] overflow-y-auto border-run border-b bg-run-soft px-4 py-2"
    >
      <p role="status">
        <Glyph name="bang" className="text-run" />{' '}
        <strong className="font-semibold">
          {formatPlural(conflicts.length, 'merge conflict')} in this notebook.
        </strong>{' '}
        <span className="text-ink-2">
          Choose a side here, or edit the cells; until then the marks stay in the file.
        </span>
      </p>
      <ul className="mt-1">
        {conflicts.slice(0, MAX_SHOWN).map((conflict) => (
          <Conflict
            key={conflict.at.open}
            conflict={conflict}
            place={placeOf(conflict)}
            show={() => show(conflict.cellIds[0]!)}
            keep={(choice) => void keep(conflict, choice)}
          />
        ))}
      </ul>
      {conflicts.length > MAX_SHOWN && (
        <p className="text-ink-2 text-xs">
          Showing {MAX_SHOWN} of {conflicts.length}; the others follow.
        </p>
      )}
    </section>
  );
}
