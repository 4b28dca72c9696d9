/**
 * Two people changed one text: what both meant, where that can be said. Each side's changes are replacements of parts
 * of the common base. Those of different parts both count; text put in at the same place stands one after the other,
 * theirs first; text put into a part that the other side removed stays. Only when both put other text in place of the
 * same part is there a conflict. Pure.
 */
import { diffText, type Hunk } from './diff-text.ts';

/** From `start` up to, and without, `end`. */
interface Stretch {
  start: number;
  end: number;
}

/** Hunks of both sides that touch the same part of the base. */
interface Region extends Stretch {
  mine: Hunk[];
  theirs: Hunk[];
}

const isInsertion = ({ start, end }: Stretch) => start === end;

/** Two insertions at one place do not overlap: they stand side by side. Nor does one at the border of a replaced part. */
function overlaps(region: Region, hunk: Hunk): boolean {
  if (isInsertion(region) && isInsertion(hunk)) return false;
  return region.start < hunk.end && hunk.start < region.end;
}

function regionsOf(mine: Hunk[], theirs: Hunk[]): Region[] {
  const all = [
    ...theirs.map((hunk) => ({ hunk, side: 'theirs' as const })),
    ...mine.map((hunk) => ({ hunk, side: 'mine' as const })),
  ];
  // Theirs first at the same place; what is put in at a place comes before what replaces the part after it.
  all.sort(
    (a, b) => a.hunk.start - b.hunk.start || Number(!isInsertion(a.hunk)) - Number(!isInsertion(b.hunk)),
  );
  const regions: Region[] = [];
  for (const { hunk, side } of all) {
    const last = regions.at(-1);
    if (last && overlaps(last, hunk)) {
      last.end = Math.max(last.end, hunk.end);
      last[side].push(hunk);
    } else {
      const region: Region = { start: hunk.start, end: hunk.end, mine: [], theirs: [] };
      region[side].push(hunk);
      regions.push(region);
    }
  }
  return regions;
}

/** A part of a text after changes within it, which are in order and apart from one another. */
export function applied(text: string, { start, end }: Stretch, hunks: readonly Hunk[]): string {
  let result = '';
  let at = start;
  for (const hunk of hunks) {
    result += text.slice(at, hunk.start) + hunk.text;
    at = hunk.end;
  }
  return result + text.slice(at, end);
}

function mergeRegion(base: string, region: Region): string | undefined {
  const { mine, theirs } = region;
  const [own, other] = [applied(base, region, mine), applied(base, region, theirs)];
  if (theirs.length === 0 || own === other) return own;
  if (mine.length === 0) return other;
  const typed = mine.map(({ text }) => text).join('');
  const received = theirs.map(({ text }) => text).join('');
  if (typed !== '' && received !== '') {
    const sameRegion = (hunks: Hunk[]) =>
      hunks.length === 1 && hunks[0]!.start === region.start && hunks[0]!.end === region.end;
    // One side has only gone on typing what the other has already.
    if (sameRegion(mine) && sameRegion(theirs) && (own.startsWith(other) || other.startsWith(own)))
      return own.length > other.length ? own : other;
    return undefined;
  }
  return withoutRemoved(base, region);
}

/** One side only removed: what is left of the base after both, with the text that was put in. */
function withoutRemoved(base: string, { start, end, mine, theirs }: Region): string {
  const hunks = [...mine, ...theirs];
  let text = '';
  for (let at = start; at <= end; at++) {
    for (const hunk of hunks) if (hunk.start === at) text += hunk.text;
    if (at < end && !hunks.some((hunk) => hunk.start <= at && at < hunk.end)) text += base[at];
  }
  return text;
}

/** The merged text, or undefined when only a person can tell. */
export function mergeText(base: string, mine: string, theirs: string): string | undefined {
  if (mine === theirs || mine === base) return theirs;
  if (theirs === base) return mine;
  const regions = regionsOf(diffText(base, mine), diffText(base, theirs));
  let text = '';
  let at = 0;
  for (let i = 0; i < regions.length; i++) {
    const region = regions[i]!;
    text += base.slice(at, region.start);
    at = region.end;
    const next = regions[i + 1];
    if (next && isInsertion(region) && isInsertion(next) && region.start === next.start) {
      text += sideBySide(region, next);
      i += 1;
      continue;
    }
    const merged = mergeRegion(base, region);
    if (merged === undefined) return undefined;
    text += merged;
  }
  return text + base.slice(at);
}

/** The same text put in by both, or the beginning of it, was put in once: an answer got lost on the way. */
function sideBySide(a: Region, b: Region): string {
  const theirs = (a.theirs[0] ?? b.theirs[0])?.text ?? '';
  const mine = (a.mine[0] ?? b.mine[0])?.text ?? '';
  if (mine.startsWith(theirs)) return mine;
  return theirs.startsWith(mine) ? theirs : theirs + mine;
}
