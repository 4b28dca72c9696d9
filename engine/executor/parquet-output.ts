/** Records on their way into a Parquet file. Its schema comes first and is known last: rows beyond one group wait on disk. */

import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { ByteWriter as Bytes } from 'hyparquet-writer';
import { StagelightError } from '../errors.ts';
import type { ParquetCompression } from '../rdd/file-format.ts';
import { isLarge } from '../shuffle/entry-account.ts';
import { GrowthMeter } from '../storage/growth-meter.ts';
import { Reservation } from '../storage/memory-manager.ts';
import { parquetWriting } from '../storage/parquet-library.ts';
import { MOST_LEVELS, type ParquetType, schemaElements, widen } from '../storage/parquet-schema.ts';
import { isPlainObject, typeName } from '../storage/plain-object.ts';
import { nestingOf, rowTooDeep, TooManyLevels } from '../storage/row-depth.ts';
import type { SpillFile } from '../storage/spill-file.ts';
import { SpilledRows } from '../storage/spilled-rows.ts';
import type { RowEncoder } from './file-output.ts';
import { openSpill } from './spilling.ts';
import type { TaskRun } from './task-run.ts';

/** A row group has no more rows, and fewer where they are wide. */
const GROUP_ROWS = 65_536;
/** Nor more than this of them in memory, where their columns come to lie beside them, encoded and compressed. */
const GROUP_BYTES = 1 << 25;
const GROUP_SHARE = 1 / 16;
/** What the columns of a group take besides its rows, as a multiple of them. */
const COLUMNS_SHARE = 2;
const CODECS = { none: 'UNCOMPRESSED', snappy: 'SNAPPY', gzip: 'GZIP', zstd: 'ZSTD' } as const;
const COMPRESSORS = {
  GZIP: (bytes: Uint8Array) => gzipSync(bytes),
  ZSTD: (bytes: Uint8Array) => zstdCompressSync(bytes),
};

export class ParquetEncoder implements RowEncoder {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #task: TaskRun;
  readonly #compression: ParquetCompression;
  #type: ParquetType = { kind: 'null' };
  /** Of the next group, in memory. */
  #rows: object[] = [];
  #bytes = 0;
  readonly #meter = new GrowthMeter();
  readonly #memory: Reservation;
  readonly #mostBytes: number;
  #index = 0;
  #file: SpillFile | undefined;
  #waiting: SpilledRows | undefined;
  /** How many rows were written together, and what they took. */
  readonly #portions: Portion[] = [];

  constructor(write: (bytes: Uint8Array) => void, compression: ParquetCompression, task: TaskRun) {
    this.#write = write;
    this.#compression = compression;
    this.#task = task;
    this.#memory = new Reservation(task.memory);
    this.#mostBytes = Math.min(GROUP_BYTES, task.memory.budget * GROUP_SHARE);
  }

  add(row: unknown): void {
    if (typeof row !== 'object' || row === null || Array.isArray(row) || !isPlainObject(row))
      throw notARecord(row, this.#index);
    this.#type = this.#widened(row);
    this.#index++;
    const count = this.#rows.push(row);
    const fits = this.#account(row);
    if (count >= GROUP_ROWS || this.#bytes >= this.#mostBytes || !fits) this.#spill();
  }

  #widened(row: object): ParquetType {
    try {
      return widen(this.#type, row, '');
    } catch (error) {
      if (!(error instanceof TooManyLevels)) throw error;
      throw rowTooDeep(nestingOf(row), {
        which: `saveAsParquetFile: row ${this.#index}`,
        most: MOST_LEVELS,
        takes: `a Parquet file takes ${MOST_LEVELS.toLocaleString('en-US')} at the most`,
        code: 'PARQUET_TYPE',
      });
    }
  }

  /** False when the rows in memory are to leave it. */
  #account(row: object): boolean {
    const bytes = isWide(row) ? this.#meter.size(row) : --this.#meter.left === 0 ? this.#meter.look(row) : 0;
    this.#bytes += bytes;
    return bytes === 0 || this.#memory.grow(bytes);
  }

  #spill(): void {
    this.#file ??= openSpill(this.#task);
    this.#waiting ??= new SpilledRows(this.#file, this.#task.memory.budget);
    this.#waiting.writeRows(this.#rows);
    this.#portions.push({ rows: this.#rows.length, bytes: this.#bytes });
    this.#rows = [];
    this.#bytes = 0;
    this.#memory.release();
  }

  finish(): void {
    const type: ParquetType =
      this.#type.kind === 'struct' ? this.#type : { kind: 'struct', fields: new Map() };
    if (type.kind !== 'struct') return;
    const { ByteWriter, ParquetWriter } = parquetWriting();
    const writer = new ByteWriter();
    const parquet = new ParquetWriter({
      writer,
      schema: schemaElements(type),
      codec: CODECS[this.#compression],
      compressors: COMPRESSORS,
      createdBy: 'stagelight',
    });
    if (this.#portions.length > 0 && this.#rows.length > 0) this.#spill();
    for (const rows of this.#groups()) {
      const columnData = [...type.fields.keys()].map((name) => ({
        name,
        data: rows.map((row) => (Object.hasOwn(row, name) ? (row[name] ?? null) : null)),
      }));
      parquet.write({ columnData, rowGroupSize: rows.length });
      this.#flush(writer);
    }
    parquet.finish();
    this.#flush(writer);
    this.close();
  }

  close(): void {
    this.#memory.release();
    this.#file?.close();
    this.#file = undefined;
  }

  /** The writer goes on counting what was written, so that its offsets stay those of the file. */
  #flush(writer: Bytes): void {
    this.#write(Buffer.from(writer.getBytes()));
    writer.index = 0;
  }

  *#groups(): Generator<Record<string, unknown>[], void> {
    if (this.#rows.length > 0) {
      this.#memory.take(this.#bytes * (COLUMNS_SHARE - 1));
      yield this.#rows as Record<string, unknown>[];
      this.#rows = [];
      return;
    }
    const groups = groupsOf(this.#portions, this.#mostBytes);
    let rows: unknown[] = [];
    for (const frame of this.#waiting?.readRows() ?? []) {
      for (const row of frame) rows.push(row);
      // Frames end where portions do.
      if (rows.length < groups[0]!.rows) continue;
      this.#memory.take(groups.shift()!.bytes * COLUMNS_SHARE);
      yield rows as Record<string, unknown>[];
      rows = [];
      this.#memory.release();
    }
  }
}

interface Portion {
  rows: number;
  bytes: number;
}

/** Portions that left memory early, because others needed it, make up one group together. */
function groupsOf(portions: readonly Portion[], mostBytes: number): Portion[] {
  const groups: Portion[] = [];
  for (const { rows, bytes } of portions) {
    const last = groups.at(-1);
    if (!last || last.rows + rows > GROUP_ROWS || last.bytes + bytes > mostBytes)
      groups.push({ rows, bytes });
    else {
      last.rows += rows;
      last.bytes += bytes;
    }
  }
  return groups;
}

/** Whether some field is large enough for the row to count by itself: no sample might meet it. */
function isWide(row: object): boolean {
  for (const name in row) if (isLarge((row as Record<string, unknown>)[name])) return true;
  return false;
}

function notARecord(row: unknown, index: number): StagelightError {
  return new StagelightError(
    'PARQUET_TYPE',
    `saveAsParquetFile: row ${index} is ${Array.isArray(row) ? 'an array' : `a value of the type ${typeName(row)}`}, not a record`,
    { hint: 'Map the rows to objects: their fields are the columns.' },
  );
}
