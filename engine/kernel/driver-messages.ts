/** Every message between the control thread and the driver thread, and the memory they share. */
import type { AccumulableInfo, CellOutput, ErrorData, RunStatus } from '../protocol.ts';
import type { StageAccumulation } from '../rdd/accumulation.ts';
import type { JobSubmission } from '../rdd/job-runner.ts';
import type { RddNode, StorageLevel, TaskResult } from '../rdd/plan.ts';
import type { StatusAnswer, StatusQuestion } from '../rdd/status-tracker.ts';
import type { InspectAnswer, InspectQuestion } from './messages.ts';
import type { VariablesReport } from './variable-watch.ts';

export interface DriverConfig {
  /** The notebook or script; relative imports and packages resolve from it. */
  file: string;
  directory: string;
  blockDirectory: string;
  executors: number;
  args: string[];
  ring: SharedArrayBuffer;
  /** Console output waits for room in the ring instead of being dropped. */
  keepAllOutput: boolean;
  signals: SharedArrayBuffer;
}

/** Slots of the shared Int32Array `signals`. */
export const SIGNAL = {
  /** The latest run number that must end. */
  interruptedRun: 0,
  /** Next job id; drawn by the driver for its jobs and by the scheduler for preparations. */
  nextJobId: 1,
  /** Bytes of displayed outputs that control has not taken yet. */
  displayBacklog: 2,
} as const;
export const SIGNAL_SLOTS = 3;

export type ToDriver =
  | { type: 'execute'; run: number; cellId: string; runId: string; source: string; label: string }
  /** End this run (0: none is running) and answer with `pong`: both repeatable. */
  | { type: 'interrupt'; run: number; ping: number }
  /** End by yourself once nothing is left to wait for. */
  | { type: 'drain' }
  /** Look into a variable; answered by `inspected`. */
  | { type: 'inspect'; id: number; question: InspectQuestion }
  | { type: 'persistVariable'; name: string; level: 'MEMORY_ONLY' | 'NONE' }
  /** Comes before the end of the jobs it belongs to. */
  | { type: 'accumulated'; added: StageAccumulation }
  | { type: 'status'; answer: StatusAnswer }
  | { type: 'resultsSoFar'; jobId: number; results: (TaskResult | undefined)[] }
  /** Forget what nobody can reach; answered by `letGo`, behind all that is forgotten. */
  | { type: 'letGo' }
  | { type: 'jobSucceeded'; jobId: number; results: TaskResult[] }
  | { type: 'jobFailed'; jobId: number; error: ErrorData };

/** `position` is the number of bytes written to the output ring before this message: what comes first is shown first. */
export type FromDriver =
  | { type: 'ready' }
  | { type: 'output'; run: number; output: CellOutput; bytes: number; position: number }
  | {
      type: 'finished';
      run: number;
      status: Extract<RunStatus, 'ok' | 'error' | 'interrupted'>;
      position: number;
    }
  | { type: 'variables'; report: VariablesReport }
  | { type: 'inspected'; id: number; answer: InspectAnswer }
  | { type: 'pong'; ping: number }
  | { type: 'submitJob'; jobId: number; job: JobSubmission }
  | { type: 'cancelJob'; jobId: number; reason: string }
  /** Answered by `resultsSoFar`. */
  | { type: 'askResults'; jobId: number }
  /** Answered by `status`, in the order of the questions. */
  | { type: 'askStatus'; question: StatusQuestion }
  | { type: 'persist'; rddId: number; level: StorageLevel }
  | { type: 'setName'; rddId: number; name: string }
  | { type: 'replan'; node: RddNode }
  | { type: 'forget'; rddIds: number[] }
  | { type: 'dropBroadcast'; id: number }
  | { type: 'letGo' }
  | { type: 'accumulated'; stageId: number; attempt: number; values: AccumulableInfo[] };
