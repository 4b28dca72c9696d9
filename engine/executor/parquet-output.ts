/** Records on their way into a Parquet file. Its schema comes first and is known last: rows beyond one group wait on disk. */

import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { ByteWriter as Bytes } from 'hyparquet-writer';
import { StagelightError } from '../errors.ts';
import type { ParquetCompression } from '../rdd/file-format.ts';
import { parquetWriting } from '../storage/parquet-library.ts';
import { type ParquetType, schemaElements, widen } from '../storage/parquet-schema.ts';
import { isPlainObject, typeName } from '../storage/plain-object.ts';
import type { SpillFile } from '../storage/spill-file.ts';
import { SpilledRows } from '../storage/spilled-rows.ts';
import type { RowEncoder } from './file-output.ts';
import { openSpill } from './spilling.ts';
import type { TaskRun } from './task-run.ts';

const GROUP_ROWS = 65_536;
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
  #rows: unknown[] = [];
  #index = 0;
  #file: SpillFile | undefined;
  #waiting: SpilledRows | undefined;

  constructor(write: (bytes: Uint8Array) => void, compression: ParquetCompression, task: TaskRun) {
    this.#write = write;
    this.#compression = compression;
    this.#task = task;
  }

  add(row: unknown): void {
    if (typeof row !== 'object' || row === null || Array.isArray(row) || !isPlainObject(row))
      throw notARecord(row, this.#index);
    this.#index++;
    this.#type = widen(this.#type, row, '');
    if (this.#rows.push(row) < GROUP_ROWS) return;
    this.#file ??= openSpill(this.#task);
    this.#waiting ??= new SpilledRows(this.#file, this.#task.memory.budget);
    this.#waiting.writeRows(this.#rows);
    this.#rows = [];
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
    this.#file?.close();
    this.#file = undefined;
  }

  /** The writer goes on counting what was written, so that its offsets stay those of the file. */
  #flush(writer: Bytes): void {
    this.#write(Buffer.from(writer.getBytes()));
    writer.index = 0;
  }

  *#groups(): Generator<Record<string, unknown>[], void> {
    let group: unknown[] = [];
    for (const rows of this.#waiting?.readRows() ?? []) {
      for (const row of rows) group.push(row);
      if (group.length < GROUP_ROWS) continue;
      yield group as Record<string, unknown>[];
      group = [];
    }
    for (const row of this.#rows) group.push(row);
    this.#rows = [];
    if (group.length > 0) yield group as Record<string, unknown>[];
  }
}

function notARecord(row: unknown, index: number): StagelightError {
  return new StagelightError(
    'PARQUET_TYPE',
    `saveAsParquetFile: row ${index} is ${Array.isArray(row) ? 'an array' : `a value of the type ${typeName(row)}`}, not a record`,
    { hint: 'Map the rows to objects: their fields are the columns.' },
  );
}
