/**
 * Texts that are cut from a larger one are views of it in V8 and keep all of it on the heap: one line of a file keeps the
 * 256 kB that were read with it. Where most of what is read is held that costs nothing; where little of it is, what is
 * held gets texts of its own.
 */
import { isPlainObject } from './plain-object.ts';

/** V8 copies what is shorter. */
const LEAST_VIEW = 13;
const MOST_PARTS = 4096;
/** What may be kept by views beyond twice what is held. */
const SLACK = 1 << 19;
/** What is read may be held about so many times over, as far as it is known to be held. */
const MOST_KEPT = 2;

let cut = 0;

/** A text of so many characters is cut into others. */
export function textIsCut(characters: number): void {
  cut += characters;
}

function ownString(text: string): string {
  // Joined by V8 into one new text; `+` would make a tree of views.
  return text.length < LEAST_VIEW ? text : [text.slice(0, 1), text.slice(1)].join('');
}

function fieldsOf(value: object): string[] {
  if (Array.isArray(value) || !isPlainObject(value)) return [];
  return Object.keys(value).filter((name) => Object.getOwnPropertyDescriptor(value, name)!.writable);
}

/**
 * The value with texts of its own. Arrays and plain objects stay the same, with other texts in them; what is frozen, in
 * a Map, a Set or a class of one's own, or one of very many parts stays as it is.
 */
export function withOwnText<T>(value: T): T {
  if (typeof value === 'string') return ownString(value) as T;
  if (typeof value !== 'object' || value === null) return value;
  const seen = new Set<object>([value]);
  const take = (part: unknown): void => {
    if (typeof part === 'object' && part !== null && seen.size < MOST_PARTS) seen.add(part);
  };
  // A Set goes on to what is added meanwhile.
  for (const part of seen) {
    if (Object.isFrozen(part)) continue;
    const fields = part as Record<string | number, unknown>;
    for (const name of Array.isArray(part) ? part.keys() : fieldsOf(part)) {
      const field = fields[name];
      if (typeof field === 'string') fields[name] = ownString(field);
      else take(field);
    }
  }
  return value;
}

/** Of one holder of rows: whether much more text was cut than it has taken in. */
export class TextCut {
  readonly #before = cut;
  #held = 0;

  /** `held`: the estimated bytes of all that it has taken in, whether or not that has left memory since. */
  isSparse(held: number): boolean {
    return cut - this.#before > MOST_KEPT * held + SLACK;
  }

  /** So many bytes more are taken in. */
  takes(bytes: number): boolean {
    this.#held += bytes;
    return this.isSparse(this.#held);
  }

  /** The rows that are taken in, with texts of their own where that is needed, in the same array. */
  keep(rows: unknown[], bytes: number): unknown[] {
    if (this.takes(bytes)) for (let i = 0; i < rows.length; i++) rows[i] = withOwnText(rows[i]);
    return rows;
  }
}
