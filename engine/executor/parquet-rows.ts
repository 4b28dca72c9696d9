/** Rows of Parquet files: row groups one after the other, a page of each column at a time, put together as records. */
import { closeSync } from 'node:fs';
import type { RowGroup, SchemaTree } from 'hyparquet';
import type { SourceOperator } from '../rdd/operator.ts';
import { openParquet, type ParquetInput, parquetBroken, readable } from '../rdd/parquet-footer.ts';
import { Reservation } from '../storage/memory-manager.ts';
import { parquetReading } from '../storage/parquet-library.ts';
import { recordShape } from '../storage/record-shape.ts';
import { BATCH_ROWS } from './batches.ts';
import { pathOf } from './file-sources.ts';
import { inputError } from './input-error.ts';
import { type PageMemory, ParquetColumn } from './parquet-column.ts';
import { rowGroupTooLarge } from './spilling.ts';
import type { TaskRun } from './task-run.ts';

type ParquetFile = Extract<SourceOperator, { kind: 'parquetFile' }>;

/** Small pages are decoded ahead up to this, and up to this share of the budget: then there is a batch. */
const ENOUGH = 1 << 20;
const ENOUGH_SHARE = 1 / 64;

/** The rows of one partition: some row groups of one file. */
export function* parquetRows(task: TaskRun, op: ParquetFile, partition: number): Generator<unknown[], void> {
  const split = op.splits[partition];
  if (split === undefined) return;
  const path = pathOf(task, op.paths[split.file]!);
  let input: ParquetInput;
  try {
    input = openParquet(path);
  } catch (error) {
    throw inputError(path, error);
  }
  try {
    for (let group = split.from; group < split.to; group++) {
      task.cancellation.check();
      yield* rowsOfGroup(task, input, group, op.columns);
    }
  } finally {
    closeSync(input.fd);
  }
}

function* rowsOfGroup(
  task: TaskRun,
  input: ParquetInput,
  group: number,
  names: string[],
): Generator<unknown[], void> {
  const { path, metadata } = input;
  const rowGroup = metadata.row_groups[group];
  if (rowGroup === undefined) throw parquetBroken(path, `it has no row group ${group} any more`);
  const count = Number(rowGroup.num_rows);
  const tree = readable(path, () => parquetReading().format.parquetSchema(metadata));
  const byName = new Map(tree.children.map((child) => [child.element.name, child]));
  const wanted = names.flatMap((name) => byName.get(name) ?? []);
  const held = new Reservation(task.memory);
  const memory: PageMemory = {
    take(bytes) {
      if (held.grow(bytes) || held.insistAhead()) return;
      throw rowGroupTooLarge(task, { path, group, rowGroup, columns: wanted.length, bytes: held.held });
    },
    giveBack: (bytes) => held.shrinkTo(held.held - bytes),
  };
  const fields = wanted.map(
    (child) =>
      new Field(
        child,
        readable(path, () => columnsOf(task, input, tree, child, rowGroup, memory)),
      ),
  );
  const shape = recordShape(names);
  /** Of all columns that only other files have. */
  const nulls = wanted.length < names.length ? new Array<null>(BATCH_ROWS).fill(null) : [];
  try {
    for (let from = 0; from < count; ) {
      task.cancellation.check();
      let size = Math.min(BATCH_ROWS, count - from);
      for (const field of fields) {
        size = readable(path, () => field.fill(size));
        if (size === 0) throw wrongCount(path, field.name, from, count);
      }
      const taken = new Map(fields.map((field) => [field.name, readable(path, () => field.take(size))]));
      const rows = shape.join(
        names.map((name) => taken.get(name) ?? nulls),
        size,
      );
      from += size;
      task.metrics.inputRecords += rows.length;
      yield rows;
    }
    for (const field of fields)
      if (count > 0 && readable(path, () => field.hasMore))
        throw wrongCount(path, field.name, `more than ${count}`, count);
  } finally {
    held.release();
  }
}

function wrongCount(path: string, column: string, values: number | string, rows: number): Error {
  return parquetBroken(path, `column ${column} has ${values} values for ${rows} rows`);
}

/** The columns of the file that make up a field of its rows: one, or all that are nested in it. */
function columnsOf(
  task: TaskRun,
  input: ParquetInput,
  tree: SchemaTree,
  child: SchemaTree,
  rowGroup: RowGroup,
  memory: PageMemory,
): ParquetColumn[] {
  const columns: ParquetColumn[] = [];
  for (const { meta_data: chunk } of rowGroup.columns) {
    if (chunk?.path_in_schema[0] !== child.element.name) continue;
    const enough = Math.min(ENOUGH, task.memory.budget * ENOUGH_SHARE);
    const onRead = (bytes: number) => {
      task.metrics.inputBytes += bytes;
    };
    const rows = Number(rowGroup.num_rows);
    columns.push(new ParquetColumn({ input, tree, chunk, rows, memory, enough, onRead }));
  }
  return columns;
}

/** A field of the rows. */
class Field {
  readonly name: string;
  readonly #tree: SchemaTree;
  readonly #columns: ParquetColumn[];

  constructor(tree: SchemaTree, columns: ParquetColumn[]) {
    this.name = tree.element.name;
    this.#tree = tree;
    this.#columns = columns;
  }

  /** How many of the next `count` rows are in memory; 0 only where there are no more. */
  fill(count: number): number {
    let rows = this.#columns.length === 0 ? 0 : count;
    for (const column of this.#columns) rows = column.fill(rows);
    return rows;
  }

  get hasMore(): boolean {
    return this.#columns.some((column) => column.hasMore);
  }

  take(count: number): unknown[] {
    const leaves = new Map(this.#columns.map((column) => [column.path, column.take(count)]));
    if (this.#tree.children.length > 0) {
      const { assemble, convert } = parquetReading();
      assemble.assembleNested(leaves, this.#tree, convert.DEFAULT_PARSERS);
    }
    const values = leaves.get(this.name)!;
    for (let i = 0; i < values.length; i++) values[i] = plainOf(values[i]);
    return values;
  }
}

function define(row: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(row, name, { value, enumerable: true, configurable: true, writable: true });
  else row[name] = value;
}

/** What is absent is null, at any depth; bytes are not views that keep their page. */
function plainOf(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(plainOf);
  if (value instanceof Uint8Array) return value.slice();
  if (typeof value !== 'object' || value instanceof Date || ArrayBuffer.isView(value)) return value;
  const record: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) define(record, name, plainOf(part));
  return record;
}
