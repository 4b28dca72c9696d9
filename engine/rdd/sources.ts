/** Datasets without parents: values of the driver, numbers, and text files. */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StagelightError } from '../errors.ts';
import { typeName } from '../storage/plain-object.ts';
import { encodeRows } from '../storage/row-codec.ts';
import { optionalCount } from './argument.ts';
import { groupFiles, splitText } from './file-splits.ts';
import { listInputFiles } from './input-files.ts';
import type { Lineage } from './lineage.ts';
import type { RddPlan } from './lineage-node.ts';
import type { SourceOperator } from './operator.ts';
import { RDD } from './rdd.ts';

/** Encoded rows up to this size travel in the plan; more go to a file that the executors read. */
const INLINE_BYTES = 256 * 1024;

function source<T>(lineage: Lineage, name: string, plan: () => RddPlan, release?: () => void): RDD<T> {
  return new RDD<T>(lineage, { name, parents: [], closures: [], plan, release });
}

/** The rows are encoded now: changing the array later changes nothing here. */
export function parallelize<T>(lineage: Lineage, data: Iterable<T>, numSlices?: number): RDD<T> {
  const rows = Array.isArray(data) ? (data as T[]) : Array.from(requireIterable(data));
  const numPartitions =
    optionalCount(numSlices, 'parallelize', 'numSlices', 1) ?? lineage.runner.defaultParallelism;
  const startOf = (p: number) => Math.floor((p * rows.length) / numPartitions);
  const blocks = Array.from({ length: numPartitions }, (_, p) =>
    encodeRows(rows.slice(startOf(p), startOf(p + 1))),
  );
  const { slices, release } = storeSlices(blocks, lineage.runner.blockDirectory);
  const op: SourceOperator = { kind: 'parallelize', slices };
  return source(lineage, 'parallelize', () => ({ op, numPartitions, dependencies: [] }), release);
}

function requireIterable<T>(data: Iterable<T>): Iterable<T> {
  if (typeof (data as Partial<Iterable<T>> | null | undefined)?.[Symbol.iterator] === 'function') return data;
  throw new StagelightError(
    'INVALID_ARGUMENT',
    `parallelize: expected an array or iterable, got ${typeName(data)}`,
    {
      hint: 'Pass the rows as an array, a Set, a Map or a generator.',
    },
  );
}

function storeSlices(
  blocks: Uint8Array[],
  directory: string,
): { slices: Extract<SourceOperator, { kind: 'parallelize' }>['slices']; release?: () => void } {
  const total = blocks.reduce((sum, block) => sum + block.byteLength, 0);
  if (total <= INLINE_BYTES) return { slices: { inline: blocks } };
  const file = join(directory, `parallelize-${randomUUID()}`);
  const offsets = [0];
  const fd = openSync(file, 'wx');
  try {
    for (const block of blocks) {
      for (let written = 0; written < block.byteLength; ) {
        written += writeSync(fd, block, written, block.byteLength - written);
      }
      offsets.push(offsets.at(-1)! + block.byteLength);
    }
  } finally {
    closeSync(fd);
  }
  return { slices: { file, offsets }, release: () => rmSync(file, { force: true }) };
}

/** Numbers from `start` below `end`; one argument alone is the end. */
export function range(
  lineage: Lineage,
  startOrEnd: number,
  maybeEnd: number | undefined,
  step: number,
  numSlices: number | undefined,
): RDD<number> {
  const [start, end] = maybeEnd === undefined ? [0, startOrEnd] : [startOrEnd, maybeEnd];
  if (![start, end, step].every(Number.isFinite) || step === 0) {
    throw new StagelightError('INVALID_ARGUMENT', `range: cannot count from ${start} to ${end} by ${step}`, {
      hint: 'start, end and step are finite numbers, and step is not 0.',
    });
  }
  const numPartitions =
    optionalCount(numSlices, 'range', 'numSlices', 1) ?? lineage.runner.defaultParallelism;
  const op: SourceOperator = { kind: 'range', start, end, step };
  return source(lineage, 'range', () => ({ op, numPartitions, dependencies: [] }));
}

export function emptyRDD<T>(lineage: Lineage): RDD<T> {
  return source(lineage, 'emptyRDD', () => ({ op: { kind: 'empty' }, numPartitions: 0, dependencies: [] }));
}

export function textFile(lineage: Lineage, path: string, minPartitions: number): RDD<string> {
  return source(lineage, 'textFile', () => {
    const files = listInputFiles(path, lineage.runner.workingDirectory, 'textFile');
    const splits = splitText(files, minPartitions);
    const op: SourceOperator = { kind: 'textFile', paths: files.map((file) => file.path), splits };
    return { op, numPartitions: splits.length, dependencies: [] };
  });
}

export function wholeTextFiles(lineage: Lineage, path: string, minPartitions: number): RDD<[string, string]> {
  return source(lineage, 'wholeTextFiles', () => {
    const files = listInputFiles(path, lineage.runner.workingDirectory, 'wholeTextFiles');
    const groups = groupFiles(files, minPartitions);
    const op: SourceOperator = { kind: 'wholeTextFiles', paths: files.map((file) => file.path), groups };
    return { op, numPartitions: groups.length, dependencies: [] };
  });
}
