/** Tells objects that are met for the first time from those that were met before, by number, and what they take. */

/** Objects of the first table. */
const FEW = 1 << 15;
/** Later ones are made for this share of all before, so that none has to be made anew for many more than it holds. */
const SHARE = 1 / 4;
/** Objects that were met one after the other. */
class Met {
  readonly base: number;
  readonly most: number;
  readonly #objects = new Set<object>();
  /** Once one of them was met again. */
  #numbers: Map<object, number> | undefined;

  constructor(base: number, most: number) {
    this.base = base;
    this.most = most;
  }

  get size(): number {
    return this.#numbers?.size ?? this.#objects.size;
  }

  has(object: object): boolean {
    return (this.#numbers ?? this.#objects).has(object);
  }

  /** False when it is there. */
  add(object: object): boolean {
    const { size } = this;
    if (this.#numbers === undefined) this.#objects.add(object);
    else if (!this.#numbers.has(object)) this.#numbers.set(object, this.base + size);
    return this.size > size;
  }

  numberOf(object: object): number {
    if (this.#numbers === undefined) {
      this.#numbers = new Map();
      for (const one of this.#objects) this.#numbers.set(one, this.base + this.#numbers.size);
      this.#objects.clear();
    }
    return this.#numbers.get(object)!;
  }
}

export class MetObjects {
  readonly #full: Met[] = [];
  #latest = new Met(0, FEW);
  readonly #again = new Set<number>();
  readonly #onMany: () => void;

  /** `onMany` is called whenever many more were met. */
  constructor(onMany: () => void) {
    this.#onMany = onMany;
  }

  get size(): number {
    return this.#latest.base + this.#latest.size;
  }

  /** The number of an object that was met before; −1 for another, which gets the next number. */
  take(object: object): number {
    for (let i = 0; i < this.#full.length; i++) {
      const met = this.#full[i]!;
      if (met.has(object)) return this.#metAgain(met, object);
    }
    if (!this.#latest.add(object)) return this.#metAgain(this.#latest, object);
    if (this.#latest.size === this.#latest.most) this.#goOn();
    return -1;
  }

  #metAgain(met: Met, object: object): number {
    const number = met.numberOf(object);
    this.#again.add(number);
    return number;
  }

  #goOn(): void {
    const { size } = this;
    // A Set has a power of two of places.
    const most = Math.max(FEW, 2 ** Math.floor(Math.log2(size * SHARE)));
    this.#onMany();
    this.#full.push(this.#latest);
    this.#latest = new Met(size, most);
  }

  /** The numbers of those that were met more than once, in ascending order. */
  again(): number[] {
    return [...this.#again].sort((a, b) => a - b);
  }
}
