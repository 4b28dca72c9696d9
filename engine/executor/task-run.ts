/** One attempt of one task while it runs: what it computes, with what, and what it has counted so far. */
import { zeroMetrics } from '../fold/progress.ts';
import type { TaskMetrics } from '../protocol.ts';
import type { CachedBlock, TaskLaunch } from '../scheduler/backend.ts';
import type { FetchFailedError } from '../shuffle/fetch-failed-error.ts';
import { shuffleReadMetrics, shuffleWriteMetrics } from '../shuffle/shuffle-metrics.ts';
import type { BlockManager } from '../storage/block-manager.ts';
import type { MemoryManager, TaskMemory } from '../storage/memory-manager.ts';
import type { Cancellation } from './cancellation.ts';
import type { ExecutorConfig } from './messages.ts';
import type { PreparedStage } from './prepared-stage.ts';
import { LoopTask } from './push-loop.ts';

/** What a task finds in its executor. */
export interface ExecutorServices {
  config: ExecutorConfig;
  memory: MemoryManager;
  blocks: BlockManager;
  /** Asks control whether this task may make its output visible. */
  requestCommit(taskId: number): Promise<boolean>;
}

/**
 * Each costs a handful of stack frames, the user's own among them; 1,000 of the plainest fit. Beyond that the awaiting
 * kind goes on, which computes one after the other.
 */
const DEEPEST = 250;

export class TaskRun {
  readonly stage: PreparedStage;
  readonly launch: TaskLaunch;
  readonly services: ExecutorServices;
  readonly cancellation: Cancellation;
  readonly metrics: TaskMetrics = zeroMetrics();
  readonly cachedBlocks: CachedBlock[] = [];
  /** Of the present pass; a restart in the awaiting kind begins a new one. */
  loop: LoopTask;
  readonly shuffleRead = shuffleReadMetrics();
  readonly shuffleWrite = shuffleWriteMetrics();
  readonly memory: TaskMemory;
  /** How many partitions are being computed inside one another. */
  #depth = 0;
  /** Remembered here, so that user code cannot swallow it. */
  fetchFailure: FetchFailedError | undefined;

  constructor(
    stage: PreparedStage,
    launch: TaskLaunch,
    services: ExecutorServices,
    cancellation: Cancellation,
  ) {
    this.stage = stage;
    this.launch = launch;
    this.services = services;
    this.cancellation = cancellation;
    this.memory = services.memory.forTask();
    this.loop = new LoopTask(stage.plan.nodes.length, cancellation.check);
  }

  /** A partition computed inside another begins a step, which `leave` ends. */
  enter(): void {
    if (++this.#depth <= DEEPEST) return;
    this.#depth--;
    this.loop.tooDeep();
  }

  leave(): void {
    this.#depth--;
  }

  /** Forgets what the pass before has counted. */
  restart(): void {
    this.loop = new LoopTask(this.stage.plan.nodes.length, this.cancellation.check);
    const { executorDeserializeTime } = this.metrics;
    Object.assign(this.metrics, zeroMetrics(), { executorDeserializeTime });
    Object.assign(this.shuffleRead, shuffleReadMetrics());
    Object.assign(this.shuffleWrite, shuffleWriteMetrics());
    this.memory.close();
  }

  /** The task is over: settles what it measured, gives its memory back. Times in milliseconds. */
  complete(elapsed: number, cpuTime: number): void {
    const { metrics, shuffleRead, shuffleWrite } = this;
    metrics.executorRunTime = Math.max(0, elapsed - metrics.resultSerializationTime);
    metrics.executorCpuTime = cpuTime;
    metrics.shuffleReadBytes = shuffleRead.bytes;
    metrics.shuffleReadRecords = shuffleRead.records;
    metrics.shuffleFetchWaitTime = shuffleRead.fetchWaitTime;
    metrics.shuffleWriteBytes = shuffleWrite.bytes;
    metrics.shuffleWriteRecords = shuffleWrite.records;
    metrics.shuffleWriteTime = shuffleWrite.writeTime;
    metrics.diskBytesSpilled = shuffleWrite.spilledBytes;
    metrics.memoryBytesSpilled = shuffleWrite.spilledBytes;
    metrics.peakExecutionMemory = this.services.memory.peakExecution;
    this.memory.close();
  }
}
