/** Rows on their way into a part file, by its format. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { FileFormat, TextCompression } from '../rdd/file-format.ts';
import { jsonLineOf } from '../storage/json-lines.ts';
import { ObjectFileWriter } from '../storage/object-file.ts';
import { lineOf } from '../storage/text-line.ts';
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
