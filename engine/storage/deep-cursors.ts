/** Where one is in nested objects: a list in place of calls, innermost last. Its numbers lie outside the heap. */

const FIRST = 64;

export class DeepCursors {
  /** −1: there is none. */
  depth = -1;
  #holders: unknown[] = [];
  #numbers = new Int32Array(4 * FIRST);

  /** The object whose parts one is at. */
  get holder(): unknown {
    return this.#holders[this.depth];
  }

  /** The part that is next. */
  get at(): number {
    return this.#numbers[4 * this.depth]!;
  }

  set at(at: number) {
    this.#numbers[4 * this.depth] = at;
  }

  /** Behind the last part. */
  get end(): number {
    return this.#numbers[4 * this.depth + 1]!;
  }

  /** What its user wants to know of the object. */
  get extra(): number {
    return this.#numbers[4 * this.depth + 2]!;
  }

  get level(): number {
    return this.#numbers[4 * this.depth + 3]!;
  }

  push(holder: unknown, end: number, extra: number, level: number): void {
    this.depth++;
    const at = 4 * this.depth;
    if (at === this.#numbers.length) {
      const more = new Int32Array(2 * at);
      more.set(this.#numbers);
      this.#numbers = more;
    }
    this.#holders[this.depth] = holder;
    this.#numbers[at] = 0;
    this.#numbers[at + 1] = end;
    this.#numbers[at + 2] = extra;
    this.#numbers[at + 3] = level;
  }

  pop(): void {
    this.#holders[this.depth] = undefined;
    this.depth--;
  }
}
