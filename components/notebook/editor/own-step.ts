/**
 * One step of one's own, done to a text that has become another since. Only what is certain is done: words that others
 * changed, or a place that the present text does not name any more, refuse the whole step. Pure.
 */
import { diffText, type Hunk } from '../../session/diff-text.ts';
import { applied } from '../../session/merge-text.ts';

/** A lone half of a surrogate pair counts as a letter: a pair is never cut. */
const LETTER = /[\p{L}\p{N}_$\uD800-\uDFFF]/u;
const WORDS = /[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu;

const isLetter = (text: string, at: number) => LETTER.test(text.charAt(at));

/** The differences as replacements of whole words, apart from one another. */
function wordHunks(from: string, to: string): Hunk[] {
  const parts: { start: number; end: number; hunks: Hunk[] }[] = [];
  for (const hunk of diffText(from, to)) {
    let { start, end } = hunk;
    const inner = hunk.text || from.slice(start, end);
    const joins = hunk.text === '' && isLetter(from, start - 1) && isLetter(from, end);
    if (joins || isLetter(inner, 0) || isLetter(from, start))
      while (start > 0 && isLetter(from, start - 1)) start -= 1;
    if (joins || isLetter(inner, inner.length - 1) || (end > 0 && isLetter(from, end - 1)))
      while (end < from.length && isLetter(from, end)) end += 1;
    const last = parts.at(-1);
    if (last && start <= last.end) {
      last.end = Math.max(last.end, end);
      last.hunks.push(hunk);
    } else parts.push({ start, end, hunks: [hunk] });
  }
  return parts.map(({ hunks, ...part }) => ({ ...part, text: applied(from, part, hunks) }));
}

/** Whether two changes of one text meet; one that begins where the other ends does not, but two insertions do. */
function meet(a: Hunk, b: Hunk): boolean {
  return (a.start < b.end && b.start < a.end) || (a.start === b.start && a.end === b.end);
}

/** Whether a stretch with a word in it stands at exactly one place of a text, as whole words. */
function isOnce(stretch: string, text: string): boolean {
  let found = 0;
  for (let at = text.indexOf(stretch); at >= 0; at = text.indexOf(stretch, at + 1)) {
    const end = at + stretch.length;
    const cutsBefore = isLetter(text, at - 1) && isLetter(stretch, 0);
    const cutsAfter = isLetter(text, end) && isLetter(stretch, stretch.length - 1);
    if (!cutsBefore && !cutsAfter && ++found > 1) return false;
  }
  return found === 1;
}

/** Whether the untouched text around an own change names its place: it stands once in the old and once in the present text. */
function isPlaced(own: Hunk, theirs: readonly Hunk[], from: string, current: string): boolean {
  const low = Math.max(0, ...theirs.filter(({ end }) => end <= own.start).map(({ end }) => end));
  const high = Math.min(
    from.length,
    ...theirs.filter(({ start }) => start >= own.end).map(({ start }) => start),
  );
  const stretch = from.slice(low, high);
  return LETTER.test(stretch) && isOnce(stretch, from) && isOnce(stretch, current);
}

function counted(counts: Map<string, number>, text: string, by: number): void {
  for (const word of text.match(WORDS) ?? []) counts.set(word, (counts.get(word) ?? 0) + by);
}

/** Whether a result has every word of `current` and the difference that the step makes, and no other. */
function isExact(result: string, from: string, to: string, current: string): boolean {
  const counts = new Map<string, number>();
  counted(counts, result, 1);
  counted(counts, from, 1);
  counted(counts, current, -1);
  counted(counts, to, -1);
  return [...counts.values()].every((count) => count === 0);
}

/** What the step that made `to` of `from` makes of `current`; undefined when that would be a guess. */
export function applyStep(from: string, to: string, current: string): string | undefined {
  if (current === from) return to;
  const theirs = wordHunks(from, current);
  const own = wordHunks(from, to);
  const isCertain = (hunk: Hunk) =>
    !theirs.some((other) => meet(hunk, other)) && isPlaced(hunk, theirs, from, current);
  if (!own.every(isCertain)) return undefined;
  // An insertion comes before what replaces the text after it.
  const all = [...own, ...theirs].sort((a, b) => a.start - b.start || a.end - b.end);
  const result = applied(from, { start: 0, end: from.length }, all);
  return isExact(result, from, to, current) ? result : undefined;
}
