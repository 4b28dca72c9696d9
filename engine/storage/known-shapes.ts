/**
 * The names that sampled records have, in their order, as far as they were seen before: V8 keeps a hidden class for each
 * beginning of such a list. What rows share costs once; records used as maps, each with names that no other has, cost
 * several times their fields.
 */

/** A class and its part of the descriptors: measured, 50 to 140 with the number of names and the way they were set. */
const CLASS_BYTES = 80;
/** Where a list leaves all known ones, once: descriptors of its own, a place among the transitions. */
const FORK_BYTES = 48;
const TEXT_BYTES = 24;
/** Of longer lists the last one of each length is not kept to be compared with. */
const COMPARED_NAMES = 256;
/** Of tables as many names, evenly spread, stand for all. */
const SAMPLED_NAMES = 256;
const PLACE_BITS = 15;
/** Nested records have lists of their own. */
const BASE_LISTS = 8;
const BASE_NAMES = 256;

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export class KnownShapes {
  /** By number of names: the latest record's. Rows of one shape are found here. */
  readonly #latest: (readonly string[] | undefined)[] = [];
  /** The first lists, which are nobody's own: what rows share costs next to nothing. */
  readonly #base: (readonly string[])[] = [];
  #baseNames = 0;
  /** Hashes of names and of lists of names, each in its place until another takes it: old ones are forgotten. */
  #places: Uint32Array | undefined;

  /** What an object of a hidden class adds besides its fields: classes and names that no earlier one has. */
  classBytes(names: readonly string[]): number {
    if (this.#isLatest(names) || this.#isBase(names)) return 0;
    const bytes = this.#enter(names);
    return bytes === 0 ? 0 : bytes + FORK_BYTES;
  }

  /** What a table adds besides its places: names that no earlier object has. */
  nameBytes(names: readonly string[]): number {
    if (this.#isLatest(names) || this.#isBase(names)) return 0;
    const sampled = Math.min(names.length, SAMPLED_NAMES);
    let bytes = 0;
    for (let i = 0; i < sampled; i++) {
      const name = names[Math.floor((i * names.length) / sampled)]!;
      if (this.#isNew(hashText(name))) bytes += TEXT_BYTES + name.length;
    }
    return (bytes / sampled) * names.length;
  }

  #isLatest(names: readonly string[]): boolean {
    const { length } = names;
    if (length === 0) return true;
    const latest = this.#latest[length];
    return latest !== undefined && sameNames(latest, names);
  }

  #isBase(names: readonly string[]): boolean {
    if (names.length <= COMPARED_NAMES) this.#latest[names.length] = names;
    if (this.#places === undefined) {
      this.#baseNames += names.length;
      if (this.#baseNames <= BASE_NAMES && this.#base.push(names) <= BASE_LISTS) return true;
      this.#places = new Uint32Array(1 << PLACE_BITS);
      for (const list of this.#base) this.#enter(list);
    }
    return false;
  }

  #enter(names: readonly string[]): number {
    let bytes = 0;
    let list = 1;
    for (const name of names) {
      const hash = hashText(name);
      list = Math.imul(list ^ hash, 0x9e3779b1);
      list ^= list >>> 13;
      if (this.#isNew(hash)) bytes += TEXT_BYTES + name.length;
      if (this.#isNew(list)) bytes += CLASS_BYTES;
    }
    return bytes;
  }

  #isNew(hash: number): boolean {
    const places = this.#places!;
    const kept = (hash | 1) >>> 0;
    const place = kept >>> (32 - PLACE_BITS);
    if (places[place] === kept) return false;
    places[place] = kept;
    return true;
  }
}
