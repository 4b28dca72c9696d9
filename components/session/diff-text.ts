/** What turns one text into another, as small replacements: words and signs, and single characters at their ends. */
import { diffIndices } from 'node-diff3';

/** Characters `start` to `end` of the old text become `text`. */
export interface Hunk {
  start: number;
  end: number;
  text: string;
}

/** Tokens compared with one another at most; longer differences are compared by lines, then as a whole. */
const MOST_TOKENS = 2_000;

const WORDS = /\r?\n|[\p{L}\p{N}_$]+|[^\S\n]+|[\s\S]/gu;
const LINES = /[^\n]*\n|[^\n]+$/g;

const isPairAt = (text: string, at: number) =>
  /[\uD800-\uDBFF]/.test(text[at - 1] ?? '') && /[\uDC00-\uDFFF]/.test(text[at] ?? '');

/** Without what both begin and end with; a surrogate pair is never cut in two. */
function trimmed(hunk: Hunk, old: string): Hunk {
  let { start, end, text } = hunk;
  let same = 0;
  const most = Math.min(end - start, text.length);
  while (same < most && old[start + same] === text[same]) same += 1;
  if (isPairAt(old, start + same) || isPairAt(text, same)) same -= 1;
  start += same;
  text = text.slice(same);
  let tail = 0;
  const rest = Math.min(end - start, text.length);
  while (tail < rest && old[end - 1 - tail] === text[text.length - 1 - tail]) tail += 1;
  if (tail > 0 && (isPairAt(old, end - tail) || isPairAt(text, text.length - tail))) tail -= 1;
  end -= tail;
  const part = { start, end, text: text.slice(0, text.length - tail) };
  return part.start === part.end ? atLineStart(part, old) : part;
}

/** A line put in between others reads as whole line, not as the end of one and the beginning of the next. */
function atLineStart(insertion: Hunk, old: string): Hunk {
  const { start, text } = insertion;
  if (!text.includes('\n') || text.endsWith('\n')) return insertion;
  const shift = text.indexOf('\n') + 1;
  if (old.slice(start, start + shift) !== text.slice(0, shift)) return insertion;
  return { start: start + shift, end: start + shift, text: text.slice(shift) + text.slice(0, shift) };
}

export function diffText(old: string, text: string): Hunk[] {
  if (old === text) return [];
  return refined({ start: 0, end: old.length, text }, old, LINES).flatMap((hunk) =>
    refined(hunk, old, WORDS),
  );
}

/** Splits a replacement by its tokens, where that says more than the whole. */
function refined(whole: Hunk, old: string, tokens: RegExp): Hunk[] {
  const hunk = trimmed(whole, old);
  const { start, end, text } = hunk;
  if (start === end || text === '') return [hunk];
  const [before, after] = [old.slice(start, end).match(tokens) ?? [], text.match(tokens) ?? []];
  if (before.length > MOST_TOKENS || after.length > MOST_TOKENS) return [hunk];
  const offsets = [start];
  for (const token of before) offsets.push(offsets.at(-1)! + token.length);
  return diffIndices(before, after)
    .map(({ buffer1: [at, length], buffer2Content }) => ({
      start: offsets[at]!,
      end: offsets[at + length]!,
      text: buffer2Content.join(''),
    }))
    .flatMap((part) => around(trimmed(part, old), old))
    .filter((part) => part.start < part.end || part.text !== '');
}

/** Text put before and after what stays is two insertions, also within one word. */
function around(hunk: Hunk, old: string): Hunk[] {
  const { start, end, text } = hunk;
  const kept = old.slice(start, end);
  const at = kept === '' ? -1 : text.indexOf(kept);
  if (at < 0) return [hunk];
  return [
    { start, end: start, text: text.slice(0, at) },
    { start: end, end, text: text.slice(at + kept.length) },
  ];
}

/** How much of both texts differs, in characters. */
export function distance(old: string, text: string): number {
  return diffText(old, text).reduce((sum, hunk) => sum + hunk.end - hunk.start + hunk.text.length, 0);
}
