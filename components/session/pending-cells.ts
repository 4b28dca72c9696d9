/** Cells inserted here that the server does not have yet, shown in their places among those it has. Pure. */
import type { CellView } from '../../engine/fold/state.ts';
import type { Draft } from './drafts.ts';
import type { PublishedView } from './published-view.ts';

function placeAfter(order: readonly string[], after: string | null): number {
  if (after === null) return 0;
  const at = order.indexOf(after);
  return at < 0 ? order.length : at + 1;
}

/** Where a new cell stands on a server that has `order`. */
export function indexOfInsert(order: readonly string[], draft: Draft): number {
  return placeAfter(order, draft.insert?.after ?? null);
}

const shown = new WeakMap<object, CellView>();

/** One object per insertion, so that views can tell that nothing changed. */
function pendingCell(cellId: string, { insert, baseSource }: Draft): CellView {
  const known = shown.get(insert!);
  if (known) return known;
  const cell: CellView = {
    cellId,
    kind: insert!.kind,
    source: baseSource,
    revision: 0,
    outputs: [],
    outputDropped: 0,
    outputSize: 0,
    jobIds: [],
    version: 0,
  };
  shown.set(insert!, cell);
  return cell;
}

export function withPendingCells(view: PublishedView, drafts: ReadonlyMap<string, Draft>): PublishedView {
  const pending = [...drafts].filter(([cellId, { insert }]) => insert && !view.cells.has(cellId));
  if (pending.length === 0) return view;
  const cells = new Map(view.cells);
  const cellOrder = [...view.cellOrder];
  for (const [cellId, draft] of pending) {
    cells.set(cellId, pendingCell(cellId, draft));
    cellOrder.splice(placeAfter(cellOrder, draft.insert!.after), 0, cellId);
  }
  return { ...view, cells, cellOrder };
}
