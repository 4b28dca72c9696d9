/**
 * Executors of a simulation: they compute tiny rows from stage plans, keep map outputs in a pretended disk, and do
 * nothing until told. Whoever drives them decides what happens next, so every schedule can be played again.
 */
import { type ErrorData, TASK_METRICS, type TaskEndReason, type TaskMetrics } from '../protocol.ts';
import type { AccumulatorPartial } from '../rdd/accumulation.ts';
import {
  type MapStatus,
  parentPartitions,
  type RddNode,
  type StagePlan,
  type TaskResult,
} from '../rdd/plan.ts';
import type { BackendEvent, CachedBlock, SchedulerBackend, TaskLaunch } from './backend.ts';
import { mix } from './test-random.ts';

/** `origin` and `draw` tell which run of which source partition a row comes from. */
export interface Row {
  value: number;
  origin: number;
  draw: number;
}

export interface AddedByTask {
  stageId: number;
  index: number;
  draws: number[];
}

interface SimulatedTask extends TaskLaunch {
  plan: StagePlan;
}

interface SimulatedExecutor {
  tasks: SimulatedTask[];
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

export function sourceRows(rddId: number, partition: number, draw: number): Row[] {
  return Array.from({ length: 6 }, (_, i) => ({
    value: mix(mix(rddId, partition), i),
    origin: partition,
    draw,
  }));
}

export function mapRow(rddId: number, row: Row): Row {
  return { ...row, value: mix(rddId, row.value) };
}

export function sortRows(rows: Row[]): Row[] {
  return rows.sort((a, b) => a.value - b.value || a.origin - b.origin || a.draw - b.draw);
}

export function decodeResult(result: TaskResult): Row[] {
  return 'bytes' in result ? JSON.parse(new TextDecoder().decode(result.bytes)) : [];
}

export class TestExecutors implements SchedulerBackend {
  readonly forgottenClosures: string[] = [];
  readonly executors = new Map<string, SimulatedExecutor>();
  /** Map outputs by path: rows per reducer. */
  readonly disk = new Map<string, Row[][]>();
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

  start(listener: (event: BackendEvent) => void): void {
    this.#listener = listener;
  }

  add(): string {
    const executorId = `e${this.#nextExecutor++}`;
    this.executors.set(executorId, { tasks: [], blocks: new Map() });
    this.#listener({ type: 'executorAdded', executorId, slot: 0, pid: 1 });
    return executorId;
  }

  remove(executorId: string, code: 'killed' | 'signal' | 'exit', causedByTask: boolean): void {
    this.executors.delete(executorId);
    this.#listener({ type: 'executorRemoved', executorId, code, reason: code, causedByTask });
  }

  busy(): string[] {
    return [...this.executors].filter(([, { tasks }]) => tasks.length > 0).map(([id]) => id);
  }

  /** Runs the executor's first task, or ends it with the reason given. */
  finish(executorId: string, forced?: TaskEndReason): void {
    const executor = this.executors.get(executorId)!;
    const task = executor.tasks.shift()!;
    const base = { taskId: task.taskId, metrics: metrics(), startTime: 0, endTime: this.taskMs };
    const end = forced ? { reason: forced } : this.#compute(executorId, executor, task);
    this.#listener({ type: 'taskEnded', executorId, end: { ...base, ...end } });
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

  #compute(executorId: string, executor: SimulatedExecutor, task: SimulatedTask) {
    const { plan, partition, index } = task;
    const cachedBlocks: CachedBlock[] = [];
    try {
      const rows = this.#rows(plan, plan.rddId, partition, index, executor, cachedBlocks);
      const reason: TaskEndReason = { kind: 'success' };
      if (plan.output.kind === 'result') {
        const result = { bytes: new TextEncoder().encode(JSON.stringify(sortRows(rows))) };
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

  #write(shuffleId: number, mapIndex: number, reducers: number, rows: Row[], executorId: string): MapStatus {
    const regions: Row[][] = Array.from({ length: reducers }, () => []);
    for (const row of rows) regions[row.value % reducers]!.push(row);
    const path = `nowhere/shuffle_${shuffleId}_${mapIndex}_${this.#paths++}.data`;
    this.disk.set(path, regions);
    const rowChecksums = Uint32Array.from(regions, (region) =>
      region.reduce((sum, row) => sum + mix(mix(row.value, row.origin), row.draw), 0),
    );
    const sizes = Float64Array.from(regions, (region) => region.length);
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
    const held = executor.blocks.get(block);
    if (held) return held;
    if (node.preparation?.finish.kind === 'partitionOffsets' && !plan.prepared[rddId])
      throw new Error('unprepared');
    const rows = this.#computeNode(plan, node, partition, reduceId, executor, cachedBlocks);
    if (node.storageLevel.name !== 'NONE') {
      executor.blocks.set(block, rows);
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
    const rows = node.dependencies.flatMap((dep) => {
      if (dep.kind === 'shuffle') return this.#fetch(plan, dep.shuffleId, partition);
      return parentPartitions(dep, partition).flatMap((parent) =>
        this.#rows(plan, dep.rddId, parent, reduceId, executor, cachedBlocks),
      );
    });
    return rows.map((row) => mapRow(node.rddId, row));
  }

  #fetch(plan: StagePlan, shuffleId: number, reduceId: number): Row[] {
    const input = plan.shuffleInputs.find((candidate) => candidate.shuffleId === shuffleId)!;
    return input.maps.flatMap(({ path, mapIndex, executorId }) => {
      const regions = this.disk.get(path);
      if (regions) return regions[reduceId]!;
      const message = `no output ${mapIndex} of shuffle ${shuffleId}`;
      throw new MissingOutput({ kind: 'fetchFailed', shuffleId, mapIndex, reduceId, executorId, message });
    });
  }

  // ------------------------------------------------------------------ SchedulerBackend

  launchTasks(executorId: string, plan: StagePlan, tasks: TaskLaunch[]): void {
    const executor = this.executors.get(executorId);
    for (const task of tasks) {
      this.launched.push(`${plan.stageId}.${plan.attempt}/${task.index}@${executorId}`);
      executor?.tasks.push({ ...task, plan });
    }
  }

  /** A task not begun is dropped; the first one goes on until it is finished by force. */
  killTask(executorId: string, taskId: number, reason: string): void {
    const executor = this.executors.get(executorId);
    const at = executor?.tasks.findIndex((task) => task.taskId === taskId) ?? -1;
    if (!executor || at < 1) return;
    executor.tasks.splice(at, 1);
    const end = {
      taskId,
      reason: { kind: 'killed' as const, reason },
      metrics: metrics(),
      startTime: 0,
      endTime: 0,
    };
    queueMicrotask(() => this.#listener({ type: 'taskEnded', executorId, end }));
  }

  answerCommit(): void {}

  forgetStage(): void {}
  forgetClosures(ids: string[]): void {
    this.forgottenClosures.push(...ids);
  }

  dropBroadcast(): void {}

  dropRdd(rddId: number): void {
    for (const { blocks } of this.executors.values()) {
      for (const block of [...blocks.keys()]) if (block.startsWith(`${rddId} `)) blocks.delete(block);
    }
  }

  killExecutor(executorId: string): void {
    this.remove(executorId, 'killed', false);
  }

  async stop(): Promise<void> {
    this.executors.clear();
  }
}
