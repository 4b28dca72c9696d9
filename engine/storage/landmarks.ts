/**
 * Which objects were met before, of any number, in little memory: the first ones, the latest ones, and of those between
 * one in so many. Whoever goes round a cycle comes to one of these soon; what leads back one step, as a child to its parent,
 * is known at once. (Thinned like the distinguished points of van Oorschot and Wiener, J. Cryptology 12, 1999.)
 */

/** As many of the latest are all known. */
const WINDOW = 4096;
/** Of those between. */
const MOST = 4096;

/** Objects that are as many steps away, and for how many each stands. */
export interface Level {
  objects: object[];
  weights: number[];
}

export class Landmarks {
  readonly #first: ReadonlySet<object>;
  #latest = new Set<object>();
  #before = new Set<object>();
  #kept: Set<object>;
  /** One in so many is kept. */
  #interval = 1;
  #left = 1;

  constructor(first: ReadonlySet<object>) {
    this.#first = first;
    this.#kept = new Set(first);
  }

  /** Of the parts of a level those that are not known to have been met. */
  unmet(level: Level, parts: Level): Level {
    // A chain leads back to what was met long ago, if at all.
    if (level.objects.length === 1 && parts.objects.length === 1) {
      const part = parts.objects[0]!;
      if (this.#kept.has(part)) return { objects: [], weights: [] };
      this.#count(part);
      return parts;
    }
    const unmet: Level = { objects: [], weights: [] };
    for (let i = 0; i < parts.objects.length; i++) {
      const part = parts.objects[i]!;
      if (!this.#isNew(part)) continue;
      unmet.objects.push(part);
      unmet.weights.push(parts.weights[i]!);
    }
    return unmet;
  }

  #isNew(object: object): boolean {
    const latest = this.#latest;
    const { size } = latest;
    latest.add(object);
    if (latest.size === size || this.#before.has(object) || this.#kept.has(object)) return false;
    this.#count(object);
    if (size >= WINDOW) {
      this.#before = latest;
      this.#latest = new Set();
    }
    return true;
  }

  #count(object: object): void {
    if (--this.#left > 0) return;
    this.#left = this.#interval;
    this.#kept.add(object);
    if (this.#kept.size < this.#first.size + MOST) return;
    const thinned = new Set(this.#first);
    let i = 0;
    for (const one of this.#kept) if (this.#first.has(one) || (i++ & 1) === 0) thinned.add(one);
    this.#kept = thinned;
    this.#interval *= 2;
    this.#left = this.#interval;
  }
}
