/**
 * Executors of a simulation: they compute tiny rows from stage plans, keep map outputs in a pretended disk, and do
 * nothing until told. Whoever drives them decides what happens next, so every schedule can be played again.
 */
import { type ErrorData, TASK_METRICS, type TaskEndReason, type TaskMetrics } from '../protocol.ts';
import type { StagePlan } from '../rdd/plan.ts';
import type {
  BackendEvent,
  BarrierAnswer,
  SchedulerBackend,
  TakenBack,
  TaskEnd,
  TaskLaunch,
} from './backend.ts';
import { type Blocks, type TaskBrings, TestComputation } from './test-computation.ts';
import { TestDisk } from './test-disk.ts';
import { ChoiceSet, type Choices } from './test-random.ts';

interface SimulatedTask extends TaskLaunch {
  plan: StagePlan;
  executorId: string;
  /** Asked to stop: what it brings is not taken. */
  killed: boolean;
  commit?: 'granted' | 'denied';
  /** What it has computed and not yet told. */
  computed?: TaskBrings;
  /** Of a barrier stage: it waits for the others, or has met them. */
  sync?: 'waiting' | 'met';
  /** Cached blocks it has computed and not yet stored. */
  stores?: Blocks;
}

/** The result tasks of jobs with this property ask for the right to commit before they end. */
export const SAVES = { saves: 'yes' };

/** How a task ended, before anybody was told. */
export interface ComputedEnd {
  task: SimulatedTask;
  end: TaskEnd;
}

interface SimulatedExecutor {
  tasks: SimulatedTask[];
  /** Answers under way: what an executor says arrives in its order. */
  said: TaskEnd[];
  blocks: Blocks;
}

const metrics = () => Object.fromEntries(TASK_METRICS.map((name) => [name, 0])) as unknown as TaskMetrics;

export class TestExecutors implements SchedulerBackend {
  readonly forgottenClosures: string[] = [];
  readonly executors = new Map<string, SimulatedExecutor>();
  readonly alive = new ChoiceSet();
  /** Executors with tasks; not those that stand still. */
  readonly busyOnes = new ChoiceSet();
  readonly frozen = new ChoiceSet();
  readonly disk = new TestDisk();
  readonly computation = new TestComputation(this.disk);
  /** Job → partition → attempts that committed it and whose end was taken. */
  readonly commits = new Map<number, Map<number, number>>();
  onLaunch: (plan: StagePlan) => void = () => {};
  readonly launched: string[] = [];
  /** What each task says it took. Tiny tasks travel in batches. */
  taskMs = 0;
  /** Tasks that executors were told not to begin. */
  takenBack = 0;
  #listener: (event: BackendEvent) => void = () => {};
  /** With it, some tasks read their input as soon as they begin. */
  choices: Choices | undefined;
  #nextExecutor = 0;
  /** By task id: they that run, or wait to. */
  readonly #tasks = new Map<number, SimulatedTask>();
  #latest: { executorId: string; end: TaskEnd } | undefined;

  start(listener: (event: BackendEvent) => void): void {
    this.#listener = listener;
  }

  add(): string {
    const executorId = `e${this.#nextExecutor++}`;
    this.executors.set(executorId, { tasks: [], said: [], blocks: new Map() });
    this.alive.add(executorId);
    this.#listener({ type: 'executorAdded', executorId, slot: 0, pid: 1 });
    return executorId;
  }

  remove(executorId: string, code: 'killed' | 'signal' | 'exit', causedByTask: boolean): void {
    this.#flush(executorId);
    for (const { taskId, computed } of this.executors.get(executorId)?.tasks ?? []) {
      this.#tasks.delete(taskId);
      if (computed) this.disk.drop(computed);
    }
    this.executors.delete(executorId);
    this.alive.delete(executorId);
    this.busyOnes.delete(executorId);
    this.frozen.delete(executorId);
    this.#listener({ type: 'executorRemoved', executorId, code, reason: code, causedByTask });
  }

  busy(): string[] {
    return [...this.executors]
      .filter(([, { tasks }]) => tasks[0] && (tasks[0].sync !== 'waiting' || tasks[0].killed))
      .map(([id]) => id);
  }

  /** Runs the executor's first task, or ends it with the reason given. */
  finish(executorId: string, forced?: TaskEndReason): void {
    const computed = this.compute(executorId, forced);
    if (computed) this.deliver(executorId, computed);
  }

  /** Ends the executor's first task and does not tell yet. */
  compute(executorId: string, forced?: TaskEndReason): ComputedEnd | undefined {
    const executor = this.executors.get(executorId)!;
    const task = executor.tasks[0];
    if (!task) return undefined;
    if (task.sync === 'waiting') forced ??= { kind: 'killed', reason: 'simulated' };
    else if (task.barrier && !task.sync && !forced && !task.killed) {
      this.#meet(executorId, task);
      return undefined;
    }
    const base = { taskId: task.taskId, metrics: metrics(), startTime: 0, endTime: this.taskMs };
    if (forced && task.computed) this.disk.drop(task.computed);
    const ended = forced ? { reason: forced } : this.#save(executorId, executor, task);
    executor.tasks.shift();
    if (executor.tasks.length === 0) this.busyOnes.delete(executorId);
    return { task, end: { ...base, ...ended } };
  }

  deliver(executorId: string, { task, end }: ComputedEnd): void {
    this.#flush(executorId);
    const executor = this.executors.get(executorId);
    if (end.cachedBlocks) for (const [block, rows] of task.stores ?? []) executor?.blocks.set(block, rows);
    if (executor) this.#begin(executorId, executor);
    const isKnown = this.#tasks.delete(task.taskId) && this.executors.has(executorId);
    if (isKnown) {
      this.#latest = { executorId, end };
      if (task.commit === 'granted' && end.reason.kind === 'success' && !task.killed) this.#count(task);
    }
    this.#listener({ type: 'taskEnded', executorId, end });
  }

  #count({ plan, partition }: SimulatedTask): void {
    if (plan.output.kind !== 'result') return;
    let commits = this.commits.get(plan.jobId);
    if (!commits) this.commits.set(plan.jobId, (commits = new Map()));
    commits.set(partition, (commits.get(partition) ?? 0) + 1);
  }

  holds(rddId: number, partition: number): boolean {
    const block = `${rddId} ${partition}`;
    const isShared = [...this.disk.shared.keys()].some((key) => {
      const [rdd, , at] = key.split(' ').map(Number);
      return rdd === rddId && at === partition;
    });
    return isShared || [...this.executors.values()].some(({ blocks }) => blocks.has(block));
  }

  /** Its task, which has read its input, takes longer than all the others, until it is thawed. */
  freeze(executorId: string): void {
    const executor = this.executors.get(executorId)!;
    const [task] = executor.tasks;
    if (task) task.computed ??= this.#run(executorId, executor, task);
    this.busyOnes.delete(executorId);
    this.frozen.add(executorId);
  }

  thaw(executorId: string): void {
    this.frozen.delete(executorId);
    if (this.executors.get(executorId)!.tasks.length > 0) this.busyOnes.add(executorId);
  }

  #flush(executorId: string, executor = this.executors.get(executorId)): void {
    for (const end of executor?.said.splice(0) ?? []) this.#listener({ type: 'taskEnded', executorId, end });
  }

  /** The latest answer comes a second time. */
  repeatAnswer(): void {
    if (this.#latest) this.#listener({ type: 'taskEnded', ...this.#latest });
  }

  /** Map outputs that the executor's task reads, of those that exist. */
  inputsOf(executorId: string): string[] {
    const inputs = this.executors.get(executorId)?.tasks[0]?.plan.shuffleInputs ?? [];
    return inputs
      .flatMap(({ maps }) => maps.map(({ path }) => path))
      .filter((path) => this.disk.files.has(path));
  }

  /** As a barrier task does that calls barrier() once: it is busy again when all the others have. */
  #meet(executorId: string, task: SimulatedTask): void {
    task.sync = 'waiting';
    this.busyOnes.delete(executorId);
    const { taskId } = task;
    this.#listener({ type: 'barrierRequest', executorId, taskId, epoch: 0, method: 'barrier', message: '' });
  }

  answerBarrier(executorId: string, taskId: number, answer: BarrierAnswer): void {
    const task = this.#tasks.get(taskId);
    if (!task) return;
    if ('error' in answer) throw new Error(answer.error.message);
    if (task.sync !== 'waiting') throw new Error(`task ${taskId} met nobody`);
    task.sync = 'met';
    this.busyOnes.add(executorId);
  }

  /** As a task of saveAsTextFile does: first the rows, then the right to commit, then the commit. */
  #save(executorId: string, executor: SimulatedExecutor, task: SimulatedTask): TaskBrings {
    const { plan } = task;
    const brings = task.computed ?? this.#run(executorId, executor, task);
    if (plan.output.kind !== 'result' || plan.properties.saves === undefined) return brings;
    if (brings.reason.kind !== 'success') return brings;
    if (!task.commit) this.#listener({ type: 'commitRequest', executorId, taskId: task.taskId });
    if (task.commit === 'granted') return brings;
    this.disk.drop(brings);
    return { reason: { kind: 'commitDenied', message: 'another attempt commits' } };
  }

  #run(executorId: string, { blocks }: SimulatedExecutor, task: SimulatedTask): TaskBrings {
    task.stores = new Map();
    return this.computation.run(executorId, blocks, task, task.stores);
  }

  say(executorId: string, text: string): void {
    const taskId = this.executors.get(executorId)?.tasks[0]?.taskId ?? -1;
    this.#listener({ type: 'taskOutput', executorId, taskId, stream: 'stdout', text, dropped: 0 });
  }

  fail(error: ErrorData): void {
    this.#listener({ type: 'executorsUnavailable', error });
  }

  askToCommit(executorId: string): void {
    const task = this.executors.get(executorId)?.tasks[0];
    if (task) this.#listener({ type: 'commitRequest', executorId, taskId: task.taskId });
  }

  evict(executorId: string): void {
    const executor = this.executors.get(executorId)!;
    const [block] = executor.blocks.keys();
    if (block === undefined) return;
    executor.blocks.delete(block);
    const [rddId, partition] = block.split(' ').map(Number) as [number, number];
    this.#listener({ type: 'blockEvicted', executorId, rddId, partition, reason: 'memory' });
  }

  // ------------------------------------------------------------------ SchedulerBackend

  launchTasks(executorId: string, plan: StagePlan, tasks: TaskLaunch[]): void {
    const executor = this.executors.get(executorId);
    this.onLaunch(plan);
    for (const launch of tasks) {
      this.launched.push(`${plan.stageId}.${plan.attempt}/${launch.index}@${executorId}`);
      if (!executor) continue;
      const task = { ...launch, plan, executorId, killed: false };
      executor.tasks.push(task);
      this.#tasks.set(task.taskId, task);
      if (!this.frozen.has(executorId)) this.busyOnes.add(executorId);
      if (executor.tasks.length === 1) this.#begin(executorId, executor);
    }
  }

  /** Its first task begins: now and then it reads its input at once, before anything more is said to the executor. */
  #begin(executorId: string, executor: SimulatedExecutor): void {
    const [task] = executor.tasks;
    if (task && this.choices?.chance(0.1)) task.computed ??= this.#run(executorId, executor, task);
  }

  /** A task not begun is dropped; the first one goes on until it is finished by force. */
  killTask(executorId: string, taskId: number, reason: string): void {
    const executor = this.executors.get(executorId);
    const at = executor?.tasks.findIndex((task) => task.taskId === taskId) ?? -1;
    if (executor && at === 0) {
      executor.tasks[0]!.killed = true;
      // One that waits for others hears of it.
      if (executor.tasks[0]!.sync === 'waiting') this.busyOnes.add(executorId);
    }
    if (!executor || at < 1) return;
    executor.tasks.splice(at, 1);
    this.#tasks.delete(taskId);
    executor.said.push(this.#killed(taskId, reason));
    queueMicrotask(() => this.#flush(executorId, executor));
  }

  /** Its first task it is at, or has just been about to begin: then it leaves that and tells of it. */
  takeBack(executorId: string): TakenBack | undefined {
    const executor = this.executors.get(executorId);
    const [head] = executor?.tasks ?? [];
    if (!executor || !head) return undefined;
    const isBegun = head.computed || head.commit || head.sync || head.killed || this.frozen.has(executorId);
    const leaves = !isBegun && (this.choices?.chance(0.3) ?? false);
    let kept = leaves ? 0 : 1;
    const isSameTask = ({ group }: SimulatedTask) =>
      group !== undefined && group.first === head.group?.first && group.last === head.group.last;
    while (!leaves && executor.tasks[kept] && isSameTask(executor.tasks[kept]!)) kept++;
    const left = executor.tasks.splice(kept);
    if (executor.tasks.length === 0) this.busyOnes.delete(executorId);
    for (const { taskId } of left) {
      this.#tasks.delete(taskId);
      executor.said.push(this.#killed(taskId, 'left'));
    }
    queueMicrotask(() => this.#flush(executorId, executor));
    this.takenBack += left.length;
    return leaves ? undefined : { begun: head.taskId, taken: left.map(({ taskId }) => taskId) };
  }

  #killed(taskId: number, reason: string): TaskEnd {
    return { taskId, reason: { kind: 'killed', reason }, metrics: metrics(), startTime: 0, endTime: 0 };
  }

  answerCommit(_executorId: string, taskId: number, allowed: boolean): void {
    const task = this.#tasks.get(taskId);
    if (task) task.commit = allowed ? 'granted' : 'denied';
  }

  forgetStage(): void {}
  forgetClosures(ids: string[]): void {
    this.forgottenClosures.push(...ids);
  }

  dropBroadcast(): void {}

  makeReplica(): void {}

  adoptReplica(): void {}

  dropReplica(): void {}

  dropRdd(rddId: number): void {
    for (const { blocks } of this.executors.values()) {
      for (const block of blocks.keys()) if (block.startsWith(`${rddId} `)) blocks.delete(block);
    }
  }

  dropBlock(executorId: string, rddId: number, partition: number): void {
    this.executors.get(executorId)?.blocks.delete(`${rddId} ${partition}`);
  }

  dropShared(rddId: number, generation?: number): void {
    const prefix = generation === undefined ? `${rddId} ` : `${rddId} ${generation} `;
    for (const key of this.disk.shared.keys()) if (key.startsWith(prefix)) this.disk.shared.delete(key);
  }

  clearSlowness(): void {}

  killExecutor(executorId: string): void {
    this.remove(executorId, 'killed', false);
  }

  async stop(): Promise<void> {
    this.executors.clear();
  }
}
