/**
 * Numbers keys in the order they first occur: the table under combiners.
 *
 * Strings and numbers live in open-addressed tables of typed arrays (about twice as fast as a Map for strings cut
 * fresh from text: their hash is never asked of V8, and a stored hash rules out nearly every other string unseen).
 * Other keys go through a Map by their canonical form.
 */
import { inOnePiece, keyToMapKey } from '../storage/key-encoding.ts';

const FIRST_CAPACITY = 1 << 8;

const f64 = new Float64Array(1);
const words = new Int32Array(f64.buffer);

function stringHash(text: string): number {
  let h = text.length;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}

function numberHash(value: number): number {
  let h = value | 0;
  if (h !== value) {
    f64[0] = value;
    h = words[0]! ^ Math.imul(words[1]!, 0x85ebca6b);
  }
  h = Math.imul(h ^ (h >>> 16), 0x9e3779b1);
  return h ^ (h >>> 15);
}

export class KeyIndex {
  /** The keys by number; each is the first that occurred of those equal to it. */
  readonly keys: unknown[] = [];
  /** Per place: hash, key number + 1 (0: free). */
  private strings = new Int32Array(FIRST_CAPACITY * 2);
  private stringCount = 0;
  /** Per place: key number + 1 (0: free); beside it the key. */
  private numbers = new Int32Array(FIRST_CAPACITY);
  private numberKeys = new Float64Array(FIRST_CAPACITY);
  private numberCount = 0;
  private readonly others = new Map<unknown, number>();

  get size(): number {
    return this.keys.length;
  }

  /** The number of the key, which is `size` as it was before when the key is new. */
  add(key: unknown): number {
    if (typeof key === 'string') return this.addString(key);
    if (typeof key === 'number' && !Number.isNaN(key)) return this.addNumber(key);
    const place = keyToMapKey(key);
    const known = this.others.get(place);
    if (known !== undefined) return known;
    const at = this.keys.push(key) - 1;
    this.others.set(inOnePiece(place), at);
    return at;
  }

  private addString(key: string): number {
    const hash = stringHash(key);
    const table = this.strings;
    const mask = table.length - 2;
    let place = (hash << 1) & mask;
    for (; ; place = (place + 2) & mask) {
      const at = table[place + 1]! - 1;
      if (at < 0) break;
      if (table[place] === hash && this.keys[at] === key) return at;
    }
    const at = this.keys.push(key) - 1;
    table[place] = hash;
    table[place + 1] = at + 1;
    if (++this.stringCount * 4 > table.length) this.growStrings();
    return at;
  }

  private addNumber(key: number): number {
    const table = this.numbers;
    const mask = table.length - 1;
    let place = numberHash(key) & mask;
    for (; ; place = (place + 1) & mask) {
      const at = table[place]! - 1;
      if (at < 0) break;
      if (this.numberKeys[place] === key) return at;
    }
    const at = this.keys.push(key) - 1;
    table[place] = at + 1;
    this.numberKeys[place] = key;
    if (++this.numberCount * 2 > table.length) this.growNumbers();
    return at;
  }

  private growStrings(): void {
    const old = this.strings;
    const table = new Int32Array(old.length * 2);
    const mask = table.length - 2;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue;
      let place = (old[i]! << 1) & mask;
      while (table[place + 1] !== 0) place = (place + 2) & mask;
      table[place] = old[i]!;
      table[place + 1] = old[i + 1]!;
    }
    this.strings = table;
  }

  private growNumbers(): void {
    const { numbers: old, numberKeys: oldKeys } = this;
    const table = new Int32Array(old.length * 2);
    const tableKeys = new Float64Array(table.length);
    const mask = table.length - 1;
    for (let i = 0; i < old.length; i++) {
      if (old[i] === 0) continue;
      let place = numberHash(oldKeys[i]!) & mask;
      while (table[place] !== 0) place = (place + 1) & mask;
      table[place] = old[i]!;
      tableKeys[place] = oldKeys[i]!;
    }
    this.numbers = table;
    this.numberKeys = tableKeys;
  }
}
