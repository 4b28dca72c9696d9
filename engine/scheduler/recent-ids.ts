/**
 * The latest ids that were added, at least so many of them. Two generations instead of one set that loses its oldest:
 * in V8 finding the first entry of a set walks over all that were deleted before it, thousands at each step.
 */
export class RecentIds {
  readonly #remembered: number;
  #young = new Set<number>();
  #old = new Set<number>();

  constructor(remembered: number) {
    this.#remembered = remembered;
  }

  add(id: number): void {
    if (this.#young.size >= this.#remembered) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(id);
  }

  has(id: number): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }
}
