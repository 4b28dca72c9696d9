/** What `rdd.barrier()` gives: operators whose tasks start together and can wait for one another. */
import * as narrow from './narrow-operators.ts';
import type { RDD, Row, Rows } from './rdd.ts';

export class RDDBarrier<T> {
  readonly #rdd: RDD<T>;

  constructor(rdd: RDD<T>) {
    this.#rdd = rdd;
  }

  /**
   * What `fn` returns for all rows of a partition, with all partitions computed at the same time: as many executors as
   * partitions are needed. `BarrierTaskContext.get()` in `fn` lets the tasks meet. When one fails, all run again.
   */
  mapPartitions<U extends Row>(fn: (rows: Iterable<T>) => Rows<U>, preservesPartitioning = false): RDD<U> {
    return narrow.mapPartitions(this.#rdd, 'mapPartitions', fn, preservesPartitioning, true);
  }

  /** As mapPartitions, with the number of the partition. */
  mapPartitionsWithIndex<U extends Row>(
    fn: (index: number, rows: Iterable<T>) => Rows<U>,
    preservesPartitioning = false,
  ): RDD<U> {
    return narrow.mapPartitions(this.#rdd, 'mapPartitionsWithIndex', fn, preservesPartitioning, true);
  }
}
