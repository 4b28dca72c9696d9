/** For tests: plans written by hand, and tasks run without an executor around them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtinFunction, isBuiltin } from '../rdd/builtins.ts';
import type { ActionSpec, Operator } from '../rdd/operator.ts';
import type {
  Dependency,
  MapStatus,
  RddNode,
  ShuffleDependency,
  ShuffleInput,
  StagePlan,
} from '../rdd/plan.ts';
import { BlockManager } from '../storage/block-manager.ts';
import { MemoryManager } from '../storage/memory-manager.ts';
import { decodeRows, encodeRows } from '../storage/row-codec.ts';
import { StorageLevel } from '../storage/storage-level.ts';
import { Cancellation } from './cancellation.ts';
import { DisorderedBlocks } from './disordered-blocks.ts';
import { PreparedStage } from './prepared-stage.ts';
import type { UserFunction } from './push-loop.ts';
import { runTask, type TaskOutcome } from './run-task.ts';
import { describeFunction } from './stage-store.ts';
import { type ExecutorServices, TaskRun } from './task-run.ts';

/** Builds lineages of plan nodes; functions are named by the test. */
export class Lineage {
  readonly nodes: RddNode[] = [];
  readonly functions = new Map<string, UserFunction>();
  readonly prepared: Record<number, Uint8Array> = {};

  fn(call: UserFunction): string {
    const id = `fn${this.functions.size}`;
    this.functions.set(id, call);
    return id;
  }

  node(
    op: Operator,
    numPartitions: number,
    dependencies: Dependency[] = [],
    options: Partial<RddNode> = {},
  ): RddNode {
    const node: RddNode = {
      rddId: this.nodes.length,
      name: op.kind,
      op,
      numPartitions,
      dependencies,
      closures: 'fn' in op ? [op.fn] : [],
      storageLevel: StorageLevel.NONE,
      determinism: 'DETERMINATE',
      ...options,
    };
    this.nodes.push(node);
    return node;
  }

  /** Rows given outright, one array per partition. */
  data(partitions: readonly (readonly unknown[])[]): RddNode {
    const inline = partitions.map((rows) => encodeRows(rows));
    return this.node({ kind: 'parallelize', slices: { inline } }, partitions.length);
  }

  /** A node of the same partitions on top of `parent`. */
  over(parent: RddNode, op: Operator, options: Partial<RddNode> = {}): RddNode {
    return this.node(op, parent.numPartitions, [{ kind: 'oneToOne', rddId: parent.rddId }], options);
  }

  plan(root: RddNode, output: StagePlan['output'], shuffleInputs: ShuffleInput[] = []): StagePlan {
    return {
      stageId: 7,
      attempt: 0,
      rddId: root.rddId,
      nodes: this.nodes,
      output,
      shuffleInputs,
      prepared: this.prepared,
      closureIds: [...this.functions.keys()],
      jobId: 1,
      properties: {},
    };
  }
}

/** A folder, a block manager and a memory budget for tasks; `close` removes the folder. */
export class TestExecutor implements ExecutorServices {
  readonly directory = mkdtempSync(join(tmpdir(), 'stagelight-test-'));
  readonly config;
  readonly memory: MemoryManager;
  readonly blocks: BlockManager;
  readonly disordered = new DisorderedBlocks();
  /** A test's own clock for the time of operators. */
  now: (() => number) | undefined;
  commits = 0;
  allowCommits = true;
  #tasks = 0;

  constructor(memory = 1 << 28) {
    this.config = {
      executorId: 'test',
      slot: 0,
      blockDirectory: this.directory,
      memory,
      workingDirectory: this.directory,
      taskFile: '',
    };
    this.memory = new MemoryManager(memory);
    this.blocks = new BlockManager(this.memory, this.directory, () => {});
  }

  async requestCommit(): Promise<boolean> {
    this.commits++;
    return this.allowCommits;
  }

  async requestBarrier(): Promise<never> {
    throw new Error('no task of a barrier stage runs here');
  }

  stage(lineage: Lineage, plan: StagePlan): PreparedStage {
    return new PreparedStage(plan, (id) =>
      describeFunction(isBuiltin(id) ? builtinFunction(id) : lineage.functions.get(id)!),
    );
  }

  task(stage: PreparedStage, partition: number): TaskRun {
    const taskId = this.#tasks++;
    const launch = { taskId, index: partition, partition, attempt: 0 };
    return new TaskRun(stage, launch, this, new Cancellation(taskId, undefined, () => {}));
  }

  async run(task: TaskRun): Promise<TaskOutcome> {
    const outcome = await runTask(task);
    task.complete(0, 0);
    return outcome;
  }

  /** The rows an action gives for each partition of `root`; throws what failed a task. */
  async act(
    lineage: Lineage,
    root: RddNode,
    action: ActionSpec = { kind: 'collect' },
    inputs: ShuffleInput[] = [],
  ): Promise<unknown[][]> {
    const stage = this.stage(lineage, lineage.plan(root, { kind: 'result', action }, inputs));
    const results: unknown[][] = [];
    for (let p = 0; p < root.numPartitions; p++) {
      const { reason, result } = await this.run(this.task(stage, p));
      if (reason.kind !== 'success') throw Object.assign(new Error(JSON.stringify(reason)), { reason });
      if (result === undefined || !('bytes' in result)) throw new Error('expected a result in the message');
      results.push(decodeRows(result.bytes));
    }
    return results;
  }

  /** Runs the map side of a shuffle. */
  async shuffle(lineage: Lineage, root: RddNode, dependency: ShuffleDependency): Promise<ShuffleInput> {
    const stage = this.stage(lineage, lineage.plan(root, { kind: 'shuffle', dependency }));
    const maps: MapStatus[] = [];
    for (let p = 0; p < root.numPartitions; p++) {
      const { reason, mapStatus } = await this.run(this.task(stage, p));
      if (mapStatus === undefined) throw Object.assign(new Error(JSON.stringify(reason)), { reason });
      maps.push(mapStatus);
    }
    return { shuffleId: dependency.shuffleId, maps };
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
