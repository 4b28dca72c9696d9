/**
 * What the scheduler decides by itself once tasks run: adaptive plans, second copies of slow tasks, executors that get no
 * more tasks. Types only.
 */

/** What adaptive execution made of a stage attempt once it was known what the stage reads. */
export interface AdaptivePlan {
  /**
   * `coalesce`: fewer tasks than partitions; `skew`: a partition of a join computed in pieces; `broadcastJoin`: one side
   * sent to every executor, the other one not shuffled.
   */
  kind: 'coalesce' | 'skew' | 'broadcastJoin';
  /** In words, with the numbers it was decided by. */
  reason: string;
  /** Partitions before. */
  partitions: number;
  /** Tasks after. */
  tasks: number;
}

export type SchedulingEvent =
  /** Adaptive execution changed how the stage runs; after `stageSubmitted` of the same attempt. */
  | ({ type: 'adaptivePlan'; stageId: number; attempt: number; time: number } & AdaptivePlan)
  /** A task runs so slowly that a second copy of it will be started; `executorId` is where the first runs. */
  | {
      type: 'speculativeTaskSubmitted';
      stageId: number;
      stageAttempt: number;
      index: number;
      partition: number;
      executorId: string;
      time: number;
      reason: string;
    }
  /** An executor gets no more tasks because too many failed there: of one stage attempt, or of the application for a time. */
  | {
      type: 'executorExcluded';
      executorId: string;
      time: number;
      reason: string;
      failedTasks: number;
      /** Absent: from all stages. */
      stageId?: number;
      stageAttempt?: number;
      /** When it gets tasks again. */
      until?: number;
    }
  | { type: 'executorUnexcluded'; executorId: string; time: number; reason: string };
