/** What "run stale" runs: the stale cells, and what else must run so that all of them are fresh afterwards. */
import type { AlsoRun } from '../protocol.ts';
import type { StalenessCell } from './staleness.ts';

export interface StalePlan {
  /** All cells to run, in document order. */
  cellIds: string[];
  /** Those of them that are not stale themselves, and why they run. */
  also: AlsoRun[];
}

/**
 * `ranLast` says which cell each name of the living kernel came from last. A cell above that a stale one needs runs
 * too when another cell has taken its name since, or when it never ran; then also whoever uses what it defines.
 */
export function stalePlan(
  cells: readonly StalenessCell[],
  stale: ReadonlySet<string>,
  hasRun: (cellId: string) => boolean,
  ranLast: ReadonlyMap<string, string>,
): StalePlan {
  const code = cells.filter(({ kind }) => kind === 'code');
  const runs = new Set(stale);
  const also = new Map<string, AlsoRun>();
  const add = (cellId: string, reason: AlsoRun['reason'], name: string) => {
    const known = also.get(cellId);
    if (known) {
      if (known.reason === reason && !known.names.includes(name)) known.names.push(name);
      return;
    }
    if (runs.has(cellId)) return;
    runs.add(cellId);
    also.set(cellId, { cellId, reason, names: [name] });
  };
  for (let before = -1; before !== runs.size; ) {
    before = runs.size;
    const last = new Map(ranLast);
    const above = new Map<string, string>();
    for (const { cellId, references, definitions } of code) {
      for (const name of references) {
        const owner = above.get(name);
        if (owner === undefined) continue;
        if (runs.has(cellId)) {
          if (last.get(name) !== owner) add(owner, 'defines', name);
        } else if (runs.has(owner) && hasRun(cellId)) add(cellId, 'uses', name);
      }
      for (const name of definitions) {
        above.set(name, cellId);
        if (runs.has(cellId)) last.set(name, cellId);
      }
    }
  }
  const cellIds = code.filter(({ cellId }) => runs.has(cellId)).map(({ cellId }) => cellId);
  return { cellIds, also: cellIds.flatMap((cellId) => also.get(cellId) ?? []) };
}
