/**
 * Executors of a simulation: they compute tiny rows from stage plans, keep map outputs in a pretended disk, and do
 * nothing until told. Whoever drives them decides what happens next, so every schedule can be played again.
 */
import { type ErrorData, TASK_METRICS, type TaskEndReason, type TaskMetrics } from '../protocol.ts';
import type { AccumulatorPartial } from '../rdd/accumulation.ts';
import {
  type JoinPiece,
  type MapRange,
  type MapStatus,
  parentPartitions,
  type RddNode,
  type StagePlan,
  type TaskResult,
} from '../rdd/plan.ts';
import type {
  BackendEvent,
  BarrierAnswer,
  CachedBlock,
  SchedulerBackend,
  TaskEnd,
  TaskLaunch,
} from './backend.ts';
import { ChoiceSet, type Choices, mix } from './test-random.ts';
import {
  decodeResult,
  joinRows,
  mapRow,
  type Row,
  runsOf,
  sortRows,
  sourceRows,
  WRONGLY_NUMBERED,
} from './test-rows.ts';

export interface AddedByTask {
  stageId: number;
  index: number;
  draws: number[];
}

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
  stores?: Map<string, Row[]>;
}

type TaskBrings = Partial<TaskEnd> & { reason: TaskEndReason };

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
  /** `rdd partition` → rows. */
  blocks: Map<string, Row[]>;
}

class MissingOutput extends Error {
  readonly reason: TaskEndReason;

  constructor(reason: TaskEndReason) {
    super('a map output is missing');
    this.reason = reason;
  }
}

const metrics = () => Object.fromEntries(TASK_METRICS.map((name) => [name, 0])) as unknown as TaskMetrics;

/** One of the files tasks leave: rows by reducer of a map output, or all under 0 of a result. */
type Regions = Map<number, Row[]>;
const NO_ROWS: Row[] = [];

export class TestExecutors implements SchedulerBackend {
  readonly forgottenClosures: string[] = [];
  readonly executors = new Map<string, SimulatedExecutor>();
  readonly alive = new ChoiceSet();
  /** Executors with tasks; not those that stand still. */
  readonly busyOnes = new ChoiceSet();
  readonly frozen = new ChoiceSet();
  /** Map outputs and results by path. */
  readonly disk = new Map<string, Regions>();
  /** Job → partition → attempts that committed it and whose end was taken. */
  readonly commits = new Map<number, Map<number, number>>();
  /** With it, some results come as files. */
  choices: Choices | undefined;
  /** Outcomes of preparations tell by `runsOf` what was counted. */
  checksOffsets = false;
  onLaunch: (plan: StagePlan) => void = () => {};
  /** Sources among these give other rows each time. */
  readonly indeterminate = new Set<number>();
  readonly launched: string[] = [];
  /** Tasks add to accumulators. */
  accumulates = false;
  /** What each task says it took. Tiny tasks travel in batches. */
  taskMs = 0;
  #listener: (event: BackendEvent) => void = () => {};
  #nextExecutor = 0;
  #draws = 0;
  #paths = 0;
  readonly #damaged = new Set<string>();
  /** Of the task that is computed. */
  /** Of the partition that is being computed. */
  #piece: JoinPiece | undefined;
  #toStore = new Map<string, Row[]>();
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
      if (computed) this.#drop(computed);
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
    if (forced && task.computed) this.#drop(task.computed);
    const ended = forced ? { reason: forced } : this.#save(executorId, executor, task);
    executor.tasks.shift();
    if (executor.tasks.length === 0) this.busyOnes.delete(executorId);
    return { task, end: { ...base, ...ended } };
  }

  deliver(executorId: string, { task, end }: ComputedEnd): void {
    this.#flush(executorId);
    if (end.cachedBlocks)
      for (const [block, rows] of task.stores ?? []) this.executors.get(executorId)?.blocks.set(block, rows);
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
    return [...this.executors.values()].some(({ blocks }) => blocks.has(block));
  }

  /** Its task, which has read its input, takes longer than all the others, until it is thawed. */
  freeze(executorId: string): void {
    const executor = this.executors.get(executorId)!;
    const [task] = executor.tasks;
    if (task) task.computed ??= this.#compute(executorId, executor, task);
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
    return inputs.flatMap(({ maps }) => maps.map(({ path }) => path)).filter((path) => this.disk.has(path));
  }

  /** The file is gone, and nobody has been told. */
  damage(path: string): void {
    this.disk.delete(path);
    this.#damaged.add(path);
  }

  removeFile(path: string): void {
    if (path.endsWith('.index')) return;
    const existed = this.disk.delete(path) || this.#damaged.delete(path);
    if (!existed) throw new Error(`${path} was freed twice`);
  }

  readResult(result: TaskResult): Row[] {
    const { more = [] } = result;
    if (more.length > 0) {
      const pieces = [{ ...result, more: [] }, ...more];
      return sortRows(pieces.flatMap((piece) => this.readResult(piece)));
    }
    if ('bytes' in result) return decodeResult(result);
    const rows = this.disk.get(result.file)?.get(0);
    // A job's results belong to whoever submitted it.
    this.removeFile(result.file);
    if (!rows) throw new Error(`${result.file} was freed while in use`);
    return rows;
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
    const brings = task.computed ?? this.#compute(executorId, executor, task);
    if (plan.output.kind !== 'result' || plan.properties.saves === undefined) return brings;
    if (brings.reason.kind !== 'success') return brings;
    if (!task.commit) this.#listener({ type: 'commitRequest', executorId, taskId: task.taskId });
    if (task.commit === 'granted') return brings;
    this.#drop(brings);
    return { reason: { kind: 'commitDenied', message: 'another attempt commits' } };
  }

  /** Nobody will hear of it: as the files of a task that ends badly, or with its executor. */
  #drop({ result, mapStatus }: TaskBrings): void {
    if (mapStatus) this.disk.delete(mapStatus.path);
    if (result && 'file' in result) this.disk.delete(result.file);
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

  #compute(executorId: string, executor: SimulatedExecutor, task: SimulatedTask): TaskBrings {
    this.#toStore = task.stores = new Map();
    this.#piece = task.piece;
    const { plan, partition, index } = task;
    const cachedBlocks: CachedBlock[] = [];
    try {
      const rows = this.#rows(plan, plan.rddId, partition, index, executor, cachedBlocks);
      const reason: TaskEndReason = { kind: 'success' };
      if (plan.output.kind === 'result') {
        const result = this.#result(plan, sortRows([...rows]));
        return { reason, cachedBlocks, result, accumulators: this.#added(task, rows) };
      }
      const { shuffleId, partitioner } = plan.output.dependency;
      return {
        reason,
        cachedBlocks,
        mapStatus: this.#write(shuffleId, index, partitioner.numPartitions, rows, executorId),
        accumulators: this.#added(task, rows),
      };
    } catch (error) {
      if (error instanceof MissingOutput) return { reason: error.reason };
      throw error;
    }
  }

  /** As if each task added to accumulator 0 what it is and which runs of sources it saw, and 1 to accumulator 1. */
  #added({ plan, index }: SimulatedTask, rows: Row[]): AccumulatorPartial[] | undefined {
    if (!this.accumulates) return undefined;
    const added: AddedByTask = {
      stageId: plan.stageId,
      index,
      draws: [...new Set(rows.map((row) => row.draw))],
    };
    return [
      { id: 0, kind: 'value', value: { bytes: new TextEncoder().encode(JSON.stringify(added)) } },
      { id: 1, kind: 'sum', sum: 1, count: 1 },
    ];
  }

  #result(plan: StagePlan, rows: Row[]): TaskResult {
    const isCollected = plan.output.kind === 'result' && plan.output.action.kind === 'collect';
    if (!isCollected || !this.choices?.chance(0.3))
      return { bytes: new TextEncoder().encode(JSON.stringify(rows)) };
    const file = `nowhere/result_${this.#paths++}`;
    this.disk.set(file, new Map([[0, rows]]));
    return { file, length: rows.length };
  }

  #write(shuffleId: number, mapIndex: number, reducers: number, rows: Row[], executorId: string): MapStatus {
    const regions: Regions = new Map();
    const rowChecksums = new Uint32Array(reducers);
    for (const row of rows) {
      const reduceId = row.value % reducers;
      const region = regions.get(reduceId);
      if (region) region.push(row);
      else regions.set(reduceId, [row]);
      rowChecksums[reduceId]! += mix(mix(row.value, row.origin), row.draw);
    }
    const path = `nowhere/shuffle_${shuffleId}_${mapIndex}_${this.#paths++}.data`;
    this.disk.set(path, regions);
    const sizes = new Float64Array(reducers);
    for (let r = 0; r < reducers; r++) sizes[r] = regions.get(r)?.length ?? 0;
    return { shuffleId, mapIndex, path, executorId, sizes, records: rows.length, rowChecksums };
  }

  #rows(
    plan: StagePlan,
    rddId: number,
    partition: number,
    reduceId: number,
    executor: SimulatedExecutor,
    cachedBlocks: CachedBlock[],
  ): Row[] {
    const node = plan.nodes.find((candidate) => candidate.rddId === rddId)!;
    const block = `${rddId} ${partition}`;
    const held = executor.blocks.get(block) ?? this.#toStore.get(block);
    if (held) return held;
    if (node.preparation?.finish.kind === 'partitionOffsets' && !plan.prepared[rddId])
      throw new Error('unprepared');
    const rows = this.#computeNode(plan, node, partition, reduceId, executor, cachedBlocks);
    if (node.storageLevel.name !== 'NONE') {
      this.#toStore.set(`${rddId} ${partition}`, rows);
      cachedBlocks.push({ rddId, partition, bytes: rows.length, onDisk: false });
    }
    return rows;
  }

  #computeNode(
    plan: StagePlan,
    node: RddNode,
    partition: number,
    reduceId: number,
    executor: SimulatedExecutor,
    cachedBlocks: CachedBlock[],
  ): Row[] {
    if (node.dependencies.length === 0) {
      return sourceRows(node.rddId, partition, this.indeterminate.has(node.rddId) ? ++this.#draws : 0);
    }
    const sides = node.dependencies.map((dep, side) => {
      if (dep.kind === 'shuffle') {
        const join = node.op.kind === 'join' ? node.op : undefined;
        if (join?.broadcast !== side)
          return this.#fetch(plan, dep.shuffleId, partition, join && this.#piece?.sides[side]);
        const all = Array.from({ length: dep.partitioner.numPartitions }, (_, reduceId) => reduceId);
        return all.flatMap((each) => this.#fetch(plan, dep.shuffleId, each));
      }
      return parentPartitions(dep, partition).flatMap((parent) =>
        this.#rows(plan, dep.rddId, parent, reduceId, executor, cachedBlocks),
      );
    });
    const rows = node.op.kind === 'join' ? joinRows(sides[0]!, sides[1]!) : sides.flat();
    const mapped = rows.map((row) => mapRow(node.rddId, row));
    if (node.preparation?.finish.kind !== 'partitionOffsets' || !this.checksOffsets) return mapped;
    // Numbered by counts of other rows than these.
    const counted = JSON.parse(new TextDecoder().decode(plan.prepared[node.rddId]))[partition];
    return counted === runsOf(rows) ? mapped : mapped.map((row) => ({ ...row, draw: WRONGLY_NUMBERED }));
  }

  #fetch(
    plan: StagePlan,
    shuffleId: number,
    reduceId: number,
    { from, to }: MapRange = { from: 0, to: Number.POSITIVE_INFINITY },
  ): Row[] {
    const input = plan.shuffleInputs.find((candidate) => candidate.shuffleId === shuffleId)!;
    return input.maps.flatMap(({ path, mapIndex, executorId }) => {
      if (mapIndex < from || mapIndex >= to) return NO_ROWS;
      const regions = this.disk.get(path);
      if (regions) return regions.get(reduceId) ?? NO_ROWS;
      const message = `no output ${mapIndex} of shuffle ${shuffleId}`;
      throw new MissingOutput({ kind: 'fetchFailed', shuffleId, mapIndex, reduceId, executorId, message });
    });
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
    }
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
    const end = {
      taskId,
      reason: { kind: 'killed' as const, reason },
      metrics: metrics(),
      startTime: 0,
      endTime: 0,
    };
    executor.said.push(end);
    queueMicrotask(() => this.#flush(executorId, executor));
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

  dropRdd(rddId: number): void {
    for (const { blocks } of this.executors.values()) {
      for (const block of blocks.keys()) if (block.startsWith(`${rddId} `)) blocks.delete(block);
    }
  }

  dropBlock(executorId: string, rddId: number, partition: number): void {
    this.executors.get(executorId)?.blocks.delete(`${rddId} ${partition}`);
  }

  clearSlowness(): void {}

  killExecutor(executorId: string): void {
    this.remove(executorId, 'killed', false);
  }

  async stop(): Promise<void> {
    this.executors.clear();
  }
}
