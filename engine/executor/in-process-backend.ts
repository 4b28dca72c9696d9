/** A scheduler backend that runs tasks in this process, one slot per simulated executor: for unit tests. */
import { mkdirSync, rmSync } from 'node:fs';
import type { ClosureBlob, ClosureId, StagePlan } from '../rdd/plan.ts';
import type {
  BackendEvent,
  BarrierAnswer,
  Replica,
  ReplicaFile,
  SchedulerBackend,
  TaskLaunch,
} from '../scheduler/backend.ts';
import { ExecutorSlot } from './executor-slot.ts';
import type { ExecutorConfig, FromExecutor } from './messages.ts';
import { removeShared } from './shared-blocks.ts';

export interface InProcessBackendOptions {
  executors: number;
  /** Made when missing, removed by `stop`. */
  blockDirectory: string;
  workingDirectory: string;
  /** Bytes per executor. */
  memory?: number;
}

interface SimulatedExecutor {
  slot: ExecutorSlot;
  /** The stage attempts it was sent. */
  stages: Set<string>;
  alive: boolean;
}

export class InProcessBackend implements SchedulerBackend {
  readonly #options: InProcessBackendOptions;
  readonly #executors = new Map<string, SimulatedExecutor>();
  #listener: (event: BackendEvent) => void = () => {};
  #started = 0;
  #stopped = false;

  constructor(options: InProcessBackendOptions) {
    this.#options = options;
  }

  start(listener: (event: BackendEvent) => void): void {
    this.#listener = listener;
    mkdirSync(this.#options.blockDirectory, { recursive: true });
    for (let slot = 0; slot < this.#options.executors; slot++) this.#startExecutor(slot);
  }

  #emit(event: BackendEvent): void {
    queueMicrotask(() => {
      if (!this.#stopped) this.#listener(event);
    });
  }

  #startExecutor(slot: number): void {
    const executorId = String(this.#started++);
    const { blockDirectory, workingDirectory, memory = 256 * 1024 * 1024 } = this.#options;
    const config: ExecutorConfig = {
      executorId,
      slot,
      blockDirectory,
      memory,
      workingDirectory,
      taskFile: '',
    };
    const executor: SimulatedExecutor = {
      slot: new ExecutorSlot(config, (messages) => {
        if (executor.alive) for (const message of messages) this.#report(executorId, message);
      }),
      stages: new Set(),
      alive: true,
    };
    this.#executors.set(executorId, executor);
    this.#emit({ type: 'executorAdded', executorId, slot, pid: process.pid });
  }

  #report(executorId: string, message: FromExecutor): void {
    switch (message.type) {
      case 'ready':
      case 'pong':
      case 'taskStarted':
        return;
      default:
        this.#emit({ ...message, executorId });
        return;
    }
  }

  launchTasks(
    executorId: string,
    plan: StagePlan,
    tasks: TaskLaunch[],
    closures: (id: string) => ClosureBlob,
  ): void {
    const executor = this.#executors.get(executorId);
    if (executor === undefined) return;
    const key = `${plan.stageId}.${plan.attempt}`;
    if (!executor.stages.has(key)) {
      executor.stages.add(key);
      const blobs = plan.closureIds.filter((id) => !id.startsWith('builtin:')).map(closures);
      executor.slot.receive({ type: 'stage', plan, closures: blobs });
    }
    executor.slot.receive({ type: 'tasks', stageId: plan.stageId, stageAttempt: plan.attempt, tasks });
  }

  /** There is nothing to kill a stubborn task with: `graceMs` is not used. */
  killTask(executorId: string, taskId: number, reason: string): void {
    this.#executors.get(executorId)?.slot.receive({ type: 'killTask', taskId, reason });
  }

  /** Its executors share one thread: none is idle while another computes. */
  takeBack(): undefined {
    return undefined;
  }

  answerCommit(executorId: string, taskId: number, allowed: boolean): void {
    this.#executors.get(executorId)?.slot.receive({ type: 'commitReply', taskId, allowed });
  }

  answerBarrier(executorId: string, taskId: number, answer: BarrierAnswer): void {
    this.#executors.get(executorId)?.slot.receive({ type: 'barrierReply', taskId, answer });
  }

  forgetStage(stageId: number, attempt: number): void {
    for (const { slot, stages } of this.#executors.values()) {
      stages.delete(`${stageId}.${attempt}`);
      slot.receive({ type: 'forgetStage', stageId, attempt });
    }
  }

  forgetClosures(ids: ClosureId[]): void {
    for (const { slot } of this.#executors.values()) slot.receive({ type: 'forgetClosures', ids });
  }

  makeReplica(executorId: string, block: { rddId: number; partition: number; to: string }): void {
    this.#executors.get(executorId)?.slot.receive({ type: 'makeReplica', ...block });
  }

  adoptReplica(executorId: string, replica: Replica): void {
    this.#executors.get(executorId)?.slot.receive({ type: 'adoptReplica', replica });
  }

  dropReplica(executorId: string, replica: ReplicaFile): void {
    this.#executors.get(executorId)?.slot.receive({ type: 'dropReplica', replica });
  }

  dropRdd(rddId: number): void {
    for (const { slot } of this.#executors.values()) slot.receive({ type: 'dropRdd', rddId });
  }

  dropBroadcast(id: number): void {
    for (const { slot } of this.#executors.values()) slot.receive({ type: 'dropBroadcast', id });
  }

  dropBlock(executorId: string, rddId: number, partition: number): void {
    this.#executors.get(executorId)?.slot.receive({ type: 'dropBlock', rddId, partition });
  }

  dropShared(rddId: number, generation?: number): void {
    void removeShared(this.#options.blockDirectory, rddId, generation);
  }

  clearSlowness(faultIds: number[]): void {
    for (const { slot } of this.#executors.values()) slot.receive({ type: 'clearSlowness', faultIds });
  }

  /** The executor falls silent and its cached partitions are gone; its shuffle files stay. */
  killExecutor(executorId: string, reason = 'killed on request'): void {
    const executor = this.#executors.get(executorId);
    if (executor === undefined) return;
    executor.alive = false;
    executor.slot.close();
    this.#executors.delete(executorId);
    this.#emit({ type: 'executorRemoved', executorId, code: 'killed', reason });
    // After what it told of has been asked for.
    queueMicrotask(() => {
      for (const { slot } of this.#executors.values()) slot.receive({ type: 'dropReplicasOf', executorId });
    });
    this.#startExecutor(executor.slot.config.slot);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { slot } of this.#executors.values()) slot.close();
    this.#executors.clear();
    rmSync(this.#options.blockDirectory, { recursive: true, force: true });
  }
}
