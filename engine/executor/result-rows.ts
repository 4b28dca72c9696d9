/**
 * The rows a partition gives to collect: encoded as they come and, when they are many, written to a file, so that a
 * result may be larger than the memory of its executor. One beyond the limit of the driver is refused while it grows.
 */
import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { StagelightError } from '../errors.ts';
import type { TaskResult } from '../rdd/plan.ts';
import { DAG_DEFAULTS } from '../scheduler/dag-state.ts';
import { directoryFor } from '../shuffle/block-directory.ts';
import { ByteWriter } from '../storage/byte-writer.ts';
import { writeFully } from '../storage/nameless-file.ts';
import { FRAME_ROWS, writeRowFrame } from '../storage/row-codec.ts';
import { RowLimit } from '../storage/row-limit.ts';
import { blockNotWritten } from '../storage/write-error.ts';
import { megabytes } from './megabytes.ts';
import { LARGEST_MESSAGE } from './task-end.ts';
import type { TaskRun } from './task-run.ts';

const FIRST_ROWS = 16;
const FRAME_BYTES = 1 << 18;

export class ResultRows {
  /** The generated loop pushes rows here, and calls `flush` when there are as many as `limit`, which may leave them here. */
  readonly rows: unknown[] = [];
  limit = 1;
  readonly #limit = new RowLimit(FIRST_ROWS, FRAME_ROWS, FRAME_BYTES);
  readonly #task: TaskRun;
  readonly #scratch = new ByteWriter();
  /** Until they are too many for a message. */
  #parts: Buffer[] = [];
  #file = '';
  #fd = -1;
  #crc = 0;
  #count = 0;
  #length = 0;

  /** Of rows that are wanted. */
  readonly most: number;

  constructor(task: TaskRun, most = Number.POSITIVE_INFINITY) {
    this.#task = task;
    this.most = most;
  }

  /** Rows that were flushed. */
  get count(): number {
    return this.#count;
  }

  flush(): void {
    if (!this.#limit.mayWait(this.rows)) this.#write();
    this.limit = this.#limit.rows;
  }

  #write(): void {
    const { rows } = this;
    const start = performance.now();
    this.#scratch.reset();
    writeRowFrame(this.#scratch, rows, this.#count);
    const bytes = this.#scratch.buffer.subarray(0, this.#scratch.position);
    this.#append(bytes);
    this.#count += rows.length;
    this.#limit.written(rows, bytes.length);
    rows.length = 0;
    this.#task.metrics.resultSerializationTime += performance.now() - start;
  }

  #append(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.#length > DAG_DEFAULTS.maxResultSize) throw this.#tooLarge();
    if (this.#length <= LARGEST_MESSAGE) {
      this.#parts.push(Buffer.from(bytes));
      return;
    }
    const { blockDirectory } = this.#task.services.config;
    try {
      if (this.#fd < 0) {
        this.#file = join(
          directoryFor(blockDirectory, bytes.length),
          `taskresult_${this.#task.launch.taskId}`,
        );
        this.#fd = openSync(this.#file, 'w', 0o600);
        for (const part of this.#parts) this.#writeToFile(part);
        this.#parts = [];
      }
      this.#writeToFile(bytes);
    } catch (error) {
      throw blockNotWritten(error, blockDirectory, 'the result of a task');
    }
  }

  #writeToFile(bytes: Buffer): void {
    writeFully(this.#fd, bytes);
    this.#crc = crc32(bytes, this.#crc);
  }

  #tooLarge(): StagelightError {
    const limit = megabytes(DAG_DEFAULTS.maxResultSize);
    return new StagelightError(
      'RESULT_TOO_LARGE',
      `the rows of partition ${this.#task.launch.partition} alone are more than the ${limit} that may be brought to the driver`,
      { hint: 'Aggregate before collecting, or take() a part, or write the rows with saveAsTextFile().' },
    );
  }

  /** Undefined while the rows are few and all still here. */
  finish(): TaskResult | undefined {
    if (this.#length === 0) return undefined;
    if (this.rows.length > 0) this.#write();
    this.#task.metrics.resultSize = this.#length;
    if (this.#fd < 0) return { bytes: Buffer.concat(this.#parts) };
    closeSync(this.#fd);
    this.#fd = -1;
    return { file: this.#file, length: this.#length, crc: this.#crc };
  }

  abort(): void {
    if (this.#fd < 0) return;
    closeSync(this.#fd);
    this.#fd = -1;
    rmSync(this.#file, { force: true });
  }
}
