/** One text that was several, or will be: where its parts lie now, though it was edited meanwhile. Pure. */

export interface Bounds {
  start: number;
  end: number;
}

/**
 * Cuts `current` where `bounds` lie in `base`, the text it was edited from. What stands between two parts is left out
 * while it is what it was; whatever else there is stays, so that no text is lost. `gaps` says what was left out.
 */
export function cutText(
  base: string,
  current: string,
  bounds: readonly Bounds[],
): { pieces: string[]; gaps: string[] } {
  const place = placesAfterEdit(base, current);
  const pieces: string[] = [];
  const gaps: string[] = [];
  let from = 0;
  for (const [i, { end }] of bounds.entries()) {
    const next = bounds[i + 1];
    if (!next) break;
    const gap = base.slice(end, next.start);
    const at = place(end, 'end');
    const kept = current.slice(at, place(next.start, 'start')) === gap;
    pieces.push(current.slice(from, at));
    gaps.push(kept ? gap : '');
    from = at + (kept ? gap.length : 0);
  }
  return { pieces: [...pieces, current.slice(from)], gaps };
}

/**
 * Where an offset of `base` lies in `current`: exact outside of what changed, at its beginning inside. What was typed
 * at the very end or start of a part belongs to that part.
 */
function placesAfterEdit(base: string, current: string): (offset: number, of: 'start' | 'end') => number {
  const shorter = Math.min(base.length, current.length);
  let head = 0;
  while (head < shorter && base[head] === current[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && base.at(-1 - tail) === current.at(-1 - tail)) tail += 1;
  return (offset, of) => {
    const inTail = offset >= base.length - tail;
    if (offset <= head && !(inTail && of === 'end')) return offset;
    return inTail ? offset + current.length - base.length : head;
  };
}

export function joinText(
  texts: readonly string[],
  gaps: readonly string[],
): { text: string; bounds: Bounds[] } {
  let text = '';
  const bounds = texts.map((each, i) => {
    const start = text.length;
    text += each + (gaps[i] ?? '');
    return { start, end: start + each.length };
  });
  return { text, bounds };
}

/** Two texts of one at `offset`; a line end there belongs to neither. */
export function splitBounds(text: string, offset: number): [Bounds, Bounds] {
  const at = Math.min(offset, text.length);
  if (at > 0 && text[at - 1] === '\n')
    return [
      { start: 0, end: at - 1 },
      { start: at, end: text.length },
    ];
  const start = text[at] === '\n' ? at + 1 : at;
  return [
    { start: 0, end: at },
    { start, end: text.length },
  ];
}
