/** How a simulated task computes the rows of its partition from a stage plan, the pretended disk and what is cached. */
import type { TaskEndReason } from '../protocol.ts';
import type { AccumulatorPartial } from '../rdd/accumulation.ts';
import { type JoinPiece, parentPartitions, type RddNode, type StagePlan } from '../rdd/plan.ts';
import type { CachedBlock, TaskEnd, TaskLaunch } from './backend.ts';
import { MissingOutput, type TestDisk } from './test-disk.ts';
import { comesDisordered, requireOrder } from './test-disorder.ts';
import { joinRows, mapRow, type Row, runsOf, sortRows, sourceRows, WRONGLY_NUMBERED } from './test-rows.ts';

/** What a task adds to accumulator 0. */
export interface AddedByTask {
  stageId: number;
  index: number;
  draws: number[];
}

export type TaskBrings = Partial<TaskEnd> & { reason: TaskEndReason };

/** Rows by `rdd partition`. */
export type Blocks = Map<string, Row[]>;

const LOST: TaskEndReason = {
  kind: 'exception',
  error: { code: 'CACHED_ROWS_LOST', name: 'StagelightError', message: 'its file is gone' },
  fatal: true,
};

/** The task that is computed. */
interface Computing {
  plan: StagePlan;
  piece: JoinPiece | undefined;
  /** What its executor caches, and what the task is going to add to it. */
  cached: Blocks;
  stores: Blocks;
  cachedBlocks: CachedBlock[];
}

export class TestComputation {
  readonly #disk: TestDisk;
  /** Outcomes of preparations tell by `runsOf` what was counted. */
  checksOffsets = false;
  /** Sources among these give other rows each time. */
  readonly indeterminate = new Set<number>();
  /** Tasks add to accumulators. */
  accumulates = false;
  /** While they compute rows that they cache. */
  accumulatesInCached = false;
  #draws = 0;

  constructor(disk: TestDisk) {
    this.#disk = disk;
  }

  /** What the task brings to its end; what it is to cache is put into `stores`. */
  run(
    executorId: string,
    cached: Blocks,
    task: TaskLaunch & { plan: StagePlan },
    stores: Blocks,
  ): TaskBrings {
    const { plan, partition, index, piece } = task;
    const cachedBlocks: CachedBlock[] = [];
    const disorder = comesDisordered(plan, partition, piece) && { disordered: true as const };
    try {
      const rows = this.#rows({ plan, piece, cached, stores, cachedBlocks }, plan.rddId, partition);
      for (const block of cachedBlocks) Object.assign(block, disorder);
      const reason: TaskEndReason = { kind: 'success' };
      if (plan.output.kind === 'result') {
        const result = this.#disk.writeResult(plan, sortRows([...rows]));
        return { reason, cachedBlocks, result, accumulators: this.#added(plan, index, rows) };
      }
      const { shuffleId, partitioner } = plan.output.dependency;
      const { numPartitions } = partitioner;
      return {
        reason,
        cachedBlocks,
        mapStatus: {
          ...this.#disk.writeMapOutput(shuffleId, index, numPartitions, rows, executorId),
          ...disorder,
        },
        accumulators: this.#added(plan, index, rows),
      };
    } catch (error) {
      if (error instanceof MissingOutput) return { reason: error.reason };
      throw error;
    }
  }

  /** As if each task added to accumulator 0 what it is and which runs of sources it saw, and 1 to accumulator 1. */
  #added({ stageId }: StagePlan, index: number, rows: Row[]): AccumulatorPartial[] | undefined {
    if (!this.accumulates) return undefined;
    const added: AddedByTask = { stageId, index, draws: [...new Set(rows.map((row) => row.draw))] };
    const cached = this.accumulatesInCached ? { cached: true as const } : {};
    return [
      { id: 0, kind: 'value', value: { bytes: new TextEncoder().encode(JSON.stringify(added)) }, ...cached },
      { id: 1, kind: 'sum', sum: 1, count: 1, ...cached },
    ];
  }

  #rows(task: Computing, rddId: number, partition: number): Row[] {
    const { plan, cached, stores, cachedBlocks } = task;
    const node = plan.nodes.find((candidate) => candidate.rddId === rddId)!;
    const block = `${rddId} ${partition}`;
    const file = node.shared === undefined ? undefined : `${rddId} ${node.shared} ${partition}`;
    const held = file === undefined ? (cached.get(block) ?? stores.get(block)) : this.#disk.shared.get(file);
    if (held) return held;
    if (node.sharedWhole) throw new MissingOutput(LOST);
    if (node.preparation?.finish.kind === 'partitionOffsets' && !plan.prepared[rddId])
      throw new Error('unprepared');
    const rows = this.#computeNode(task, node, partition);
    if (node.storageLevel.name !== 'NONE') {
      stores.set(block, rows);
      if (file !== undefined) this.#disk.shared.set(file, rows);
      const shared = node.shared !== undefined && { shared: node.shared };
      cachedBlocks.push({ rddId, partition, bytes: rows.length, onDisk: false, ...shared });
    }
    return rows;
  }

  #computeNode(task: Computing, node: RddNode, partition: number): Row[] {
    if (node.dependencies.length === 0) {
      return sourceRows(node.rddId, partition, this.indeterminate.has(node.rddId) ? ++this.#draws : 0);
    }
    const { plan } = task;
    requireOrder(plan, node);
    const sides = node.dependencies.map((dep, side) => {
      if (dep.kind === 'shuffle') {
        const join = node.op.kind === 'join' ? node.op : undefined;
        if (join?.broadcast !== side)
          return this.#disk.fetch(plan, dep.shuffleId, partition, join && task.piece?.sides[side]);
        const all = Array.from({ length: dep.partitioner.numPartitions }, (_, reduceId) => reduceId);
        return all.flatMap((each) => this.#disk.fetch(plan, dep.shuffleId, each));
      }
      return parentPartitions(dep, partition).flatMap((parent) => this.#rows(task, dep.rddId, parent));
    });
    const rows = node.op.kind === 'join' ? joinRows(sides[0]!, sides[1]!) : sides.flat();
    const mapped = rows.map((row) => mapRow(node.rddId, row));
    if (node.preparation?.finish.kind !== 'partitionOffsets' || !this.checksOffsets) return mapped;
    // Numbered by counts of other rows than these.
    const counted = JSON.parse(new TextDecoder().decode(plan.prepared[node.rddId]))[partition];
    return counted === runsOf(rows) ? mapped : mapped.map((row) => ({ ...row, draw: WRONGLY_NUMBERED }));
  }
}
