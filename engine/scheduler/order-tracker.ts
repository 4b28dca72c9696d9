/** Which datasets keep the order of their rows, and which are cached in an order that depended on memory. */
export class OrderTracker {
  readonly #kept = new Set<number>();
  /** Of those that are cached, these came in another order than they would come again. */
  readonly #disordered = new Set<number>();

  /** Shuffles of which outputs are in another order than they are to be made in. */
  readonly #unwanted = new Set<number>();

  get size(): number {
    return this.#kept.size + this.#disordered.size + this.#unwanted.size;
  }

  has(rddId: number): boolean {
    return this.#kept.has(rddId);
  }

  keep(rddId: number): void {
    this.#kept.add(rddId);
  }

  isDisordered(rddId: number): boolean {
    return this.#disordered.has(rddId);
  }

  cachedDisordered(rddId: number): void {
    this.#disordered.add(rddId);
  }

  /** Nothing of it is cached any more. */
  dropped(rddId: number): void {
    this.#disordered.delete(rddId);
  }

  get unwanted(): ReadonlySet<number> {
    return this.#unwanted;
  }

  /** Its outputs in another order are to be given up when a job would read them. */
  remake(shuffleId: number): void {
    this.#unwanted.add(shuffleId);
  }

  /** They are given up, or the shuffle is. */
  remade(shuffleId: number): void {
    this.#unwanted.delete(shuffleId);
  }

  forget(rddId: number): void {
    this.#kept.delete(rddId);
    this.#disordered.delete(rddId);
  }
}
