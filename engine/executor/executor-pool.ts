/**
 * The scheduler's backend of child processes, one slot each. An executor that ends, hangs or runs out of memory is
 * reported with its reason and replaced at once; the scheduler has its work redone.
 */
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '../clock.ts';
import type { ClosureBlob, ClosureId, StagePlan } from '../rdd/plan.ts';
import type {
  BackendEvent,
  BarrierAnswer,
  Replica,
  ReplicaFile,
  SchedulerBackend,
  TakenBack,
  TaskLaunch,
} from '../scheduler/backend.ts';
import { removeBlockDirectory } from '../shuffle/block-directory.ts';
import { removeUnfinished } from '../shuffle/unfinished-blocks.ts';
import type { EngineFiles } from './engine-files.ts';
import { HUNG_AFTER_MS, PING_INTERVAL_MS } from './executor-pool-health.ts';
import { removeCopiesForDead, removeFoldersOfDead } from './executor-pool-leftovers.ts';
import { hungLoss, killedLoss, type Loss, lossOf } from './executor-pool-loss.ts';
import { PipeOutput } from './executor-pool-output.ts';
import { type ExecutorExit, ExecutorProcess } from './executor-pool-process.ts';
import { Reaper } from './executor-pool-reaper.ts';
import { Replacements } from './executor-pool-replacements.ts';
import type { FromExecutor } from './messages.ts';
import { type ProcessReader, processReader } from './process-sample.ts';
import { removeShared } from './shared-blocks.ts';

export interface ExecutorPoolOptions {
  executors: number;
  /** Bytes per executor: its heap limit. */
  memory: number;
  /** Shared by all processes of the application; removed by `stop`. */
  blockDirectory: string;
  workingDirectory: string;
  clock?: Clock;
  /** The module executors run; for tests. */
  entry?: string;
  readProcess?: ProcessReader;
  engine?: Pick<EngineFiles, 'changed'>;
}

/** An executor that says nothing for so long after its start is started anew. */
const START_DEADLINE_MS = 30_000;
/** One that ends so soon without having run a task counts as not started. */
const STILLBORN_MS = 1_000;
const SHUTDOWN_GRACE_MS = 1_000;

function executorEntry(): string {
  const name = import.meta.url.endsWith('.ts') ? './executor.ts' : './executor.js';
  return fileURLToPath(new URL(name, import.meta.url));
}

export class ExecutorPool implements SchedulerBackend {
  readonly #options: ExecutorPoolOptions;
  readonly #clock: Clock;
  readonly #executors = new Map<string, ExecutorProcess>();
  readonly #output = new Map<string, PipeOutput>();
  readonly #readProcess: ProcessReader;
  readonly #replacements: Replacements;
  #reaper: Reaper | undefined;
  #listener: (event: BackendEvent) => void = () => {};
  #nextId = 0;
  #nextPing = 0;
  #mode: 'running' | 'stopping' = 'running';
  #allEnded: (() => void) | undefined;
  #cancelPings: () => void = () => {};

  constructor(options: ExecutorPoolOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#readProcess = options.readProcess ?? processReader();
    this.#replacements = new Replacements(
      {
        clock: this.#clock,
        start: (slot) => this.#startExecutor(slot),
        isAnyReady: () => [...this.#executors.values()].some((executor) => executor.mode === 'ready'),
        report: (event) => this.#listener(event),
      },
      options.engine,
    );
  }

  readonly #isAlive = (executorId: string): boolean => this.#executors.has(executorId);

  start(listener: (event: BackendEvent) => void): void {
    this.#listener = listener;
    this.#reaper = new Reaper();
    for (let slot = 0; slot < this.#options.executors; slot++) this.#startExecutor(slot);
    // While they start.
    this.#replacements.begin();
    this.#schedulePings();
  }

  #startExecutor(slot: number): void {
    const { entry = executorEntry(), memory, blockDirectory, workingDirectory } = this.#options;
    const executorId = String(this.#nextId++);
    const now = this.#clock.now();
    const options = { entry, executorId, slot, memory, blockDirectory, workingDirectory, now };
    let executor: ExecutorProcess;
    try {
      executor = new ExecutorProcess(options, {
        message: (from, message) => this.#receive(from, message),
        output: (from, stream, text) => this.#output.get(from.executorId)?.write(stream, text),
        exited: (from, exit) => this.#exited(from, exit),
      });
    } catch (error) {
      this.#replacements.replace(slot, true, `could not be: ${(error as Error).message}`);
      return;
    }
    this.#executors.set(executorId, executor);
    const deliver = (text: { stream: 'stdout' | 'stderr'; text: string; dropped: number }): void =>
      this.#listener({ type: 'taskOutput', executorId, taskId: executor.headTaskId ?? -1, ...text });
    this.#output.set(executorId, new PipeOutput(this.#clock, deliver));
    if (executor.pid !== undefined) this.#reaper?.add(executor.pid);
  }

  // ------------------------------------------------------------------ what the scheduler asks

  launchTasks(
    executorId: string,
    plan: StagePlan,
    tasks: TaskLaunch[],
    closures: (id: string) => ClosureBlob,
  ): void {
    const executor = this.#executors.get(executorId);
    // Its loss is on the way to the scheduler, which will hand the tasks out again.
    if (executor?.mode !== 'ready') return;
    const key = `${plan.stageId}.${plan.attempt}`;
    if (!executor.stages.has(key)) {
      const missing = plan.closureIds.filter((id) => !executor.closures.has(id));
      executor.send({ type: 'stage', plan, closures: missing.map(closures) });
      executor.stages.add(key);
      for (const id of missing) executor.closures.add(id);
    }
    for (const task of tasks) executor.tasks.set(task.taskId, task);
    executor.send({ type: 'tasks', stageId: plan.stageId, stageAttempt: plan.attempt, tasks });
  }

  killTask(executorId: string, taskId: number, reason: string, graceMs: number): void {
    const executor = this.#executors.get(executorId);
    if (!executor?.tasks.has(taskId) || executor.killing.has(taskId)) return;
    executor.killing.set(taskId, { reason, graceMs, enforced: false });
    executor.send({ type: 'killTask', taskId, reason });
    if (executor.headTaskId === taskId) this.#enforceKill(executor, taskId);
  }

  takeBack(executorId: string): TakenBack | undefined {
    return this.#executors.get(executorId)?.takeBack();
  }

  /** From now on the task has its grace; a queued one gets it when it begins in spite of all. */
  #enforceKill(executor: ExecutorProcess, taskId: number): void {
    const asked = executor.killing.get(taskId);
    if (!asked || asked.enforced) return;
    asked.enforced = true;
    const { reason, graceMs } = asked;
    executor.writeCancel(taskId);
    const kill = () => {
      if (executor.mode === 'ended' || !executor.tasks.has(taskId)) return;
      const why = `task ${taskId} did not stop within ${graceMs} ms of being cancelled: ${reason}`;
      executor.kill('killed', why);
    };
    // Timers come before messages: where this process was kept from the processor, its end may have been told long ago.
    this.#clock.after(graceMs, () => setImmediate(() => setImmediate(kill)));
  }

  answerCommit(executorId: string, taskId: number, allowed: boolean): void {
    this.#executors.get(executorId)?.send({ type: 'commitReply', taskId, allowed });
  }

  answerBarrier(executorId: string, taskId: number, answer: BarrierAnswer): void {
    this.#executors.get(executorId)?.send({ type: 'barrierReply', taskId, answer });
  }

  forgetStage(stageId: number, attempt: number): void {
    for (const executor of this.#executors.values()) {
      if (executor.stages.delete(`${stageId}.${attempt}`))
        executor.send({ type: 'forgetStage', stageId, attempt });
    }
  }

  forgetClosures(ids: ClosureId[]): void {
    for (const executor of this.#executors.values()) {
      const held = ids.filter((id) => executor.closures.delete(id));
      if (held.length > 0) executor.send({ type: 'forgetClosures', ids: held });
    }
  }

  makeReplica(executorId: string, block: { rddId: number; partition: number; to: string }): void {
    this.#executors.get(executorId)?.send({ type: 'makeReplica', ...block });
  }

  adoptReplica(executorId: string, replica: Replica): void {
    this.#executors.get(executorId)?.send({ type: 'adoptReplica', replica });
  }

  dropReplica(executorId: string, replica: ReplicaFile): void {
    this.#executors.get(executorId)?.send({ type: 'dropReplica', replica });
  }

  dropRdd(rddId: number): void {
    for (const executor of this.#executors.values()) {
      if (executor.mode === 'ready') executor.send({ type: 'dropRdd', rddId });
    }
  }

  dropBroadcast(id: number): void {
    for (const executor of this.#executors.values()) {
      if (executor.mode === 'ready') executor.send({ type: 'dropBroadcast', id });
    }
  }

  dropBlock(executorId: string, rddId: number, partition: number): void {
    const executor = this.#executors.get(executorId);
    if (executor?.mode === 'ready') executor.send({ type: 'dropBlock', rddId, partition });
  }

  dropShared(rddId: number, generation?: number): void {
    void removeShared(this.#options.blockDirectory, rddId, generation);
  }

  clearSlowness(faultIds: number[]): void {
    for (const executor of this.#executors.values()) {
      if (executor.mode === 'ready') executor.send({ type: 'clearSlowness', faultIds });
    }
  }

  killExecutor(executorId: string, reason = 'killed on request'): void {
    this.#executors.get(executorId)?.kill('killed', reason);
  }

  async stop(): Promise<void> {
    if (this.#mode === 'stopping') return;
    this.#mode = 'stopping';
    this.#cancelPings();
    this.#replacements.stop();
    const ended = new Promise<void>((resolve) => {
      this.#allEnded = resolve;
    });
    for (const executor of [...this.#executors.values()]) this.#shutDown(executor);
    if (this.#executors.size > 0) await ended;
    this.#reaper?.close();
    removeBlockDirectory(this.#options.blockDirectory);
  }

  /** An idle executor may exit by itself, which lets Node write its compile cache. */
  #shutDown(executor: ExecutorProcess): void {
    if (executor.mode !== 'ready' || executor.tasks.size > 0) {
      executor.kill('shutdown', 'shut down');
      return;
    }
    executor.killed = { kind: 'shutdown', reason: 'shut down' };
    executor.send({ type: 'shutdown' });
    // Real time whatever the clock: a process is being waited for.
    systemClock.after(SHUTDOWN_GRACE_MS, () => {
      if (executor.mode !== 'ended') executor.kill('shutdown', 'shut down');
    });
  }

  // ------------------------------------------------------------------ what executors report

  #receive(executor: ExecutorProcess, message: FromExecutor): void {
    const { executorId, slot } = executor;
    removeCopiesForDead(this.#options.blockDirectory, message, this.#isAlive);
    switch (message.type) {
      case 'ready':
        executor.mode = 'ready';
        executor.announced = true;
        this.#listener({ type: 'executorAdded', executorId, slot, pid: message.pid });
        break;
      case 'pong':
        break;
      case 'taskStarted':
        this.#hasRun(executor);
        this.#enforceKill(executor, message.taskId);
        break;
      case 'taskEnded': {
        const { end } = message;
        const { taskId } = end;
        // It goes with its executor: others would be handed to one that is gone.
        if (executor.isKilled) break;
        this.#hasRun(executor);
        const kill = executor.killing.get(taskId);
        // One that was at work all the time has seen in its file that it is to stop, not why.
        if (kill && end.reason.kind === 'killed') end.reason.reason = kill.reason;
        executor.tasks.delete(taskId);
        executor.killing.delete(taskId);
        this.#listener({ type: 'taskEnded', executorId, end });
        break;
      }
      case 'blockEvicted':
      case 'blockStored':
      case 'replicaMade':
      case 'commitRequest':
      case 'barrierRequest':
      case 'taskProgress':
      case 'taskOutput':
      case 'executorMetrics':
        this.#listener({ ...message, executorId });
        break;
      default:
        message satisfies never;
    }
  }

  #hasRun(executor: ExecutorProcess): void {
    if (!executor.hasRunTasks) this.#replacements.cameUp();
    executor.hasRunTasks = true;
  }

  #lossOf(executor: ExecutorProcess, exit: ExecutorExit): Loss {
    const { executorId, killed } = executor;
    if (killed?.kind === 'hung') return hungLoss(executorId, HUNG_AFTER_MS / 1_000);
    if (killed?.kind === 'shutdown') return { ...killedLoss(killed.reason), code: 'shutdown' };
    if (killed) return killedLoss(killed.reason);
    return lossOf(executorId, exit, this.#options.memory);
  }

  #exited(executor: ExecutorProcess, exit: ExecutorExit): void {
    const { executorId, slot } = executor;
    const loss = this.#lossOf(executor, exit);
    const output = this.#output.get(executorId);
    if (loss.code === 'oom') output?.discard();
    else output?.flush();
    this.#output.delete(executorId);
    this.#executors.delete(executorId);
    if (executor.pid !== undefined) this.#reaper?.remove(executor.pid);
    const runningTaskId = executor.headTaskId;
    const kill = runningTaskId === undefined ? undefined : executor.killing.get(runningTaskId);
    const isOnPurpose = loss.code === 'killed' || loss.code === 'shutdown';
    const worked = executor.hasRunTasks || executor.tasks.size > 0;
    const lifetime = this.#clock.now() - executor.startedAt;
    if (executor.announced) {
      const { code, reason, causedByTask, error } = loss;
      this.#listener({
        type: 'executorRemoved',
        executorId,
        code,
        reason,
        runningTaskId: runningTaskId ?? null,
        causedByTask,
        // Told at once with the loss: were the task to end before it, others would be handed to an executor that is gone.
        ...(isOnPurpose && kill && { stopped: kill.reason }),
        error,
      });
    }
    if (this.#mode === 'stopping') {
      if (this.#executors.size === 0) this.#allEnded?.();
      return;
    }
    const { blockDirectory } = this.#options;
    removeFoldersOfDead(blockDirectory, this.#isAlive).catch(() => {});
    // Copies it made and did not come to tell of; those that were told of have been asked for before.
    for (const other of this.#executors.values())
      if (other.mode === 'ready') other.send({ type: 'dropReplicasOf', executorId });
    removeUnfinished(blockDirectory, new Set(executor.tasks.keys())).catch(() => {});
    const stillborn = !executor.announced || (!executor.killed && !worked && lifetime < STILLBORN_MS);
    this.#replacements.replace(slot, stillborn, loss.reason);
  }

  // ------------------------------------------------------------------ signs of life

  #schedulePings(): void {
    this.#cancelPings = this.#clock.after(PING_INTERVAL_MS, () => {
      for (const executor of [...this.#executors.values()]) this.#check(executor);
      if (this.#mode === 'running') this.#schedulePings();
    });
  }

  #check(executor: ExecutorProcess): void {
    const { pid, tasks } = executor;
    if (pid === undefined) return;
    const now = this.#clock.now();
    if (executor.mode === 'starting') {
      if (now - executor.startedAt >= START_DEADLINE_MS) executor.kill('hung', 'did not start');
      return;
    }
    const busy = tasks.size > 0;
    // One that began just before it was to stop, in a batch, may never come to tell that it did.
    const { headTaskId } = executor;
    if (headTaskId !== undefined) this.#enforceKill(executor, headTaskId);
    if (executor.pulse.isHung(now, busy, busy ? this.#readProcess(pid) : undefined)) {
      executor.kill('hung', 'no sign of life');
      return;
    }
    if (busy) executor.send({ type: 'ping', id: this.#nextPing++ });
  }
}
