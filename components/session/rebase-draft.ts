/** A draft typed over one text of the server, put onto a newer one. Pure. */
import { diffText, distance } from './diff-text.ts';
import type { Draft, ServerText } from './drafts.ts';
import { mergeText } from './merge-text.ts';

/**
 * The draft with what the server has now as its base. Of another boot (`otherBoot`) one cannot ask whether it got what
 * was sent last: its text tells. It may also have lost what the one before could not save.
 */
export function rebased(draft: Draft, cell: ServerText, otherBoot: boolean): Draft {
  const { source, sent, before, unconfirmed = false } = draft;
  const arrived = sent && isMadeOf(cell.source, sent.source, draft.baseSource) ? sent.source : undefined;
  const lost = otherBoot && before !== undefined && !isMadeOf(cell.source, draft.baseSource, before);
  const base = arrived ?? (lost ? before : draft.baseSource);
  const merged = mergeText(base, source, cell.source);
  if (merged === undefined) {
    const { sent: _, ...unsent } = draft;
    return { ...unsent, conflict: true };
  }
  const onto: Draft = { source: merged, baseSource: cell.source, baseRevision: cell.revision };
  if (arrived !== undefined) return { ...onto, unconfirmed: true, before: before ?? draft.baseSource };
  // Another boot knows only what was saved.
  return unconfirmed && !otherBoot ? { ...onto, unconfirmed, ...(before !== undefined && { before }) } : onto;
}

/**
 * Whether a text came from `sent`: at least half of what was put into `base` for it stands in the text, both as
 * characters that are new in it and at its place. In doubt it did not: rather twice than never.
 */
function isMadeOf(text: string, sent: string, base: string): boolean {
  if (text === base || text === sent) return text === sent;
  const put = without(countsOf(sent), countsOf(base));
  const total = sumOf(put);
  if (total === 0) return distance(sent, text) < distance(base, text);
  const left = total - sumOf(without(put, without(countsOf(text), countsOf(base))));
  return 2 * left >= total && 2 * leftInPlace(text, sent, base) >= total;
}

/** Characters put into `base` that no difference between `sent` and the text takes away. */
function leftInPlace(text: string, sent: string, base: string): number {
  const removed = diffText(sent, text);
  let shift = 0;
  let left = 0;
  for (const hunk of diffText(base, sent)) {
    const start = hunk.start + shift;
    const end = start + hunk.text.length;
    shift += hunk.text.length - (hunk.end - hunk.start);
    left += hunk.text.length;
    for (const cut of removed) left -= Math.max(0, Math.min(end, cut.end) - Math.max(start, cut.start));
  }
  return left;
}

type Counts = ReadonlyMap<string, number>;

function countsOf(text: string): Counts {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return counts;
}

function without(counts: Counts, others: Counts): Counts {
  return new Map([...counts].map(([key, count]) => [key, Math.max(0, count - (others.get(key) ?? 0))]));
}

const sumOf = (counts: Counts) => [...counts.values()].reduce((sum, count) => sum + count, 0);
