/** Which datasets keep the order of their rows, and which are cached in an order that depended on memory. */
export class OrderTracker {
  readonly #kept = new Set<number>();
  /** Of those that are cached, these came in another order than they would come again. */
  readonly #disordered = new Set<number>();

  get size(): number {
    return this.#kept.size + this.#disordered.size;
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

  forget(rddId: number): void {
    this.#kept.delete(rddId);
    this.#disordered.delete(rddId);
  }
}
