/** Opens the batches of whatever a chain of row operators begins with: files, data, shuffles, other partitions. */
import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Operator } from '../rdd/operator.ts';
import { parentPartitions, type RddNode } from '../rdd/plan.ts';
import { Reservation } from '../storage/memory-manager.ts';
import { FrameReader } from '../storage/row-codec.ts';
import { RowSample } from '../storage/row-sample.ts';
import { BATCH_ROWS, type Batches, batchesFrom, batchesOf, batchesOfGenerator } from './batches.ts';
import { broadcastJoinBatches } from './broadcast-join.ts';
import { cachedBatches } from './cached-batches.ts';
import { checkpointBatches, localCheckpointBatches } from './checkpoint-source.ts';
import { binaryFiles, binaryRecords, jsonRows, objectFiles, wholeFiles } from './file-sources.ts';
import { HeldRows } from './held-rows.ts';
import { inputError } from './input-error.ts';
import { closeAll, LentRows } from './lent-rows.ts';
import { isCached, narrowDependency, type Path } from './lineage-path.ts';
import { parquetRows } from './parquet-rows.ts';
import { isThenable, refuseToSpread, type UserFunction } from './push-loop.ts';
import { rangeBatches } from './range-rows.ts';
import {
  cogroupBatches,
  combinedBatches,
  joinBatches,
  shuffledBatches,
  subtractBatches,
} from './shuffle-batches.ts';
import type { Source } from './source.ts';
import { partitionTooLarge } from './spilling.ts';
import type { TaskRun } from './task-run.ts';
import { longestText } from './text-bytes.ts';
import { textLines } from './text-lines.ts';

/** How a source that is computed from other partitions of the stage gets their rows. */
export type Pull = (node: RddNode, partition: number, uncached?: boolean) => Batches;

function frames(bytes: Uint8Array): Batches {
  const reader = new FrameReader(bytes);
  return { next: () => reader.nextRows(), close: () => {} };
}

function readRegion(path: string, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(to - from);
  const fd = openSync(path, 'r');
  try {
    for (let at = 0; at < bytes.length; ) {
      const count = readSync(fd, bytes, at, bytes.length - at, from + at);
      if (count === 0) throw new Error('the file ends early');
      at += count;
    }
  } catch (error) {
    throw inputError(path, error);
  } finally {
    closeSync(fd);
  }
  return bytes;
}

function parallelized(op: Extract<Operator, { kind: 'parallelize' }>, partition: number): Batches {
  if ('inline' in op.slices) {
    const slice = op.slices.inline[partition];
    return slice === undefined ? batchesOf([]) : frames(slice);
  }
  const { file, offsets } = op.slices;
  return frames(readRegion(file, offsets[partition] ?? 0, offsets[partition + 1] ?? offsets[partition] ?? 0));
}

/** The iterable that function number `fn` returned for a partition; a promise asks for the awaiting kind. */
function iterableOf(
  task: TaskRun,
  result: unknown,
  fn: number,
  operator: 'mapPartitions' | 'zipPartitions',
): Iterable<unknown> {
  if (isThenable(result)) task.loop.thenable(fn, result);
  if (typeof result !== 'object' || result === null) return refuseToSpread(result, operator);
  if (Symbol.asyncIterator in result) task.loop.thenable(fn, result);
  if (!(Symbol.iterator in result)) return refuseToSpread(result, operator);
  return result as Iterable<unknown>;
}

/** The rows of what a function made of the rows of partitions. */
function madeOf(
  task: TaskRun,
  op: Extract<Operator, { kind: 'mapPartitions' | 'zipPartitions' }>,
  inputs: Batches[],
  call: (fn: UserFunction, rows: IterableIterator<unknown>[]) => unknown,
): Batches {
  const lent = new LentRows(inputs, task.cancellation);
  try {
    const result = lent.within(() => call(task.stage.function(op.fn), lent.rows));
    const output = batchesFrom(iterableOf(task, result, task.stage.number(op.fn), op.kind));
    const next = () => output.next();
    const close = () => output.close();
    // What it returned may be a generator, whose body is the function's as well.
    return {
      next: () => lent.within(next),
      close: () => closeAll([{ close: () => lent.within(close) }, lent]),
    };
  } catch (error) {
    return lent.takeBack(error);
  }
}

/** One row of all rows: there is no way to have it but in memory. */
function glommed(task: TaskRun, input: Batches, partition: number): unknown[] {
  const memory = new Reservation(task.memory);
  const sample = new RowSample();
  const all: unknown[] = [];
  try {
    for (let rows = input.next(); rows !== undefined; rows = input.next()) {
      for (let i = 0; i < rows.length; i++) all.push(rows[i]);
      if (!memory.grow(sample.take(rows)) && !memory.insist(all))
        throw partitionTooLarge(task, 'glom', partition, memory.held);
    }
  } finally {
    input.close();
  }
  return all;
}

/** Fewer rows to a batch may be large. */
const FEW_ROWS = 64;

/** The right side is gone through for every left row, from disk where it has no room: the order of rows must not depend on memory. */
function* product(left: Batches, right: HeldRows): Generator<unknown[], void> {
  let rows: unknown[] = [];
  try {
    for (let some = left.next(); some !== undefined; some = left.next()) {
      for (const a of some) {
        for (const others of right.read()) {
          for (let i = 0; i < others.length; i++) {
            if (rows.push([a, others[i]]) < BATCH_ROWS) continue;
            yield rows;
            rows = [];
          }
          // What is read anew for every left row is held by the pairs alone.
          if (!right.isSpilled || rows.length === 0) continue;
          yield rows;
          rows = [];
        }
      }
      // Of large rows few come at a time; they are not held while the next are made.
      if (some.length < FEW_ROWS) {
        yield rows;
        rows = [];
      }
    }
    yield rows;
  } finally {
    left.close();
    right.close();
  }
}

export function openSource(task: TaskRun, path: Path, pull: Pull): Source {
  const { source, partition } = path;
  const { op } = source;
  if (path.cut) return pull(source, partition);
  if (isCached(source) && !path.fresh) return cachedBatches(task, source, partition, pull);
  const parent = (index: number): Batches => {
    const dependency = narrowDependency(source, index);
    const [from] = parentPartitions(dependency, partition);
    return from === undefined ? batchesOf([]) : pull(task.stage.node(dependency.rddId), from);
  };
  switch (op.kind) {
    case 'empty':
      return batchesOf([]);
    case 'range':
      return rangeBatches(op, source, partition);
    case 'parallelize':
      return parallelized(op, partition);
    case 'textFile': {
      const pathOf = (file: number) => resolve(task.services.config.workingDirectory, op.paths[file]!);
      return textLines(pathOf, op.splits[partition] ?? [], task.metrics, {
        limit: longestText(task.memory.budget),
        check: () => task.cancellation.check(),
      });
    }
    case 'wholeTextFiles':
      return batchesOfGenerator(wholeFiles(task, op, partition));
    case 'binaryFiles':
      return batchesOfGenerator(binaryFiles(task, op, partition));
    case 'binaryRecords':
      return batchesOfGenerator(binaryRecords(task, op, partition));
    case 'jsonFile':
      return batchesOfGenerator(jsonRows(task, op, partition));
    case 'objectFile':
      return batchesOfGenerator(objectFiles(task, op, partition));
    case 'parquetFile':
      return batchesOfGenerator(parquetRows(task, op, partition));
    case 'checkpoint':
      return checkpointBatches(task, source, partition);
    case 'localCheckpoint':
      return localCheckpointBatches(task, source, partition);
    case 'mapPartitions':
      return madeOf(task, op, [parent(0)], (fn, rows) =>
        op.withIndex ? fn(partition, ...rows) : fn(...rows),
      );
    case 'zipPartitions': {
      const parents = source.dependencies.map((_, index) => parent(index));
      return madeOf(task, op, parents, (fn, rows) => fn(...rows));
    }
    case 'glom':
      return batchesOf([glommed(task, parent(0), partition)]);
    case 'cartesian':
      return batchesOfGenerator(product(parent(0), new HeldRows(task).addAll(parent(1))));
    case 'combineByKey':
      return combinedBatches(task, source, op.aggregator, parent(0));
    case 'shuffled':
      return shuffledBatches(task, source, partition);
    case 'cogroup':
      return cogroupBatches(task, source, partition, parent);
    case 'join':
      return op.broadcast === undefined
        ? joinBatches(task, source, partition, op.type, parent)
        : broadcastJoinBatches(task, source, op.type, op.broadcast, parent);
    case 'subtractByKey':
      return subtractBatches(task, source, partition, parent);
    default:
      throw new Error(`an operator of kind ${op.kind} is no source`);
  }
}
