/**
 * Two texts that began as one, merged line by line. Where both changed the same place differently, both stay, between
 * the marks that git writes. Pure.
 */

/** Work beyond which texts count as changed throughout. */
const MAX_STEPS = 4_000_000;

interface Hunk {
  /** Lines of the base that are replaced, end exclusive. */
  from: number;
  to: number;
  lines: readonly string[];
}

/** The places where `next` differs from `base`; undefined when finding them takes too long. */
function diff(base: readonly string[], next: readonly string[]): Hunk[] | undefined {
  let start = 0;
  while (start < base.length && start < next.length && base[start] === next[start]) start++;
  let [a, b] = [base.length, next.length];
  while (a > start && b > start && base[a - 1] === next[b - 1]) [a, b] = [a - 1, b - 1];
  const [height, width] = [a - start, b - start];
  if (height * width > MAX_STEPS) return undefined;
  // The longest common subsequence of what differs: lengths[i][j] is that of the rests from i and j.
  const row = width + 1;
  const lengths = new Uint32Array((height + 1) * row);
  for (let i = height - 1; i >= 0; i--) {
    for (let j = width - 1; j >= 0; j--) {
      lengths[i * row + j] =
        base[start + i] === next[start + j]
          ? lengths[(i + 1) * row + j + 1]! + 1
          : Math.max(lengths[(i + 1) * row + j]!, lengths[i * row + j + 1]!);
    }
  }
  const hunks: Hunk[] = [];
  let [i, j] = [0, 0];
  while (i < height || j < width) {
    const [fromBase, fromNext] = [i, j];
    while ((i < height || j < width) && !(i < height && j < width && base[start + i] === next[start + j])) {
      if (j >= width || (i < height && lengths[(i + 1) * row + j]! >= lengths[i * row + j + 1]!)) i++;
      else j++;
    }
    if (i > fromBase || j > fromNext)
      hunks.push({ from: start + fromBase, to: start + i, lines: next.slice(start + fromNext, start + j) });
    while (i < height && j < width && base[start + i] === next[start + j]) [i, j] = [i + 1, j + 1];
  }
  return hunks;
}

/** Hunks of both sides that overlap or touch, as one: changes of neighbouring lines often belong together. */
interface Region {
  from: number;
  to: number;
  mine: Hunk[];
  theirs: Hunk[];
}

function regionsOf(mine: readonly Hunk[], theirs: readonly Hunk[]): Region[] {
  const all = [
    ...mine.map((hunk) => ({ hunk, side: 'mine' as const })),
    ...theirs.map((hunk) => ({ hunk, side: 'theirs' as const })),
  ].sort((a, b) => a.hunk.from - b.hunk.from || a.hunk.to - b.hunk.to);
  const regions: Region[] = [];
  for (const { hunk, side } of all) {
    let region = regions.at(-1);
    if (!region || hunk.from > region.to) {
      region = { from: hunk.from, to: hunk.to, mine: [], theirs: [] };
      regions.push(region);
    }
    region.to = Math.max(region.to, hunk.to);
    region[side].push(hunk);
  }
  return regions;
}

/** The lines of a region as one side has them. */
function linesOf(base: readonly string[], { from, to }: Region, hunks: readonly Hunk[]): string[] {
  const lines: string[] = [];
  let at = from;
  for (const hunk of hunks) {
    lines.push(...base.slice(at, hunk.from), ...hunk.lines);
    at = hunk.to;
  }
  return [...lines, ...base.slice(at, to)];
}

export interface MergedText {
  text: string;
  /** Places where both sides are kept between marks. */
  conflicts: number;
}

export interface SideNames {
  mine: string;
  theirs: string;
}

function marked(mine: readonly string[], theirs: readonly string[], names: SideNames): string[] {
  return [`<<<<<<< ${names.mine}`, ...mine, '=======', ...theirs, `>>>>>>> ${names.theirs}`];
}

export function mergeLines(base: string, mine: string, theirs: string, names: SideNames): MergedText {
  const [lines, ownLines, otherLines] = [base, mine, theirs].map((text) => text.split('\n')) as [
    string[],
    string[],
    string[],
  ];
  const [own, other] = [diff(lines, ownLines), diff(lines, otherLines)];
  if (!own || !other) return { text: marked(ownLines, otherLines, names).join('\n'), conflicts: 1 };
  const merged: string[] = [];
  let at = 0;
  let conflicts = 0;
  for (const region of regionsOf(own, other)) {
    merged.push(...lines.slice(at, region.from));
    at = region.to;
    const [left, right] = [linesOf(lines, region, region.mine), linesOf(lines, region, region.theirs)];
    if (region.theirs.length === 0 || left.join('\n') === right.join('\n')) merged.push(...left);
    else if (region.mine.length === 0) merged.push(...right);
    else {
      conflicts += 1;
      merged.push(...marked(left, right, names));
    }
  }
  merged.push(...lines.slice(at));
  return { text: merged.join('\n'), conflicts };
}
