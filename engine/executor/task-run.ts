/** One attempt of one task while it runs: what it computes, with what, and what it has counted so far. */
import { toMicros } from '../clock.ts';
import { zeroMetrics } from '../fold/progress.ts';
import type { TaskMetrics } from '../protocol.ts';
import type { RddNode } from '../rdd/plan.ts';
import type { BarrierAnswer, BarrierMethod, CachedBlock, TaskLaunch } from '../scheduler/backend.ts';
import type { FetchFailedError } from '../shuffle/fetch-failed-error.ts';
import type { ReadAhead } from '../shuffle/read-ahead.ts';
import { shuffleReadMetrics, shuffleWriteMetrics } from '../shuffle/shuffle-metrics.ts';
import type { BlockManager } from '../storage/block-manager.ts';
import type { MemoryManager, TaskMemory } from '../storage/memory-manager.ts';
import type { SpillMetrics } from '../storage/spill-file.ts';
import { AddedInTask } from './added-in-task.ts';
import { BarrierCalls, BarrierTaskContext } from './barrier-task-context.ts';
import type { Cancellation } from './cancellation.ts';
import type { DisorderedBlocks } from './disordered-blocks.ts';
import { LeftBehind } from './lent-rows.ts';
import type { ExecutorConfig } from './messages.ts';
import { OperatorClock } from './operator-clock.ts';
import type { PreparedStage } from './prepared-stage.ts';
import { LoopTask } from './push-loop.ts';
import { dropCopies } from './replicas.ts';
import type { RowSum } from './row-sum.ts';
import { TaskContext, type TaskIdentity, type TaskProbe } from './task-context.ts';
import type { TaskScope } from './task-scope.ts';

/** What a task finds in its executor. */
export interface ExecutorServices {
  config: ExecutorConfig;
  memory: MemoryManager;
  blocks: BlockManager;
  disordered: DisorderedBlocks;
  /** A clock for where the time of tasks goes, milliseconds; `performance.now` unless a test winds its own. */
  now?: (() => number) | undefined;
  /** Asks control whether this task may make its output visible. */
  requestCommit(taskId: number): Promise<boolean>;
  /** Tells control that a task of a barrier stage has come to a call. */
  requestBarrier(
    taskId: number,
    epoch: number,
    method: BarrierMethod,
    message: string,
  ): Promise<BarrierAnswer>;
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
  cachedBlocks: CachedBlock[] = [];
  /** What others cannot read and must not compute once the task has come through, or only compare with `sum`; why it could not be written. */
  readonly heldAlone: { node: RddNode; partition: number; cause: unknown; sum?: RowSum }[] = [];
  /** The executor that alone has rows which this one needs. */
  heldBy: string | undefined;
  /** Of the present pass; a restart in the awaiting kind begins a new one. */
  loop: LoopTask;
  readonly shuffleRead = shuffleReadMetrics();
  readonly shuffleWrite = shuffleWriteMetrics();
  readonly spilled: SpillMetrics = { memoryBytesSpilled: 0, diskBytesSpilled: 0 };
  readonly memory: TaskMemory;
  readonly context: TaskContext;
  /** Of the present pass, as the loop is. */
  scope: TaskScope;
  readonly #barrier: BarrierCalls | undefined;
  /** How many partitions are being computed inside one another. */
  #depth = 0;
  /** Whether the order of its rows depends on memory, or on how it is cut up. */
  disordered: boolean;
  #fetchFailure: FetchFailedError | undefined;
  /** Of a task that is one of several over adjacent partitions. */
  readonly readAhead: ReadAhead | undefined;

  constructor(
    stage: PreparedStage,
    launch: TaskLaunch,
    services: ExecutorServices,
    cancellation: Cancellation,
    readAhead?: ReadAhead,
  ) {
    this.readAhead = readAhead;
    this.stage = stage;
    this.launch = launch;
    this.services = services;
    this.cancellation = cancellation;
    this.memory = services.memory.forTask();
    this.loop = this.#newLoop();
    this.disordered = stage.readsDisordered || launch.piece !== undefined;
    const probe: TaskProbe = {
      stopReason: () => cancellation.stopReason(),
      metrics: () => {
        this.#gather();
        return { ...this.metrics };
      },
    };
    const { barrier, taskId } = launch;
    this.#barrier =
      barrier &&
      new BarrierCalls(
        barrier.addresses,
        (epoch, method, message) => services.requestBarrier(taskId, epoch, method, message),
        cancellation,
      );
    const identity = identityOf(stage, launch);
    this.context = this.#barrier
      ? new BarrierTaskContext(identity, probe, this.#barrier)
      : new TaskContext(identity, probe);
    this.scope = { context: this.context, added: new AddedInTask() };
  }

  #newLoop(): LoopTask {
    const nodes = this.stage.plan.nodes.length;
    const clock = new OperatorClock(nodes, this.services.now, () => this.shuffleWrite.writeTime);
    return new LoopTask(nodes, this.cancellation.check, clock, (needed) => this.#endPass(needed));
  }

  /** The pass leads nowhere. Functions may catch what tells them so and leave what they returned to nobody. */
  #endPass(cause: Error): void {
    this.cancellation.endPass(new LeftBehind(cause));
  }

  /** Remembered here, so that user code cannot swallow it. */
  get fetchFailure(): FetchFailedError | undefined {
    return this.#fetchFailure;
  }

  /** Some of its input is gone: whatever its functions make of that, it ends so. */
  failFetch(failure: FetchFailedError): never {
    this.#fetchFailure ??= failure;
    this.#endPass(failure);
    throw failure;
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

  /** A block it cached is gone before its end. */
  forgetBlock(block: CachedBlock): void {
    this.cachedBlocks = this.cachedBlocks.filter((each) => each !== block);
  }

  /**
   * What this pass added counts for nothing: the next one computes again what added it, instead of reading what was cached
   * by the way. Rows that others read stay, with a note of what was added for them.
   */
  dropCounted(): void {
    if (this.scope.added.isEmpty) return;
    for (const block of this.scope.added.cachedBlocks) {
      this.services.blocks.dropPartition(block.rddId, block.partition);
      dropCopies(this.services, block);
      this.forgetBlock(block);
    }
  }

  /** Forgets what the pass before has counted. */
  restart(): void {
    this.dropCounted();
    this.#barrier?.restart();
    this.loop = this.#newLoop();
    this.cancellation.newPass();
    const { executorDeserializeTime } = this.metrics;
    Object.assign(this.metrics, zeroMetrics(), { executorDeserializeTime });
    Object.assign(this.shuffleRead, shuffleReadMetrics());
    Object.assign(this.shuffleWrite, shuffleWriteMetrics());
    Object.assign(this.spilled, { memoryBytesSpilled: 0, diskBytesSpilled: 0 });
    this.memory.close();
    this.scope.added.state = 'dropped';
    this.scope.added.clear();
    this.scope = { context: this.context, added: new AddedInTask() };
  }

  /** The task is over: settles what it measured, gives its memory back. Times in milliseconds. */
  complete(elapsed: number, cpuTime: number): void {
    const { metrics } = this;
    const runTime = Math.max(0, elapsed - metrics.resultSerializationTime);
    metrics.resultSerializationTime = toMicros(metrics.resultSerializationTime);
    metrics.executorRunTime = toMicros(runTime);
    // As in Spark without that of encoding the result: this takes its share.
    metrics.executorCpuTime = elapsed > 0 ? toMicros((cpuTime * runTime) / elapsed) : 0;
    this.#gather();
    this.memory.close();
    if (!this.disordered) return;
    for (const { rddId, partition } of this.cachedBlocks) this.services.disordered.add(rddId, partition);
  }

  #gather(): void {
    const { metrics, shuffleRead, shuffleWrite, spilled } = this;
    metrics.shuffleReadBytes = shuffleRead.bytes;
    metrics.shuffleReadRecords = shuffleRead.records;
    metrics.shuffleFetchWaitTime = toMicros(shuffleRead.fetchWaitTime);
    metrics.shuffleWriteBytes = shuffleWrite.bytes;
    metrics.shuffleWriteRecords = shuffleWrite.records;
    metrics.shuffleWriteTime = toMicros(shuffleWrite.writeTime);
    metrics.diskBytesSpilled = shuffleWrite.spilledBytes + spilled.diskBytesSpilled;
    metrics.memoryBytesSpilled = shuffleWrite.spilledBytes + spilled.memoryBytesSpilled;
    metrics.peakExecutionMemory = this.services.memory.peakExecution;
  }
}

function identityOf({ plan, root }: PreparedStage, launch: TaskLaunch): TaskIdentity {
  return {
    partitionId: launch.partition,
    numPartitions: root.numPartitions,
    stageId: plan.stageId,
    stageAttemptNumber: plan.attempt,
    attemptNumber: launch.attempt,
    taskAttemptId: launch.taskId,
    properties: plan.properties,
  };
}
