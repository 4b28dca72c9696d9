/** The reasons why a cell is stale, and why a fresh one runs with the stale ones, in words. Pure. */
import type { AlsoRun, StaleReason } from '../../../engine/protocol.ts';

/** `cell 3`; a cell that is not there any more has no number. */
export function cellName(order: readonly string[], cellId: string): string {
  const at = order.indexOf(cellId);
  return at < 0 ? 'a deleted cell' : `cell ${at + 1}`;
}

const quoted = (names: readonly string[]) => names.map((name) => `\`${name}\``);

function list(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** `own`: the cell that is stale. Names stand in backticks. */
export function staleWords(reason: StaleReason, order: readonly string[], own: string): string {
  switch (reason.kind) {
    case 'kernel':
      return reason.restarted ? 'the kernel was restarted since it ran' : 'the kernel it ran in has ended';
    case 'edited':
      return 'this cell was edited since it ran';
    case 'cut':
      return 'its run was interrupted';
    case 'changed':
      return `${list(quoted(reason.names))} changed in ${cellName(order, reason.cellId)}`;
    case 'inputEdited':
      return `${cellName(order, reason.cellId)}, which defines ${list(quoted(reason.names))}, was edited`;
    case 'inputStale':
      return `${cellName(order, reason.cellId)}, which defines ${list(quoted(reason.names))}, is stale`;
    case 'otherCell': {
      const names = list(quoted(reason.names));
      const now = cellName(order, reason.cellId);
      if (reason.cameFrom === undefined) return `${now} defines ${names} now`;
      const from = reason.cameFrom === own ? 'its own earlier run' : cellName(order, reason.cameFrom);
      return `it used ${names} of ${from}; in order it is that of ${now}`;
    }
    case 'deleted': {
      const place = reason.place === undefined ? 'a cell' : `cell ${reason.place + 1}`;
      return `${place} was deleted, which defined ${list(quoted(reason.names))}`;
    }
    case 'undefined':
      return `${cellName(order, reason.cellId)} does not define ${list(quoted(reason.names))} any more`;
    default:
      return reason satisfies never;
  }
}

export function alsoRunWords({ reason, names }: AlsoRun): string {
  return reason === 'defines'
    ? `to define ${list(quoted(names))} for them`
    : `because ${list(quoted(names))} will change`;
}
