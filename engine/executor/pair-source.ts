/** Pairs as two arrays per batch, from a shuffle or from the rows of a partition. */
import type { MapRange, RddNode, ShuffleDependency, ShuffleInput } from '../rdd/plan.ts';
import { FetchFailedError } from '../shuffle/fetch-failed-error.ts';
import { ReadAhead } from '../shuffle/read-ahead.ts';
import { type PairBatch, ShuffleReader } from '../shuffle/shuffle-reader.ts';
import type { Batches } from './batches.ts';
import type { PairSource } from './source.ts';
import type { TaskRun } from './task-run.ts';

function openReader(
  task: TaskRun,
  shuffleId: number,
  partition: number,
  range?: MapRange,
  ahead = task.readAhead,
): ShuffleReader {
  const whole = task.stage.shuffleInput(shuffleId);
  const input = whole && range ? mapsIn(whole, range) : whole;
  if (input !== undefined)
    return new ShuffleReader(input, partition, task.shuffleRead, task.memory.budget, ahead);
  const where = { shuffleId, mapIndex: -1, reduceId: partition, executorId: '' };
  const failure = new FetchFailedError(
    where,
    `partition ${partition} of ${readerOf(task, shuffleId)} is made of the outputs of another stage, and stage ${task.stage.plan.stageId} was not told where they are`,
  );
  return task.failFetch(failure);
}

/** As errors call it: "RDD 4 (reduceByKey)". */
function readerOf({ stage }: TaskRun, shuffleId: number): string {
  const reads = (node: RddNode) =>
    node.dependencies.some((dep) => dep.kind === 'shuffle' && dep.shuffleId === shuffleId);
  const { rddId, name } = stage.plan.nodes.find(reads) ?? stage.root;
  return `RDD ${rddId} (${name})`;
}

function mapsIn({ maps, ...input }: ShuffleInput, { from, to }: MapRange): ShuffleInput {
  return { ...input, maps: maps.filter(({ mapIndex }) => mapIndex >= from && mapIndex < to) };
}

/** The pairs of every reduce partition, one after the other. */
export function allShuffledPairs(
  task: TaskRun,
  { shuffleId, partitioner: { numPartitions } }: ShuffleDependency,
): PairSource {
  const maps = task.stage.shuffleInput(shuffleId)?.maps.length ?? 0;
  const ahead = new ReadAhead(numPartitions, maps, task.memory.budget);
  let partition = 0;
  let reader: ShuffleReader | undefined;
  const close = () => {
    reader?.close();
    reader = undefined;
  };
  return {
    next() {
      while (partition < numPartitions) {
        reader ??= openReader(task, shuffleId, partition, undefined, ahead);
        const pairs = timed(task, () => reader!.nextPairs());
        if (pairs !== undefined) return pairs;
        close();
        partition++;
      }
      return undefined;
    },
    close() {
      partition = numPartitions;
      close();
    },
  };
}

/** Measures a read, and remembers a fetch failure where user code cannot swallow it. */
function timed<T>(task: TaskRun, read: () => T): T {
  const started = performance.now();
  task.loop.clock.enter(task.loop.clock.shuffleRead);
  try {
    return read();
  } catch (error) {
    if (error instanceof FetchFailedError) task.failFetch(error);
    throw error;
  } finally {
    task.loop.clock.leave();
    task.metrics.shuffleReadTime += performance.now() - started;
  }
}

/** The rows of one reduce partition as they were written. */
export function shuffledRows(task: TaskRun, shuffleId: number, partition: number): Batches {
  const reader = openReader(task, shuffleId, partition);
  return { next: () => timed(task, () => reader.nextRows()), close: () => reader.close() };
}

export function shuffledPairs(
  task: TaskRun,
  shuffleId: number,
  partition: number,
  range?: MapRange,
): PairSource {
  const reader = openReader(task, shuffleId, partition, range);
  return { next: () => timed(task, () => reader.nextPairs()), close: () => reader.close() };
}

export function pairsOf(task: TaskRun, batches: Batches): PairSource {
  return {
    next() {
      const rows = batches.next();
      if (rows === undefined) return undefined;
      const keys: unknown[] = [];
      const values: unknown[] = [];
      for (const row of rows) {
        if (!Array.isArray(row)) task.loop.notPair(row);
        keys.push((row as unknown[])[0]);
        values.push((row as unknown[])[1]);
      }
      return { keys, values };
    },
    close: batches.close,
  };
}

/** Visits every pair, then closes the source. */
export function eachBatch(task: TaskRun, source: PairSource, visit: (batch: PairBatch) => void): void {
  try {
    for (let batch = source.next(); batch !== undefined; batch = source.next()) {
      task.cancellation.check();
      visit(batch);
    }
  } finally {
    source.close();
  }
}
