/**
 * Roll-backs are counted. A task set carries the count at its submission, its epoch, and with it all that its tasks cache:
 * a partition of an RDD whose input was rolled back later is of rows that no longer exist, whatever has become of the
 * stage and of its job meanwhile.
 */
export class InputEpochs {
  /** Of task sets submitted now. */
  current = 0;
  /** By RDD: the first epoch whose tasks read what its input is now; absent while it was never rolled back. */
  readonly #since = new Map<number, number>();

  get size(): number {
    return this.#since.size;
  }

  /** The input of these RDDs was recomputed with other rows. */
  rollBack(rddIds: Iterable<number>): void {
    this.current++;
    for (const rddId of rddIds) this.#since.set(rddId, this.current);
  }

  /** True when tasks of this epoch computed the RDD from rows that no longer exist. */
  isStale(rddId: number, epoch: number): boolean {
    return epoch < (this.#since.get(rddId) ?? 0);
  }

  forget(rddId: number): void {
    this.#since.delete(rddId);
  }
}
