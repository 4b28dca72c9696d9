/** A job: one action over some partitions of an RDD, from its submission to its results. */
import type { JobWait } from '../protocol.ts';
import type { JobSubmission } from '../rdd/job-runner.ts';
import type { StorageLevel, TaskResult } from '../rdd/plan.ts';
import type { Outdated } from './outdated.ts';

export interface ActiveJob {
  jobId: number;
  submission: JobSubmission;
  /** Set on a preparation job. */
  preparesRddId?: number;
  mode:
    | { kind: 'preparing' /** RDDs whose preparation it waits for. */; waitingFor: Set<number> }
    | { kind: 'held' /** What others use that is to be made anew before it begins. */; outdated: Outdated[] }
    | { kind: 'running'; resultStageId: number; stageIds: number[] };
  /** What it waits for before it begins, as viewers were last told; absent when it began at once. */
  wait?: JobWait;
  /** Everything it may touch: none of it is forgotten before the job ends. */
  lineage: Set<number>;
  /** Datasets that were unpersisted while it ran: it goes on with their rows as they were. */
  unpersisted?: Map<number, { storageLevel: StorageLevel; shared: number }>;
  results: (TaskResult | undefined)[];
  finished: number;
  resultBytes: number;
}

export function resultSize(result: TaskResult): number {
  const own = 'bytes' in result ? result.bytes.byteLength : result.length;
  return (result.more ?? []).reduce((sum, piece) => sum + resultSize(piece), own);
}
