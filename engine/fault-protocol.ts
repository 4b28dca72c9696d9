/**
 * Faults that a viewer injects into a running application to watch lineage repair it, and why partitions are
 * computed again, whatever lost them. Types and constants only: no Node imports.
 */

/** Longest delay and largest factor of a slowed partition. */
export const MAX_SLOW_DELAY_MS = 600_000;
export const MAX_SLOW_FACTOR = 100;

/** How a task attempt is slowed: it takes `factor` times as long, or begins `delay` milliseconds later. */
export type Slowness = { factor: number } | { delay: number };

/** What a viewer may break. A block is the output of one map partition of a shuffle map stage. */
export type Fault =
  | { kind: 'killExecutor'; executorId: string }
  | { kind: 'dropBlock'; stageId: number; partition: number }
  /** All map outputs that this executor wrote, also one that is gone: its files outlive it. */
  | { kind: 'dropExecutorBlocks'; executorId: string }
  /** Bytes are flipped in every reducer's region, for the checksum to find. */
  | { kind: 'corruptBlock'; stageId: number; partition: number }
  /** One cached partition, wherever it is cached. */
  | { kind: 'dropCached'; rddId: number; partition: number }
  /** This partition's next attempts, in this stage and in later ones of the same call, until it is cleared. */
  | { kind: 'slowPartition'; stageId: number; partition: number; slowness: Slowness };

/** Commands of viewers that break things, or stop doing so. Answered when it is done, or by the name of a refusal. */
export type FaultCommand =
  | { type: 'injectFault'; fault: Fault }
  /** Slowed partitions run as before again, at once; all of them without `faultId`. */
  | { type: 'clearFaults'; faultId?: number };

/** A fault that was injected: the event of it. */
export interface InjectedFault {
  faultId: number;
  fault: Fault;
  /** Who: the name that a viewer of the page goes by; absent when it has none. */
  by?: string;
  /** How many map outputs, or cached copies, went with it. */
  blocks?: number;
  /** The executor that wrote or held them, when it is one. */
  executorId?: string;
  /** Of a cached partition: what its dataset is called. */
  rddName?: string;
  /** Of a cached partition: its rows stay in a file that every executor reads, since computed again they could be others. */
  keptInFile?: true;
  /** Of a slowed partition: the call whose stages are slowed, `reduceByKey at cell a3:2:1`. */
  site?: string;
}

export type FaultEvent =
  /** Somebody broke something on purpose, from the page. */
  | ({ type: 'faultInjected'; time: number } & InjectedFault)
  /** Partitions that were slowed are not any more. */
  | { type: 'faultsCleared'; faultIds: number[]; time: number; by?: string }
  /** While the attempt runs, cached partitions were lost that it was still to read. In addition to what `stageSubmitted` told. */
  | {
      type: 'partitionsLost';
      stageId: number;
      attempt: number;
      recomputes: Recomputation[];
      time: number;
    };

/** A task, where it matters which partition of which attempt of a stage it computed. */
export interface TaskPlace {
  stageId: number;
  stageAttempt: number;
  partition: number;
}

/** Why a partition is computed again, or its task tried again with its whole stage. `faultId`: somebody did it on purpose. */
export type RecomputeCause =
  /** Its own map output cannot be read; `reader` found out, and says how in `message`. */
  | { code: 'MAP_OUTPUT_LOST'; executorId: string; reader: TaskPlace; message: string; faultId?: number }
  /** Nobody missed it yet, but `reader` missed another one of the same executor, or of the same shuffle, and not the first. */
  | {
      code: 'MAP_OUTPUT_SUSPECTED';
      executorId: string;
      of: 'executor' | 'shuffle';
      reader: TaskPlace;
      /** It was really lost, on purpose. */
      faultId?: number;
    }
  /** The attempt before ended because `reader`, a task of it, could not read a map output of another stage. */
  | {
      code: 'INPUT_LOST';
      sourceStageId: number;
      mapPartition: number;
      reader: TaskPlace;
      message: string;
      faultId?: number;
    }
  /** A cached partition that it reads is gone: it is computed from its parents. */
  | {
      code: 'CACHED_BLOCK_LOST';
      rddId: number;
      rddName: string;
      rddPartition: number;
      executorId: string;
      reason: string;
      faultId?: number;
    }
  /** A map output of a stage before it was recomputed with other rows, so all that was made of the first goes. */
  | { code: 'OTHER_ROWS'; sourceStageId: number; mapPartition: number };

/** Partitions of one stage attempt that share a cause. */
export interface Recomputation {
  partitions: number[];
  cause: RecomputeCause;
  /** It befell an attempt that ran: what was launched before this time has nothing to do with it. */
  since?: number;
}

/** Partitions of one stage attempt whose causes are told one by one. */
export const MAX_RECOMPUTED = 1_000;
