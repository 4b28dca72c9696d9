/** Datasets without parents: values of the driver, numbers, and files. */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StagelightError } from '../errors.ts';
import { writeFully } from '../storage/nameless-file.ts';
import { parquetReading } from '../storage/parquet-library.ts';
import { typeName } from '../storage/plain-object.ts';
import { encodeRows } from '../storage/row-codec.ts';
import { blockNotWritten } from '../storage/write-error.ts';
import { optionalCount, requireCount } from './argument.ts';
import { groupFiles, splitRecords, splitRowGroups, splitText } from './file-splits.ts';
import { type InputFile, listInputFiles } from './input-files.ts';
import type { Lineage } from './lineage.ts';
import type { RddPlan } from './lineage-node.ts';
import type { JsonMode, SourceOperator } from './operator.ts';
import { openParquet } from './parquet-footer.ts';
import { requireRange } from './range-numbers.ts';
import { RDD } from './rdd.ts';

/** Encoded rows up to this size travel in the plan; more go to a file that the executors read. */
const INLINE_BYTES = 256 * 1024;

function source<T>(lineage: Lineage, name: string, plan: () => RddPlan, release?: () => void): RDD<T> {
  return new RDD<T>(lineage, { name, parents: [], closures: [], plan, release });
}

const FRAME_BYTES = 1 << 18;

/** The rows are encoded now: changing the array later changes nothing here. */
export function parallelize<T>(lineage: Lineage, data: Iterable<T>, numSlices?: number): RDD<T> {
  const rows = Array.isArray(data) ? (data as T[]) : Array.from(requireIterable(data));
  const numPartitions =
    optionalCount(numSlices, 'parallelize', 'numSlices', 1) ?? lineage.runner.defaultParallelism;
  const startOf = (p: number) => Math.floor((p * rows.length) / numPartitions);
  const blocks = Array.from({ length: numPartitions }, (_, p) =>
    encodeRows(rows.slice(startOf(p), startOf(p + 1)), FRAME_BYTES),
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
  try {
    const fd = openSync(file, 'wx', 0o600);
    try {
      for (const block of blocks) {
        writeFully(fd, block);
        offsets.push(offsets.at(-1)! + block.byteLength);
      }
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    rmSync(file, { force: true });
    throw blockNotWritten(error, directory, 'the rows given to parallelize');
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
  requireRange(start, end, step);
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

/** Pairs of path and bytes, one for each file. */
export function binaryFiles(
  lineage: Lineage,
  path: string,
  minPartitions: number,
): RDD<[string, Uint8Array]> {
  return source(lineage, 'binaryFiles', () => {
    const files = listInputFiles(path, lineage.runner.workingDirectory, 'binaryFiles');
    const groups = groupFiles(files, minPartitions);
    const op: SourceOperator = { kind: 'binaryFiles', paths: files.map((file) => file.path), groups };
    return { op, numPartitions: groups.length, dependencies: [] };
  });
}

/** Records of the same length. */
export function binaryRecords(
  lineage: Lineage,
  path: string,
  recordLength: number,
  minPartitions: number,
): RDD<Uint8Array> {
  requireCount(recordLength, 'binaryRecords', 'recordLength', 1);
  return source(lineage, 'binaryRecords', () => {
    const files = listInputFiles(path, lineage.runner.workingDirectory, 'binaryRecords');
    for (const file of files) if (file.size % recordLength !== 0) throw unevenRecords(file, recordLength);
    const splits = splitRecords(files, minPartitions, recordLength);
    const op: SourceOperator = {
      kind: 'binaryRecords',
      paths: files.map((file) => file.path),
      sizes: files.map((file) => file.size),
      splits,
      recordLength,
    };
    return { op, numPartitions: splits.length, dependencies: [] };
  });
}

function unevenRecords({ path, size }: InputFile, recordLength: number): StagelightError {
  return new StagelightError(
    'BINARY_RECORD_LENGTH',
    `binaryRecords: ${path} has ${size} bytes, which is no whole number of records of ${recordLength} bytes`,
    { hint: 'Check the length of a record, and whether the file is complete.' },
  );
}

export interface JsonOptions {
  /**
   * Of lines that are no JSON: FAILFAST (the default) is an error that names file and line, PERMISSIVE makes a record
   * with the line's text, DROPMALFORMED leaves them out.
   */
  mode?: JsonMode;
  /** The field of the text in PERMISSIVE mode; `_corrupt_record` when not said. */
  columnNameOfCorruptRecord?: string;
  /** Least partitions, as of textFile. */
  minPartitions?: number;
}

const JSON_MODES: readonly string[] = ['FAILFAST', 'PERMISSIVE', 'DROPMALFORMED'];

/** The values of files with one JSON value per line. */
export function jsonFile<T>(
  lineage: Lineage,
  path: string,
  options: JsonOptions,
  minPartitions: number,
): RDD<T> {
  const { mode = 'FAILFAST', columnNameOfCorruptRecord: corruptRecord = '_corrupt_record' } = options;
  if (!JSON_MODES.includes(mode)) {
    throw new StagelightError('INVALID_ARGUMENT', `jsonFile: there is no mode "${String(mode)}"`, {
      hint: `Modes are ${JSON_MODES.join(', ')}.`,
    });
  }
  return source(lineage, 'jsonFile', () => {
    const files = listInputFiles(path, lineage.runner.workingDirectory, 'jsonFile');
    const splits = splitText(files, minPartitions);
    const paths = files.map((file) => file.path);
    const op: SourceOperator = { kind: 'jsonFile', paths, splits, mode, corruptRecord };
    return { op, numPartitions: splits.length, dependencies: [] };
  });
}

/** Rows that `saveAsObjectFile` wrote; each file is read by one task. */
export function objectFile<T>(lineage: Lineage, path: string, minPartitions: number | undefined): RDD<T> {
  return source(lineage, 'objectFile', () => {
    const files = listInputFiles(path, lineage.runner.workingDirectory, 'objectFile');
    const groups =
      minPartitions === undefined ? files.map((_, file) => [file]) : groupFiles(files, minPartitions);
    const op: SourceOperator = { kind: 'objectFile', paths: files.map((file) => file.path), groups };
    return { op, numPartitions: groups.length, dependencies: [] };
  });
}

/** Records of Parquet files: neighbouring row groups of a file share a partition while they are small. */
export function parquetFile<T>(
  lineage: Lineage,
  path: string,
  columns: string[] | undefined,
  minPartitions: number,
): RDD<T> {
  return source(lineage, 'parquetFile', () => {
    const files = listInputFiles(path, lineage.runner.workingDirectory, 'parquetFile');
    const footers = files.map((each) => footerOf(each.path));
    const groups = footers.flatMap(({ sizes }, file) =>
      sizes.map((bytes, group) => ({ file, group, bytes })),
    );
    const splits = splitRowGroups(groups, minPartitions);
    const op: SourceOperator = {
      kind: 'parquetFile',
      paths: files.map((each) => each.path),
      splits,
      columns: columnsOf(files, footers, columns),
    };
    return { op, numPartitions: splits.length, dependencies: [] };
  });
}

interface ParquetFooter {
  /** Of its columns; a file without rows has none. */
  names: string[];
  /** Of its row groups, in bytes. */
  sizes: number[];
}

function footerOf(path: string): ParquetFooter {
  const { fd, metadata } = openParquet(path);
  closeSync(fd);
  const { children } = parquetReading().format.parquetSchema(metadata);
  const sizes = metadata.row_groups.map((group) => Number(group.total_byte_size));
  return { names: sizes.length > 0 ? children.map(({ element }) => element.name) : [], sizes };
}

/**
 * Those that all rows have, in the order of the files: each of ours has the columns that its own rows have, so that one
 * may be in some files only. One that no file has is a mistake.
 */
function columnsOf(files: InputFile[], footers: ParquetFooter[], chosen: string[] | undefined): string[] {
  const names = [...new Set(footers.flatMap((footer) => footer.names))];
  if (chosen === undefined) return names;
  const unknown = names.length > 0 ? chosen.find((name) => !names.includes(name)) : undefined;
  if (unknown === undefined) return names.filter((name) => chosen.includes(name));
  const has = files.length === 1 ? `${files[0]!.path} has no` : `none of the ${files.length} files has a`;
  throw new StagelightError('COLUMN_NOT_FOUND', `parquetFile: ${has} column "${unknown}"`, {
    hint: `The columns are ${names.slice(0, 20).join(', ')}${names.length > 20 ? ' …' : ''}.`,
  });
}
