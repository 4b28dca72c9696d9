/**
 * A resilient distributed dataset: an immutable, partitioned collection that can be recomputed. Five properties
 * say everything there is to know of one:
 *
 *  - its partitions: how many parts there are (`getNumPartitions`);
 *  - its dependencies on parent datasets: one-to-one, range and the other narrow kinds, or a shuffle;
 *  - how to compute one partition from its parents (the node's operator and the closures it names);
 *  - optionally a partitioner: the rule by which keys were assigned to its partitions;
 *  - optionally preferred executors: those that hold a cached partition (the scheduler's knowledge).
 *
 * `lineage-node.ts` holds exactly these, as data for the scheduler. All else is made of them: an operator (here)
 * builds a new RDD and runs nothing; an action (`rdd-actions.ts`) submits a job and returns a promise. Functions are
 * captured when they are passed, so a function that cannot travel is refused before any job. A plan is built when
 * first needed: only then are input files listed.
 */
import { optionalCount, requireCount, requireOptions } from './argument.ts';
import * as joins from './joins.ts';
import type { RddDefinition } from './lineage-node.ts';
import * as narrow from './narrow-operators.ts';
import * as ordering from './ordering.ts';
import * as pairs from './pair-operators.ts';
import type { PartitionerArgument } from './partitioner.ts';
import * as partitioning from './partitioning.ts';
import type { PipeOptions } from './pipe.ts';
import { RddActions } from './rdd-actions.ts';
import { RDDBarrier } from './rdd-barrier.ts';
import * as sampling from './sampling.ts';
import * as sets from './set-operators.ts';
import * as zips from './zips.ts';

export type AnyRDD = RDD<unknown>;

/** Any value; the empty tuple in it makes TypeScript see `[word, 1]` as a pair, not as an array. */
// biome-ignore lint/complexity/noBannedTypes: `unknown` would lose the hint, and primitives here would keep literal types
export type Row = {} | null | undefined | [] | Promise<[]>;
/** What flatMap's function may return. */
export type Rows<U> = Iterable<U> | AsyncIterable<U> | Promise<Iterable<U> | AsyncIterable<U>>;
export type Comparator<T> = (a: T, b: T) => number | Promise<number>;

export class RDD<T> extends RddActions<T> {
  /** A new dataset computed from others of the same application. */
  derive<U>(definition: RddDefinition): RDD<U> {
    return new RDD<U>(this.lineage, definition);
  }

  // ------------------------------------------------------------------ narrow operators

  /** Each value replaced by `fn(value)`. */
  map<U extends Row>(fn: (value: T) => U): RDD<Awaited<U>> {
    return narrow.map(this, fn);
  }

  /** All rows of the arrays, iterables or generators that `fn` returns. */
  flatMap<U extends Row>(fn: (value: T) => Rows<U>): RDD<U> {
    return narrow.flatMap(this, fn);
  }

  /** The rows for which `fn` returns something true. */
  filter<S extends T>(fn: (value: T) => value is S): RDD<S>;
  filter(fn: (value: T) => unknown): RDD<T>;
  filter(fn: (value: T) => unknown): RDD<T> {
    return narrow.filter(this, fn);
  }

  /** What `fn` returns for all rows of a partition at once; the place for what is costly to set up. */
  mapPartitions<U extends Row>(fn: (rows: Iterable<T>) => Rows<U>, preservesPartitioning = false): RDD<U> {
    return narrow.mapPartitions(this, 'mapPartitions', fn, preservesPartitioning);
  }

  /** As mapPartitions, with the number of the partition. */
  mapPartitionsWithIndex<U extends Row>(
    fn: (index: number, rows: Iterable<T>) => Rows<U>,
    preservesPartitioning = false,
  ): RDD<U> {
    return narrow.mapPartitions(this, 'mapPartitionsWithIndex', fn, preservesPartitioning);
  }

  /**
   * For operators whose tasks start together and wait for one another, as distributed training needs it: as many
   * executors as partitions. Spark's barrier execution mode.
   */
  barrier(): RDDBarrier<T> {
    return new RDDBarrier(this);
  }

  /** Pairs of `fn(value)` and the value. */
  keyBy<K extends Row>(fn: (value: T) => K): RDD<[Awaited<K>, T]> {
    return narrow.keyBy(this, fn);
  }

  /** Each partition as one array. */
  glom(): RDD<T[]> {
    return narrow.glom(this);
  }

  /** A random part of the rows; the same one at every recomputation. */
  sample(withReplacement: boolean, fraction: number, seed?: number): RDD<T> {
    return sampling.sample(this, withReplacement, fraction, seed);
  }

  /** Parts of about the given shares; every row is in exactly one of them. */
  randomSplit(weights: number[], seed?: number): RDD<T>[] {
    return sampling.randomSplit(this, weights, seed);
  }

  /**
   * The lines an external program prints, one process per partition, which reads each row as a line. A string is a
   * shell command, an array a program with its arguments. A program that fails is an error named PIPE_FAILED.
   */
  pipe(command: string | string[], options: PipeOptions = {}): RDD<string> {
    return narrow.pipe(this, command, requireOptions(options, 'pipe'));
  }

  /** Pairs of the value and its position in the whole dataset. The first action counts the partitions in a job. */
  zipWithIndex(): RDD<[T, number]> {
    return ordering.zipWithIndex(this);
  }

  /** Pairs of the value and a number no other row has; needs no job. */
  zipWithUniqueId(): RDD<[T, number]> {
    return narrow.zipWithUniqueId(this);
  }

  /** Pairs of the rows at the same place; both need the same partitions with as many rows, else ZIP_UNEQUAL. */
  zip<U>(other: RDD<U>): RDD<[T, U]> {
    return zips.zip(this, other);
  }

  /** What `fn` returns for the same partition of this and the others, read side by side. */
  zipPartitions<A, U extends Row>(
    other: RDD<A>,
    fn: (rows: Iterable<T>, a: Iterable<A>) => Rows<U>,
    preservesPartitioning?: boolean,
  ): RDD<U>;
  zipPartitions<A, B, U extends Row>(
    others: [RDD<A>, RDD<B>],
    fn: (rows: Iterable<T>, a: Iterable<A>, b: Iterable<B>) => Rows<U>,
    preservesPartitioning?: boolean,
  ): RDD<U>;
  zipPartitions<A, B, C, U extends Row>(
    others: [RDD<A>, RDD<B>, RDD<C>],
    fn: (rows: Iterable<T>, a: Iterable<A>, b: Iterable<B>, c: Iterable<C>) => Rows<U>,
    preservesPartitioning?: boolean,
  ): RDD<U>;
  zipPartitions<U>(
    others: AnyRDD | AnyRDD[],
    fn: (...partitions: never[]) => Rows<U>,
    preservesPartitioning = false,
  ): RDD<U> {
    return zips.zipPartitions(
      [this, ...(Array.isArray(others) ? others : [others])],
      fn,
      preservesPartitioning,
    );
  }

  // ------------------------------------------------------------------ partitions and sets

  /** The rows of this and of the others, duplicates included; no shuffle. */
  union<U>(...others: RDD<U>[]): RDD<T | U> {
    return partitioning.union([this as RDD<T | U>, ...(others as RDD<T | U>[])]);
  }

  /** Every pair of a row of this and a row of the other. */
  cartesian<U>(other: RDD<U>): RDD<[T, U]> {
    return partitioning.cartesian(this, other);
  }

  /** Fewer partitions by merging neighbours, without a shuffle unless `shuffle` asks for one. */
  coalesce(numPartitions: number, shuffle = false): RDD<T> {
    return partitioning.coalesce(this, requireCount(numPartitions, 'coalesce', 'numPartitions', 1), shuffle);
  }

  /** Rows dealt out evenly over `numPartitions`. */
  repartition(numPartitions: number): RDD<T> {
    return partitioning.repartition(this, requireCount(numPartitions, 'repartition', 'numPartitions', 1));
  }

  /** Each different value once. */
  distinct(numPartitions?: number): RDD<T> {
    return sets.distinct(this, optionalCount(numPartitions, 'distinct', 'numPartitions', 1));
  }

  /** Values that occur in both, each once. */
  intersection(other: RDD<T>, partitioner?: PartitionerArgument): RDD<T> {
    return sets.intersection(this, other, partitioner);
  }

  /** Rows of this that do not occur in the other. */
  subtract(other: RDD<T>, partitioner?: PartitionerArgument): RDD<T> {
    return sets.subtract(this, other, partitioner);
  }

  /** Pairs of a key `fn(value)` and all its rows; a reducing operator moves less than grouping. */
  groupBy<K extends Row>(fn: (value: T) => K, partitioner?: PartitionerArgument): RDD<[Awaited<K>, T[]]> {
    return pairs.groupBy(this, fn, partitioner);
  }

  /** Sorted by `fn(value)`. The first action samples the keys in a job of its own. */
  sortBy<K extends Row>(fn: (value: T) => K, ascending = true, numPartitions?: number): RDD<T> {
    return ordering.sortBy(this, fn, ascending, optionalCount(numPartitions, 'sortBy', 'numPartitions', 1));
  }

  // ------------------------------------------------------------------ operators of RDD<[K, V]>

  /** The first part of each pair. */
  keys<K, V>(this: RDD<[K, V]>): RDD<K> {
    return pairs.keys(this);
  }

  /** The second part of each pair. */
  values<K, V>(this: RDD<[K, V]>): RDD<V> {
    return pairs.values(this);
  }

  /** Pairs with the same key and `fn(value)`; the partitioner stays. */
  mapValues<K, V, U extends Row>(this: RDD<[K, V]>, fn: (value: V) => U): RDD<[K, Awaited<U>]> {
    return pairs.mapValues(this, fn);
  }

  /** A pair with the same key for each value that `fn` returns; the partitioner stays. */
  flatMapValues<K, V, U extends Row>(this: RDD<[K, V]>, fn: (value: V) => Rows<U>): RDD<[K, U]> {
    return pairs.flatMapValues(this, fn);
  }

  /** One value per key, merged by an associative and commutative `fn`, on the map side first. */
  reduceByKey<K, V>(
    this: RDD<[K, V]>,
    fn: (a: V, b: V) => V | Promise<V>,
    partitioner?: PartitionerArgument,
  ): RDD<[K, V]> {
    return pairs.reduceByKey(this, fn, partitioner);
  }

  /** As reduceByKey, from a zero value of which every key gets a copy. */
  foldByKey<K, V>(
    this: RDD<[K, V]>,
    zero: V,
    fn: (a: V, b: V) => V | Promise<V>,
    partitioner?: PartitionerArgument,
  ): RDD<[K, V]> {
    return pairs.aggregateByKey(this, 'foldByKey', zero, fn, fn, partitioner);
  }

  /** One result per key: `seqOp` adds a value to a copy of `zero`, `combOp` merges two results. */
  aggregateByKey<K, V, C>(
    this: RDD<[K, V]>,
    zero: C,
    seqOp: (combiner: C, value: V) => C | Promise<C>,
    combOp: (a: C, b: C) => C | Promise<C>,
    partitioner?: PartitionerArgument,
  ): RDD<[K, C]> {
    return pairs.aggregateByKey(this, 'aggregateByKey', zero, seqOp, combOp, partitioner);
  }

  /** The general form of the operators by key: how a first value, a further value and two results combine. */
  combineByKey<K, V, C>(
    this: RDD<[K, V]>,
    createCombiner: (value: V) => C | Promise<C>,
    mergeValue: (combiner: C, value: V) => C | Promise<C>,
    mergeCombiners: (a: C, b: C) => C | Promise<C>,
    partitioner?: PartitionerArgument,
    mapSideCombine = true,
  ): RDD<[K, C]> {
    return pairs.combineByKey(
      this,
      { createCombiner, mergeValue, mergeCombiners, mapSideCombine },
      partitioner,
    );
  }

  /** All values of each key in one array; reduceByKey moves less where values are then reduced. */
  groupByKey<K, V>(this: RDD<[K, V]>, partitioner?: PartitionerArgument): RDD<[K, V[]]> {
    return pairs.groupByKey(this, partitioner);
  }

  /** Pairs placed by hash or by another partitioner, or by `partitionFunc(key)`, a number below the number of partitions. */
  partitionBy<K, V>(
    this: RDD<[K, V]>,
    partitioner: PartitionerArgument,
    partitionFunc?: (key: K) => number | Promise<number>,
  ): RDD<[K, V]> {
    return partitioning.partitionBy(this, partitioner, partitionFunc);
  }

  /** Pairs in the order of their keys. The first action samples the keys in a job of its own. */
  sortByKey<K, V>(this: RDD<[K, V]>, ascending = true, numPartitions?: number): RDD<[K, V]> {
    return ordering.sortByKey(this, ascending, optionalCount(numPartitions, 'sortByKey', 'numPartitions', 1));
  }

  /** Pairs placed by the partitioner and sorted by key within each partition: cheaper than to partition, then sort. */
  repartitionAndSortWithinPartitions<K, V>(
    this: RDD<[K, V]>,
    partitioner: PartitionerArgument,
    ascending = true,
  ): RDD<[K, V]> {
    return ordering.repartitionAndSortWithinPartitions(this, partitioner, ascending);
  }

  /** Pairs whose key lies between `lower` and `upper`, both included, in the order of keys. */
  filterByRange<K, V>(this: RDD<[K, V]>, lower: K, upper: K): RDD<[K, V]> {
    return pairs.filterByRange(this, lower, upper);
  }

  /** A sample with a fraction of its own for each key; a key without one is an error named FRACTION_MISSING. */
  sampleByKey<K, V>(
    this: RDD<[K, V]>,
    withReplacement: boolean,
    fractions: Iterable<readonly [K, number]>,
    seed?: number,
  ): RDD<[K, V]> {
    return sampling.sampleByKey(this, withReplacement, fractions, seed);
  }

  /** As sampleByKey, with exactly ceil(fraction × rows) rows of each key: counts in a pass of its own first. */
  sampleByKeyExact<K, V>(
    this: RDD<[K, V]>,
    withReplacement: boolean,
    fractions: Iterable<readonly [K, number]>,
    seed?: number,
  ): RDD<[K, V]> {
    return sampling.sampleByKeyExact(this, withReplacement, fractions, seed);
  }

  /** For each key, about how many different values it has; see countApproxDistinct. */
  countApproxDistinctByKey<K, V>(
    this: RDD<[K, V]>,
    relativeSD = 0.05,
    partitioner?: PartitionerArgument,
  ): RDD<[K, number]> {
    return pairs.countApproxDistinctByKey(this, relativeSD, partitioner);
  }

  /** For each key of both sides, every pair of their values. */
  join<K, V, W>(this: RDD<[K, V]>, other: RDD<[K, W]>, partitioner?: PartitionerArgument): RDD<[K, [V, W]]> {
    return joins.join(this, 'join', other, partitioner);
  }

  /** As join, with every key of this; `undefined` where the other lacks it. */
  leftOuterJoin<K, V, W>(
    this: RDD<[K, V]>,
    other: RDD<[K, W]>,
    partitioner?: PartitionerArgument,
  ): RDD<[K, [V, W | undefined]]> {
    return joins.join(this, 'leftOuterJoin', other, partitioner);
  }

  /** As join, with every key of the other; `undefined` where this lacks it. */
  rightOuterJoin<K, V, W>(
    this: RDD<[K, V]>,
    other: RDD<[K, W]>,
    partitioner?: PartitionerArgument,
  ): RDD<[K, [V | undefined, W]]> {
    return joins.join(this, 'rightOuterJoin', other, partitioner);
  }

  /** As join, with every key of either side; `undefined` where a side lacks it. */
  fullOuterJoin<K, V, W>(
    this: RDD<[K, V]>,
    other: RDD<[K, W]>,
    partitioner?: PartitionerArgument,
  ): RDD<[K, [V | undefined, W | undefined]]> {
    return joins.join(this, 'fullOuterJoin', other, partitioner);
  }

  /** For each key of any side, the values of every side. */
  cogroup<K, V, W>(
    this: RDD<[K, V]>,
    other: RDD<[K, W]>,
    partitioner?: PartitionerArgument,
  ): RDD<[K, [V[], W[]]]> {
    return joins.cogroup(this, [other], partitioner);
  }

  /** As cogroup, of two, three or four datasets. */
  groupWith<K, V, A>(this: RDD<[K, V]>, a: RDD<[K, A]>): RDD<[K, [V[], A[]]]>;
  groupWith<K, V, A, B>(this: RDD<[K, V]>, a: RDD<[K, A]>, b: RDD<[K, B]>): RDD<[K, [V[], A[], B[]]]>;
  groupWith<K, V, A, B, C>(
    this: RDD<[K, V]>,
    a: RDD<[K, A]>,
    b: RDD<[K, B]>,
    c: RDD<[K, C]>,
  ): RDD<[K, [V[], A[], B[], C[]]]>;
  groupWith<U>(...others: AnyRDD[]): RDD<U> {
    return joins.cogroup(this, others);
  }

  /** Pairs whose key does not occur in the other. */
  subtractByKey<K, V, W>(
    this: RDD<[K, V]>,
    other: RDD<[K, W]>,
    partitioner?: PartitionerArgument,
  ): RDD<[K, V]> {
    return joins.subtractByKey(this, other, partitioner);
  }
}
