/**
 * What one RDD computes from its parents, and what an action does with one partition: plain tagged data.
 *
 * The driver's RDD methods build it, `engine/executor` runs it. Functions are referred to by id: an id starting
 * with `builtin:` names an engine function in `rdd/builtins.ts`, any other is the content hash of a shipped closure.
 * Composite operators (distinct, groupByKey, joins, subtract…) are built from these and builtins.
 */
import type { FileFormat } from './file-format.ts';
import type { AggregatorSpec, ClosureId } from './plan.ts';

export type SourceOperator =
  /** Rows encoded by the row codec, one block per partition: inline when small, else regions of one file. */
  | { kind: 'parallelize'; slices: { inline: Uint8Array[] } | { file: string; offsets: number[] } }
  /** Numbers start, start + step, … below (above, for a negative step) end, cut evenly. */
  | { kind: 'range'; start: number; end: number; step: number }
  /**
   * Lines of text. Partition p reads `splits[p]`: byte ranges of files, in order. A line belongs to the range in
   * which it starts (Hadoop's rule); `end` −1 means the whole file (gzip cannot be split).
   */
  | { kind: 'textFile'; paths: string[]; splits: { file: number; start: number; end: number }[][] }
  /** [path, whole text] pairs; partition p reads the files `groups[p]`. */
  | { kind: 'wholeTextFiles'; paths: string[]; groups: number[][] }
  /** [path, bytes] pairs; partition p reads the files `groups[p]`. */
  | { kind: 'binaryFiles'; paths: string[]; groups: number[][] }
  /** Records of `recordLength` bytes; splits begin and end at records. */
  | { kind: 'binaryRecords'; paths: string[]; sizes: number[]; splits: FileSplit[]; recordLength: number }
  /** Values of JSON lines, with splits as those of `textFile`. */
  | { kind: 'jsonFile'; paths: string[]; splits: FileSplit[][]; mode: JsonMode; corruptRecord: string }
  /** Rows of our own files; partition p reads the files `groups[p]`. */
  | { kind: 'objectFile'; paths: string[]; groups: number[][] }
  /** Records of Parquet files: partition p reads the row groups from `from` to, without, `to`; those columns, null where a file lacks one. */
  | {
      kind: 'parquetFile';
      paths: string[];
      splits: { file: number; from: number; to: number }[];
      columns: string[];
    }
  /** Rows written by `checkpoint`: partition p is the p-th part file of the directory. */
  | { kind: 'checkpoint'; directory: string }
  /** Rows kept by `localCheckpoint`: partition p is cached by the executors `holders[p]`, and on disk in their folders. */
  | { kind: 'localCheckpoint'; holders: string[][] }
  | { kind: 'empty' };

/** Bytes of a file; `end` −1 means all of it. */
export interface FileSplit {
  file: number;
  start: number;
  end: number;
}

/** What becomes of a line that is no JSON: an error, a record with its text, or nothing. */
export type JsonMode = 'FAILFAST' | 'PERMISSIVE' | 'DROPMALFORMED';

export type NarrowOperator =
  | { kind: 'map'; fn: ClosureId }
  /** fn returns an array, an iterable, a generator or an async iterable; strings are not spread but refused. */
  | { kind: 'flatMap'; fn: ClosureId }
  | { kind: 'filter'; fn: ClosureId }
  /** fn(iterator) or fn(index, iterator) → iterable. */
  | { kind: 'mapPartitions'; fn: ClosureId; withIndex: boolean }
  /** fn(iterator, iterator, …) → iterable: the same partition of every dependency. */
  | { kind: 'zipPartitions'; fn: ClosureId }
  | { kind: 'mapValues'; fn: ClosureId }
  | { kind: 'flatMapValues'; fn: ClosureId }
  /** [fn(x), x] */
  | { kind: 'keyBy'; fn: ClosureId }
  | { kind: 'keys' }
  | { kind: 'values' }
  | { kind: 'glom' }
  /** Bernoulli (without) or Poisson (with replacement) sampling, seeded by (seed, partition). */
  | { kind: 'sample'; withReplacement: boolean; fraction: number; seed: number }
  /** [x, global index]; offsets come from the node's preparation. */
  | { kind: 'zipWithIndex' }
  /** Rows of all parent partitions the dependencies name, in dependency order (union, coalesce). */
  | { kind: 'concat' }
  /** [a, b] for every a of the first and b of the second dependency. */
  | { kind: 'cartesian' }
  /** Keeps the pairs whose key equals the encoded key (lookup). */
  | { kind: 'filterKey'; key: Uint8Array }
  /** [key, combiner] for the pairs of one partition: reduceByKey and friends of an RDD already partitioned that way. */
  | { kind: 'combineByKey'; aggregator: AggregatorSpec };

export type ShuffleOperator =
  /**
   * Reads the first dependency (a shuffle). With an aggregator: [key, combiner]; keyed without one: the pairs as
   * written; not keyed: the rows as written. Sorted by key when the dependency has a keyOrdering.
   */
  | { kind: 'shuffled' }
  /**
   * Groups n dependencies by key: [key, [values of dep 0, values of dep 1, …]] (arrays). Each dependency is a
   * shuffle of pairs, or oneToOne to an RDD already partitioned the same way.
   */
  | { kind: 'cogroup' }
  /** As cogroup of two, but emits directly: inner [k, [v, w]]; missing sides are undefined in outer joins. */
  | {
      kind: 'join';
      type: 'inner' | 'left' | 'right' | 'full';
      /** Put in by the scheduler: of this dependency, a shuffle, every partition reads all; the other one is narrow. */
      broadcast?: 0 | 1;
    }
  /** Pairs of dependency 0 whose key does not occur in dependency 1. */
  | { kind: 'subtractByKey' };

export type Operator = SourceOperator | NarrowOperator | ShuffleOperator;

/** What a result task does with its rows. The result is one value, encoded by the row codec as a block of rows. */
export type ActionSpec =
  /** All rows. */
  | { kind: 'collect' }
  /** One row: the number of rows. `total`: nobody asks how many there are in which partition. */
  | { kind: 'count'; total?: true }
  /** The first n rows; stops the loop early. */
  | { kind: 'take'; n: number }
  /** Zero or one row: the rows folded from the left by fn. */
  | { kind: 'reduce'; fn: ClosureId }
  /** One row: the encoded zero, folded by fn(accumulator, row). */
  | { kind: 'aggregate'; zero: Uint8Array; fn: ClosureId }
  /** `readsTask`: see RddNode. */
  | { kind: 'foreach'; fn: ClosureId; readsTask?: true }
  /** fn(iterator). `returns`: one row, what it returns. */
  | { kind: 'foreachPartition'; fn: ClosureId; returns?: true }
  /** The n smallest rows in order (largest when descending), by natural order or by a comparator. */
  | { kind: 'takeOrdered'; n: number; descending: boolean; comparator?: ClosureId }
  /** One row: [count, mean, sum of squared deviations, min, max, sum] of numeric rows. */
  | { kind: 'stats' }
  /**
   * Writes `part-<partition>` in a folder of the attempt's own below `directory`, asks control for the right to commit,
   * then renames. Result: no rows.
   */
  | { kind: 'saveAsFile'; directory: string; format: FileFormat }
  /** Makes sure that a cached partition is also on disk. Result: one row, the executors that keep it. */
  | { kind: 'localCheckpoint' }
  /** Preparation of a range partitioner: one row [number of rows, keys of a reservoir sample]. */
  | { kind: 'sampleKeys'; sampleSize: number; seed: number; key?: ClosureId }
  /** Preparation of zipWithIndex: one row, the count. */
  | { kind: 'countPartition' };
