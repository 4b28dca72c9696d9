/** Which datasets keep the order of their rows, and which are cached in an order that depended on memory. */
export class OrderTracker {
  readonly #kept = new Set<number>();
  /** Of those that are cached, these came in another order than they would come again. */
  readonly #disordered = new Set<number>();

  /** Map stages that hold outputs in another order than they are to be made in, which jobs still read. */
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

  /** What a stage holds in another order is to be given up when nobody reads it. */
  remake(stageId: number): void {
    this.#unwanted.add(stageId);
  }

  /** It is given up, or the stage is. */
  remade(stageId: number): void {
    this.#unwanted.delete(stageId);
  }

  forget(rddId: number): void {
    this.#kept.delete(rddId);
    this.#disordered.delete(rddId);
  }
}
