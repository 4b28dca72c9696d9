/** Rows on their way into a part file, by its format. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { errorToData, StagelightError } from '../errors.ts';
import type { FileFormat, TextCompression } from '../rdd/file-format.ts';
import { jsonLineOf, rawJson } from '../storage/json-lines.ts';
import { ObjectFileWriter } from '../storage/object-file.ts';
import { nestingOf, rowTooDeep } from '../storage/row-depth.ts';
import { ParquetEncoder } from './parquet-output.ts';
import { PartOutput } from './part-output.ts';
import type { TaskRun } from './task-run.ts';

const FLUSH = 1 << 18;

/** Writes rows as bytes of a format. */
export interface RowEncoder {
  add(row: unknown): void;
  /** After the last row. */
  finish(): void;
  /** Instead of `finish`, when the task fails: frees what it holds. */
  close?(): void;
}

/** How deep rows may be nested that V8 makes JSON of depends on what is on the stack: these have room always. */
const SURE_LEVELS = 1000;

/** Strings as they are, other scalars as `String` shows them, arrays and objects as JSON; see `jsonPart`. */
function lineOf(row: unknown, index: number): string {
  if (typeof row === 'string') return row;
  if (row instanceof Date) return Number.isNaN(row.getTime()) ? 'Invalid Date' : row.toISOString();
  if (typeof row !== 'object' || row === null) return String(row);
  try {
    return JSON.stringify(row, jsonPart);
  } catch (error) {
    throw notJson(error, row, `row ${index}`);
  }
}

/** Bigints without the `n` at any depth, maps as their entries, sets and typed arrays as their values: JSON shows none of them. */
function jsonPart(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return rawJson(value.toString());
  if (value instanceof Map || value instanceof Set) return [...value];
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Uint8Array);
  return value;
}

/** A `toJSON` of the user's may throw anything. */
function notJson(error: unknown, row: object, which: string): StagelightError {
  const isCycle = error instanceof TypeError && /circular structure/.test(error.message);
  const isOverflow = error instanceof RangeError && /call stack/.test(error.message);
  if (isCycle || isOverflow) {
    const nesting = nestingOf(row);
    if (nesting.holdsItself || nesting.levels > SURE_LEVELS) {
      const takes = 'a task has not the stack to write all of them as JSON';
      return rowTooDeep(nesting, { which, most: SURE_LEVELS, takes, code: 'ROW_NOT_JSON' });
    }
  }
  const { name, message } = errorToData(error);
  const why = isCycle ? 'what its toJSON returns holds itself' : `${name}: ${message}`;
  return new StagelightError('ROW_NOT_JSON', `${which} cannot be written as JSON: ${why}`, {
    hint: 'Map the rows to strings, or to objects without cycles and without a toJSON that throws or calls itself.',
    cause: error,
  });
}

const SUFFIX: Record<TextCompression, string> = { gzip: '.gz', zstd: '.zst' };

function packed(text: string, compression: TextCompression | undefined): Uint8Array {
  const plain = Buffer.from(text);
  if (compression === undefined) return plain;
  return compression === 'gzip' ? gzipSync(plain) : zstdCompressSync(plain);
}

/** Both kinds of compressed file may consist of several members: each flush is one, so memory stays small. */
class LineEncoder implements RowEncoder {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #line: (row: unknown, index: number) => string;
  readonly #compression: TextCompression | undefined;
  #text = '';
  #rows = 0;

  constructor(
    write: (bytes: Uint8Array) => void,
    line: (row: unknown, index: number) => string,
    compression: TextCompression | undefined,
  ) {
    this.#write = write;
    this.#line = line;
    this.#compression = compression;
  }

  add(row: unknown): void {
    this.#text += `${this.#line(row, this.#rows++)}\n`;
    if (this.#text.length >= FLUSH) this.#flush();
  }

  #flush(): void {
    this.#write(packed(this.#text, this.#compression));
    this.#text = '';
  }

  finish(): void {
    // An empty compressed file has one empty member.
    if (this.#text !== '' || (this.#compression !== undefined && this.#rows === 0)) this.#flush();
  }
}

function suffixOf(format: FileFormat): string {
  switch (format.kind) {
    case 'text':
      return format.compression === undefined ? '' : SUFFIX[format.compression];
    case 'json':
      return `.json${format.compression === undefined ? '' : SUFFIX[format.compression]}`;
    case 'object':
      return '';
    case 'parquet':
      return `${format.compression === 'none' ? '' : `.${format.compression}`}.parquet`;
    default:
      return format satisfies never;
  }
}

function encoderOf(format: FileFormat, write: (bytes: Uint8Array) => void, task: TaskRun): RowEncoder {
  switch (format.kind) {
    case 'text':
      return new LineEncoder(write, lineOf, format.compression);
    case 'json':
      return new LineEncoder(write, jsonLineOf, format.compression);
    case 'object':
      return new ObjectFileWriter(write, task.launch.partition, task.stage.root.numPartitions);
    case 'parquet':
      return new ParquetEncoder(write, format.compression, task);
    default:
      return format satisfies never;
  }
}

/** The sink of a saving action. */
export class FileOutput {
  readonly #part: PartOutput;
  readonly #encoder: RowEncoder;
  readonly #task: TaskRun;

  constructor(task: TaskRun, directory: string, format: FileFormat) {
    const { taskId, partition } = task.launch;
    this.#task = task;
    this.#part = new PartOutput(directory, taskId, partition, suffixOf(format), task.metrics);
    this.#encoder = encoderOf(format, this.#part.write, task);
  }

  add(row: unknown): void {
    this.#encoder.add(row);
    this.#task.metrics.outputRecords++;
  }

  /** Everything is on its way to the disk; nothing is visible yet. */
  finish(): void {
    this.#encoder.finish();
    this.#part.finish();
  }

  commit(): void {
    this.#part.commit();
  }

  abort(): void {
    this.#encoder.close?.();
    this.#part.abort();
  }
}
