/** Every message between a kernel's control thread and its host (the server, or the command line). */
import type { FaultCommand } from '../fault-protocol.ts';
import type { ErrorData } from '../protocol.ts';
import type { AdaptiveOptions } from '../rdd/adaptive-options.ts';
import type { SchedulingOptions } from '../scheduler/scheduling-options.ts';
import type { InspectVariableAnswer, InspectVariableQuery } from '../viewer-protocol.ts';

export type InspectQuestion = Omit<InspectVariableQuery, 'type'>;
export type InspectAnswer = { ok: true; answer: InspectVariableAnswer } | { ok: false; error: ErrorData };

/** A viewer's command to break something, and who gave it. */
export type FaultOrder = FaultCommand & { by?: string };
export type FaultAnswer = { ok: true } | { ok: false; error: ErrorData };

export interface KernelConfig {
  name: string;
  /** Working directory of user code: the notebook's or script's folder. */
  directory: string;
  /** The notebook or script; relative imports and npm packages resolve from it. */
  file: string;
  executors: number;
  /** Bytes per executor. */
  executorMemory: number;
  /** What differs from the defaults of adaptive execution. */
  adaptive?: Partial<AdaptiveOptions>;
  /** Bytes for the driver thread. */
  driverMemory: number;
  /** The script's `args`. */
  args: string[];
  /** Injects faults into tasks, executors and shuffle files by a seed; see `FaultyBackend`. */
  faults?: { seed: number; rate: number };
  /** Pools, speculation, exclusion, barriers; Spark's defaults. */
  scheduling?: SchedulingOptions;
  /** Write the event log here. */
  eventLog?: string;
  /** The log ends when it reaches this many bytes. */
  eventLogMax?: number;
  /** Write keyframes beside the log while it grows; without, its first reader makes them. Costs memory for every task. */
  keyframes?: boolean;
  /** Keep back what a cell prints beyond a generous amount; default true. False where output is a pipe of the user's. */
  limitOutput?: boolean;
}

export type ToKernel =
  | { type: 'start'; config: KernelConfig }
  | { type: 'execute'; cellId: string; runId: string; source: string; executionCount: number; label: string }
  | { type: 'interrupt' }
  | { type: 'cancelJob'; jobId: number }
  /** Answered by `inspected`. */
  | { type: 'inspect'; id: number; question: InspectQuestion }
  | { type: 'persistVariable'; name: string; level: 'MEMORY_ONLY' | 'NONE' }
  | { type: 'killExecutor'; executorId: string }
  /** Answered by `faultAnswered`. */
  | { type: 'fault'; id: number; order: FaultOrder }
  /** No further cell comes: exit once user code has nothing left to wait for (timers, jobs, sockets), as a script does. */
  | { type: 'drain' }
  /** Finish or abort the running job, flush the log, exit. */
  | { type: 'shutdown' };

export type FromKernel =
  | { type: 'ready'; boot: string; pid: number }
  /** `events` is a JSON array text of StagelightEvent, `from`…`to` their sequence numbers: stringified once, for log and host. */
  | { type: 'events'; boot: string; from: number; to: number; events: string }
  | { type: 'inspected'; id: number; answer: InspectAnswer }
  | { type: 'faultAnswered'; id: number; answer: FaultAnswer }
  /** User code has nothing left to wait for, and set this `process.exitCode`. */
  | { type: 'drained'; exitCode: number }
  | { type: 'fatal'; error: ErrorData };
