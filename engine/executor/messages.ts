/** Every message between the control thread and one executor process (node IPC, structured clone). */

import type { ClosureBlob, ClosureId, StagePlan } from '../rdd/plan.ts';
import type {
  BackendEvent,
  BarrierAnswer,
  BarrierMethod,
  Replica,
  ReplicaFile,
  TaskLaunch,
} from '../scheduler/backend.ts';

export interface ExecutorConfig {
  executorId: string;
  slot: number;
  /** Shared by all processes of the application; shuffle files, large results and spills live here. */
  blockDirectory: string;
  /** One budget for execution and storage, in bytes. */
  memory: number;
  workingDirectory: string;
  /** See task-file.ts. */
  taskFile: string;
}

/** Of an executor that failed itself (EX_SOFTWARE of sysexits.h), not of one that user code ended. */
export const BROKEN_EXIT_CODE = 70;

export type ToExecutor =
  | { type: 'init'; config: ExecutorConfig }
  | { type: 'stage'; plan: StagePlan; closures: ClosureBlob[] }
  | { type: 'tasks'; stageId: number; stageAttempt: number; tasks: TaskLaunch[] }
  | { type: 'killTask'; taskId: number; reason: string }
  | { type: 'commitReply'; taskId: number; allowed: boolean }
  | { type: 'barrierReply'; taskId: number; answer: BarrierAnswer }
  | { type: 'makeReplica'; rddId: number; partition: number; to: string }
  | { type: 'adoptReplica'; replica: Replica }
  | { type: 'dropReplica'; replica: ReplicaFile }
  /** An executor has ended: what it put here and was not asked for yet. */
  | { type: 'dropReplicasOf'; executorId: string }
  | { type: 'dropRdd'; rddId: number }
  | { type: 'dropBlock'; rddId: number; partition: number }
  | { type: 'clearSlowness'; faultIds: number[] }
  | { type: 'dropBroadcast'; id: number }
  | { type: 'forgetStage'; stageId: number; attempt: number }
  | { type: 'forgetClosures'; ids: ClosureId[] }
  | { type: 'ping'; id: number }
  | { type: 'shutdown' };

/** Sent as arrays, the ends of ordinary tasks among them packed: see task-end-batch.ts. */
export type FromExecutor =
  | { type: 'ready'; pid: number }
  | { type: 'pong'; id: number }
  /** Left out where the task's end travels with it. */
  | { type: 'taskStarted'; taskId: number }
  | { type: 'taskEnded'; end: Extract<BackendEvent, { type: 'taskEnded' }>['end'] }
  | { type: 'blockEvicted'; rddId: number; partition: number; reason: string }
  | { type: 'blockStored'; rddId: number; partition: number; bytes: number; onDisk: boolean }
  | { type: 'replicaMade'; rddId: number; partition: number; to: string }
  | { type: 'commitRequest'; taskId: number }
  | { type: 'barrierRequest'; taskId: number; epoch: number; method: BarrierMethod; message: string }
  | { type: 'taskProgress'; taskId: number; recordsRead: number; runTime: number }
  | { type: 'taskOutput'; taskId: number; stream: 'stdout' | 'stderr'; text: string; dropped: number }
  | {
      type: 'executorMetrics';
      heapUsed: number;
      rss: number;
      storageMemory: number;
      executionMemory: number;
    };
