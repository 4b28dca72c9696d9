/** The actions of a dataset: each submits a job at once and returns a promise of its result. */
import * as actions from './actions.ts';
import * as approximate from './approximate-actions.ts';
import { requireOptions } from './argument.ts';
import type { BoundedDouble } from './bounded-double.ts';
import type { ParquetCompression } from './file-format.ts';
import { FutureAction } from './future-action.ts';
import { currentScope, runInScope } from './job-scope.ts';
import { LineageNode } from './lineage-node.ts';
import * as numeric from './numeric-actions.ts';
import * as pairActions from './pair-actions.ts';
import type { PartialResult } from './partial-result.ts';
import type { Comparator, RDD } from './rdd.ts';
import * as sampling from './sampling.ts';
import { type SaveOptions, saveAs } from './save-files.ts';
import type { StatCounter } from './stat-counter.ts';
import * as tree from './tree-actions.ts';

export abstract class RddActions<T> extends LineageNode {
  // ------------------------------------------------------------------ rows

  /** All rows in the driver, in order of the partitions. */
  collect(this: RDD<T>): Promise<T[]> {
    return actions.collect(this);
  }

  /** As collect, in a job of this group; see `sc.withJobGroup` for other actions. */
  collectWithJobGroup(this: RDD<T>, groupId: string, description?: string): Promise<T[]> {
    return runInScope({ ...currentScope(), groupId, description }, () => actions.collect(this));
  }

  /** How many rows there are. */
  count(this: RDD<T>): Promise<number> {
    return actions.count(this);
  }

  /** The first row; an error named EMPTY_COLLECTION when there is none. */
  first(this: RDD<T>): Promise<T> {
    return actions.first(this);
  }

  /** The first `n` rows, computing no more partitions than it takes. */
  take(this: RDD<T>, n: number): Promise<T[]> {
    return actions.take(this, n);
  }

  /** The `n` smallest rows in order, by natural order or by `comparator`. */
  takeOrdered(this: RDD<T>, n: number, comparator?: Comparator<T>): Promise<T[]> {
    return actions.takeOrdered(this, 'takeOrdered', n, comparator);
  }

  /** The `n` largest rows, largest first. */
  top(this: RDD<T>, n: number, comparator?: Comparator<T>): Promise<T[]> {
    return actions.takeOrdered(this, 'top', n, comparator);
  }

  /** Whether there is no row; computes no more partitions than it takes to find one. */
  isEmpty(this: RDD<T>): Promise<boolean> {
    return actions.isEmpty(this);
  }

  /** `num` random rows in random order, all of them when there are fewer; counts in a job of its own first. */
  takeSample(this: RDD<T>, withReplacement: boolean, num: number, seed?: number): Promise<T[]> {
    return sampling.takeSample(this, withReplacement, num, seed);
  }

  /** Row by row in the driver, one partition at a time. */
  toLocalIterator(this: RDD<T>): AsyncGenerator<T, void, undefined> {
    return actions.toLocalIterator(this);
  }

  // ------------------------------------------------------------------ folding

  /** One value from all, by an associative and commutative `fn`. */
  reduce(this: RDD<T>, fn: (a: T, b: T) => T | Promise<T>): Promise<T> {
    return actions.reduce(this, fn);
  }

  /** As reduce, from a zero value that every partition, and the final merge, starts with. */
  fold(this: RDD<T>, zero: T, fn: (a: T, b: T) => T | Promise<T>): Promise<T> {
    return actions.aggregate(this, 'fold', zero, fn, fn);
  }

  /** One result from all rows: `seqOp` adds a row to a copy of `zero`, `combOp` merges two results. */
  aggregate<U>(
    this: RDD<T>,
    zero: U,
    seqOp: (accumulator: U, value: T) => U | Promise<U>,
    combOp: (a: U, b: U) => U | Promise<U>,
  ): Promise<U> {
    return actions.aggregate(this, 'aggregate', zero, seqOp, combOp);
  }

  /** As reduce, merged in stages of fewer and fewer partitions before the driver: for many partitions or large values. */
  treeReduce(this: RDD<T>, fn: (a: T, b: T) => T | Promise<T>, depth = 2): Promise<T> {
    return tree.treeReduce(this, fn, depth);
  }

  /** As aggregate, merged in stages; see treeReduce. */
  treeAggregate<U>(
    this: RDD<T>,
    zero: U,
    seqOp: (accumulator: U, value: T) => U | Promise<U>,
    combOp: (a: U, b: U) => U | Promise<U>,
    depth = 2,
  ): Promise<U> {
    return tree.treeAggregate(this, zero, seqOp, combOp, depth);
  }

  /** The largest row, by natural order or by `comparator`. */
  max(this: RDD<T>, comparator?: Comparator<T>): Promise<T> {
    return actions.extreme(this, 'max', comparator);
  }

  /** The smallest row, by natural order or by `comparator`. */
  min(this: RDD<T>, comparator?: Comparator<T>): Promise<T> {
    return actions.extreme(this, 'min', comparator);
  }

  // ------------------------------------------------------------------ effects

  /** Calls `fn` with every row, on the executors. */
  foreach(this: RDD<T>, fn: (value: T) => unknown): Promise<void> {
    return actions.foreach(this, fn);
  }

  /** Calls `fn` with all rows of each partition, on the executors. */
  foreachPartition(this: RDD<T>, fn: (rows: Iterable<T>) => unknown): Promise<void> {
    return actions.foreachPartition(this, fn);
  }

  /**
   * One `part-` file of lines per partition in a new directory, and `_SUCCESS`: all of it appears at once, or nothing.
   * A directory that exists is an error named OUTPUT_EXISTS. Read it with `sc.textFile`.
   */
  async saveAsTextFile(this: RDD<T>, directory: string, options: SaveOptions = {}): Promise<void> {
    const { compression } = requireOptions(options, 'saveAsTextFile');
    return saveAs(this, 'saveAsTextFile', directory, { kind: 'text', compression });
  }

  /** As saveAsTextFile, each row as a line of JSON; what JSON cannot say is ROW_NOT_JSON. Read it with `sc.jsonFile`. */
  async saveAsJsonFile(this: RDD<T>, directory: string, options: SaveOptions = {}): Promise<void> {
    const { compression } = requireOptions(options, 'saveAsJsonFile');
    return saveAs(this, 'saveAsJsonFile', directory, { kind: 'json', compression });
  }

  /** As saveAsTextFile, in compact checksummed files that keep every kind of row exactly. Read it with `sc.objectFile`. */
  saveAsObjectFile(this: RDD<T>, directory: string): Promise<void> {
    return saveAs(this, 'saveAsObjectFile', directory, { kind: 'object' });
  }

  /**
   * As saveAsTextFile, records as Parquet files that other tools read; pages compressed by `snappy` unless said otherwise.
   * Columns and types are found from the rows of each file: numbers are DOUBLE, bigints INT64, dates TIMESTAMP(ms, UTC).
   * What has no type is PARQUET_TYPE. Read it with `sc.parquetFile`.
   */
  async saveAsParquetFile(
    this: RDD<T>,
    directory: string,
    options: { compression?: ParquetCompression } = {},
  ): Promise<void> {
    const { compression = 'snappy' } = requireOptions(options, 'saveAsParquetFile');
    return saveAs(this, 'saveAsParquetFile', directory, { kind: 'parquet', compression });
  }

  // ------------------------------------------------------------------ actions that can be cancelled by themselves

  /** As collect, at once: a promise that can cancel its job. */
  collectAsync(this: RDD<T>): FutureAction<T[]> {
    return new FutureAction(() => actions.collect(this));
  }

  /** As count, at once: a promise that can cancel its job. */
  countAsync(this: RDD<T>): FutureAction<number> {
    return new FutureAction(() => actions.count(this));
  }

  /** As take, at once: a promise that can cancel its jobs. */
  takeAsync(this: RDD<T>, n: number): FutureAction<T[]> {
    return new FutureAction(() => actions.take(this, n));
  }

  /** As foreach, at once: a promise that can cancel its job. */
  foreachAsync(this: RDD<T>, fn: (value: T) => unknown): FutureAction<void> {
    return new FutureAction(() => actions.foreach(this, fn));
  }

  /** As foreachPartition, at once: a promise that can cancel its job. */
  foreachPartitionAsync(this: RDD<T>, fn: (rows: Iterable<T>) => unknown): FutureAction<void> {
    return new FutureAction(() => actions.foreachPartition(this, fn));
  }

  // ------------------------------------------------------------------ counting and pairs

  /** How often each value occurs. */
  countByValue(this: RDD<T>): Promise<Map<T, number>> {
    return pairActions.countByValue(this);
  }

  /** About how many different values there are, with the given relative standard deviation, by HyperLogLog. */
  countApproxDistinct(this: RDD<T>, relativeSD = 0.05): Promise<number> {
    return pairActions.countApproxDistinct(this, relativeSD);
  }

  /** How many pairs each key has, as a Map in the driver. */
  countByKey<K, V>(this: RDD<[K, V]>): Promise<Map<K, number>> {
    return pairActions.countByKey(this);
  }

  /** The values of one key; with a known partitioner only its partition is computed. */
  lookup<K, V>(this: RDD<[K, V]>, key: K): Promise<V[]> {
    return pairActions.lookup(this, key);
  }

  /** The pairs as a Map; of several values of a key the last stays. */
  collectAsMap<K, V>(this: RDD<[K, V]>): Promise<Map<K, V>> {
    return pairActions.collectAsMap(this);
  }

  /** As reduceByKey, with the result in the driver and without a shuffle: for few keys. */
  reduceByKeyLocally<K, V>(this: RDD<[K, V]>, fn: (a: V, b: V) => V | Promise<V>): Promise<Map<K, V>> {
    return pairActions.reduceByKeyLocally(this, fn);
  }

  // ------------------------------------------------------------------ answers after a given time

  /**
   * How many rows there are, after at most `timeout` milliseconds: an estimate with bounds from the partitions done by
   * then, exact when all were. The job goes on; `getFinalValue()` gives its result.
   */
  countApprox(this: RDD<T>, timeout: number, confidence = 0.95): Promise<PartialResult<BoundedDouble>> {
    return approximate.countApprox(this, timeout, confidence);
  }

  /** The sum of all numbers after at most `timeout` milliseconds; see countApprox. */
  sumApprox(this: RDD<number>, timeout: number, confidence = 0.95): Promise<PartialResult<BoundedDouble>> {
    return approximate.sumApprox(this, timeout, confidence);
  }

  /** The mean of all numbers after at most `timeout` milliseconds; see countApprox. */
  meanApprox(this: RDD<number>, timeout: number, confidence = 0.95): Promise<PartialResult<BoundedDouble>> {
    return approximate.meanApprox(this, timeout, confidence);
  }

  /** How often each value occurs after at most `timeout` milliseconds, of the values seen by then; see countApprox. */
  countByValueApprox(
    this: RDD<T>,
    timeout: number,
    confidence = 0.95,
  ): Promise<PartialResult<Map<T, BoundedDouble>>> {
    return approximate.countByValueApprox(this, timeout, confidence);
  }

  /** How many pairs each key has after at most `timeout` milliseconds, of the keys seen by then; see countApprox. */
  countByKeyApprox<K, V>(
    this: RDD<[K, V]>,
    timeout: number,
    confidence = 0.95,
  ): Promise<PartialResult<Map<K, BoundedDouble>>> {
    return approximate.countByKeyApprox(this, timeout, confidence);
  }

  // ------------------------------------------------------------------ numbers

  /** The sum of all numbers. */
  async sum(this: RDD<number>): Promise<number> {
    return (await numeric.stats(this, 'sum')).sum;
  }

  /** The mean of all numbers. */
  async mean(this: RDD<number>): Promise<number> {
    return (await numeric.stats(this, 'mean')).mean;
  }

  /** Of the rows as a whole population. */
  async variance(this: RDD<number>): Promise<number> {
    return (await numeric.stats(this, 'variance')).variance;
  }

  /** The standard deviation of the rows as a whole population. */
  async stdev(this: RDD<number>): Promise<number> {
    return (await numeric.stats(this, 'stdev')).stdev;
  }

  /** Another name of `variance`. */
  popVariance(this: RDD<number>): Promise<number> {
    return this.variance();
  }

  /** Another name of `stdev`. */
  popStdev(this: RDD<number>): Promise<number> {
    return this.stdev();
  }

  /** Estimated from the rows as a sample of a larger population. */
  async sampleVariance(this: RDD<number>): Promise<number> {
    return (await numeric.stats(this, 'sampleVariance')).sampleVariance;
  }

  /** The standard deviation, estimated from the rows as a sample of a larger population. */
  async sampleStdev(this: RDD<number>): Promise<number> {
    return (await numeric.stats(this, 'sampleStdev')).sampleStdev;
  }

  /**
   * Edges of buckets and how many numbers fall into each, as [edges, counts]. Buckets are a number of even ones
   * between minimum and maximum (one more job), or sorted edges; the last one includes its upper edge. What lies
   * outside, and NaN, is left out.
   */
  histogram(this: RDD<number>, buckets: number | number[]): Promise<[edges: number[], counts: number[]]> {
    return numeric.histogram(this, buckets);
  }

  /** Count, mean, variance, minimum, maximum and sum in one pass. */
  stats(this: RDD<number>): Promise<StatCounter> {
    return numeric.stats(this, 'stats');
  }
}
