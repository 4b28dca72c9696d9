/**
 * The lineage as plain data: what the driver hands to the scheduler, and the scheduler to the executors.
 *
 * The driver's `RDD` objects build these nodes; the control thread cuts stages from them and never runs user code;
 * an executor receives the nodes of one stage as a `StagePlan` and computes partitions of it.
 */
import type { CallSite } from '../protocol.ts';
import type { ActionSpec, Operator } from './operator.ts';
import type { ResultFile } from './result-file.ts';

/** Content hash of a shipped closure (its code and its captures). */
export type ClosureId = string;

/** A closure as bytes; produced by `engine/closure`, opaque to everything between driver and executor. */
export interface ClosureBlob {
  id: ClosureId;
  bytes: Uint8Array;
}

/**
 * Whether recomputing a partition gives the same rows in the same order, the same rows in another order,
 * or possibly other rows (Spark's DeterministicLevel).
 */
export type Determinism = 'DETERMINATE' | 'UNORDERED' | 'INDETERMINATE';

export type StorageLevelName =
  | 'NONE'
  | 'DISK_ONLY'
  | 'DISK_ONLY_2'
  | 'DISK_ONLY_3'
  | 'MEMORY_ONLY'
  | 'MEMORY_ONLY_2'
  | 'MEMORY_ONLY_SER'
  | 'MEMORY_ONLY_SER_2'
  | 'MEMORY_AND_DISK'
  | 'MEMORY_AND_DISK_2'
  | 'MEMORY_AND_DISK_SER'
  | 'MEMORY_AND_DISK_SER_2'
  | 'OFF_HEAP';

export interface StorageLevel {
  name: StorageLevelName;
  useMemory: boolean;
  useDisk: boolean;
  /** In memory as rows, which passes share; else as bytes outside the heap, which each pass decodes anew. */
  deserialized: boolean;
  /** How many executors keep each partition. */
  replication: number;
}

export type PartitionerSpec =
  | { kind: 'hash'; numPartitions: number }
  /** Bounds come from the preparation of `rddId`, the RDD that owns the shuffle dependency. */
  | { kind: 'range'; numPartitions: number; rddId: number; ascending: boolean }
  /** Round-robin over rows from a start seeded by the map partition. */
  | { kind: 'random'; numPartitions: number; seed: number }
  /** `closure` maps a key to a partition number. */
  | { kind: 'custom'; numPartitions: number; closure: ClosureId };

/** Spark's Aggregator; all three absent means "no combining" (rows travel as they are). */
export interface AggregatorSpec {
  /** (value) → combiner. Absent: the first value is the combiner (reduceByKey). */
  createCombiner?: ClosureId;
  /** (combiner, value) → combiner. */
  mergeValue: ClosureId;
  /** (combiner, combiner) → combiner. */
  mergeCombiners: ClosureId;
  mapSideCombine: boolean;
  /** An encoded zero value cloned per key (foldByKey, aggregateByKey); used as mergeValue(zero, value). */
  zero?: Uint8Array;
}

export interface ShuffleDependency {
  kind: 'shuffle';
  shuffleId: number;
  rddId: number;
  partitioner: PartitionerSpec;
  /** Rows are [key, value] pairs. False only for the random partitioner over plain rows. */
  keyed: boolean;
  aggregator?: AggregatorSpec;
  /** Sort each reduce partition by key on reading. */
  keyOrdering?: 'ascending' | 'descending';
  /** Of the operator that reads it. */
  callSite?: CallSite;
}

/** A dependency of which each child partition reads a bounded set of parent partitions. */
export type NarrowDependency =
  | { kind: 'oneToOne'; rddId: number }
  /** Child partitions [outStart, outStart + length) are parent partitions [inStart, …) (union). */
  | { kind: 'range'; rddId: number; inStart: number; outStart: number; length: number }
  /** Child partition p reads parent partitions `parents[p]` (coalesce). */
  | { kind: 'listed'; rddId: number; parents: number[][] }
  /** Child partition p reads parent partition floor(p / divisor) % modulus (both sides of cartesian). */
  | { kind: 'strided'; rddId: number; divisor: number; modulus: number };

export type Dependency = NarrowDependency | ShuffleDependency;

/**
 * A job that must run before partitions of a node can be computed: sampling for range bounds, counting for
 * zipWithIndex. Control runs it as a visible job of the first action that needs it and keeps its outcome per RDD.
 */
export interface Preparation {
  /** Shown as the job's name, for example "sortBy: sample keys". */
  name: string;
  /** The RDD to run the action over (all its partitions). */
  rddId: number;
  action: ActionSpec;
  finish: { kind: 'rangeBounds'; numPartitions: number; ascending: boolean } | { kind: 'partitionOffsets' };
}

export interface RddNode {
  rddId: number;
  /** The operator's name as the user calls it, or what `setName` gave. */
  name: string;
  op: Operator;
  numPartitions: number;
  dependencies: Dependency[];
  closures: ClosureId[];
  storageLevel: StorageLevel;
  determinism: Determinism;
  /** That `determinism` holds is taken on trust: rows computed again may be others (`repeatsOf`). */
  unproven?: true;
  /** Its cached partitions are read by all executors, under this generation of its rows: set in the plans of stages. */
  shared?: number;
  /** All of them have been shared: one that is missing is lost, not to be computed. */
  sharedWhole?: true;
  /** Made by `barrier()`: the tasks of its stage start together. */
  barrier?: true;
  /** Its rows are told apart by their places: it numbers, samples or zips them. */
  tellsPlaces?: true;
  /** Set in the plans of stages: its rows come in the same order whatever memory there is (`scheduler/kept-order.ts`). */
  keepsOrder?: true;
  /** Set in the plans of stages: some of its cached partitions came in an order that depended on memory. */
  disordered?: true;
  /** Its functions mention TaskContext: what they do may depend on the task that computes it. */
  readsTask?: true;
  /** Its functions add to accumulators. */
  accumulates?: true;
  callSite?: CallSite;
  preparation?: Preparation;
}

/** Whether a partition that is computed again has the same rows in the same order, as far as anybody can know. */
export function repeats({ determinism, unproven }: RddNode): boolean {
  return determinism === 'DETERMINATE' && !unproven;
}

/** Whether it may have other rows, not only in another order: cached, they are kept as they were first computed. */
export function mayDiffer({ determinism, unproven }: RddNode): boolean {
  return determinism === 'INDETERMINATE' || unproven === true;
}

/** Parent partitions that partition `p` of the child reads through `dep`. Empty when it reads none of this parent. */
export function parentPartitions(dep: NarrowDependency, p: number): number[] {
  switch (dep.kind) {
    case 'oneToOne':
      return [p];
    case 'range':
      return p >= dep.outStart && p < dep.outStart + dep.length ? [p - dep.outStart + dep.inStart] : [];
    case 'listed':
      return dep.parents[p] ?? [];
    case 'strided':
      return [Math.floor(p / dep.divisor) % dep.modulus];
    default:
      return dep satisfies never;
  }
}

/**
 * Where the map outputs of one shuffle are: one data file (with its index beside it) per map partition. An output that
 * does not exist (its readers are expected to find their rows cached) has the path '': reading it is a fetch failure.
 */
export interface ShuffleInput {
  shuffleId: number;
  /** The stage that writes them, as errors call it: "stage 1 (reduceByKey)". */
  stage?: string;
  maps: { mapIndex: number; path: string; executorId: string }[];
  /** Some hold their rows in an order that depended on memory. */
  disordered?: true;
}

/** Everything an executor needs to compute any partition of one stage attempt; sent to it once. */
export interface StagePlan {
  stageId: number;
  attempt: number;
  /** The RDD whose partitions this stage computes. */
  rddId: number;
  /** All nodes reachable from `rddId` through narrow dependencies, parents first. */
  nodes: RddNode[];
  output: { kind: 'shuffle'; dependency: ShuffleDependency } | { kind: 'result'; action: ActionSpec };
  shuffleInputs: ShuffleInput[];
  /** Outcomes of preparations by RDD id (range bounds, partition offsets), encoded. */
  prepared: Record<number, Uint8Array>;
  closureIds: ClosureId[];
  jobId: number;
  /** Of the job, for `TaskContext.getLocalProperty`. */
  properties: Readonly<Record<string, string>>;
}

/** A task's result: in the message when small, else a file the receiver reads and unlinks. */
export type TaskResult = ({ bytes: Uint8Array } | ResultFile) & {
  /** Of a partition that was computed in pieces: those of the other pieces, in order. */
  more?: TaskResult[];
};

/** Map outputs from `from` to `to` (exclusive). */
export interface MapRange {
  from: number;
  to: number;
}

/** One of several parts in which a partition of a join is computed. */
export interface JoinPiece {
  number: number;
  of: number;
  /** Of the left and the right side what it reads; undefined for all of it. */
  sides: [MapRange | undefined, MapRange | undefined];
}

/** What a shuffle-map task produced. The index file beside `path` holds offsets, row counts and a CRC per reducer. */
export interface MapStatus {
  shuffleId: number;
  mapIndex: number;
  path: string;
  executorId: string;
  /** Bytes per reduce partition. */
  sizes: Float64Array;
  records: number;
  /**
   * Order-independent checksum of the rows per reduce partition: the sum of their hashes modulo 2³², so that those of
   * parts add up. Empty when memory ran short while rows were combined: then what is written depends on when, and compares with nothing.
   */
  rowChecksums: Uint32Array;
  /** The order of its rows depended on memory: it may be another when they are written again. */
  disordered?: true;
  /** Of a partition that was computed in pieces: the outputs of the other pieces, in order. Sizes and records are of all. */
  more?: MapStatus[];
}
