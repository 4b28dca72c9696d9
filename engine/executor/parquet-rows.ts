/** Rows of Parquet files: the columns of one row group after the other, decoded and put together as records. */
import { closeSync } from 'node:fs';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { ColumnMetaData, Compressors, DecodedArray, SchemaTree } from 'hyparquet';
import type { SourceOperator } from '../rdd/operator.ts';
import { openParquet, type ParquetInput, parquetBroken, readable, readRange } from '../rdd/parquet-footer.ts';
import { parquetReading } from '../storage/parquet-library.ts';
import { BATCH_ROWS } from './batches.ts';
import { pathOf } from './file-sources.ts';
import { inputError } from './input-error.ts';
import type { TaskRun } from './task-run.ts';

type ParquetFile = Extract<SourceOperator, { kind: 'parquetFile' }>;

/** Snappy is the library's own. */
const COMPRESSORS: Compressors = {
  GZIP: (input) => gunzipSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
  ZSTD: (input) => zstdDecompressSync(input),
};

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
  columns: string[] | undefined,
): Generator<unknown[], void> {
  const { path, metadata } = input;
  const rowGroup = metadata.row_groups[group];
  if (rowGroup === undefined) throw parquetBroken(path, `it has no row group ${group} any more`);
  const count = Number(rowGroup.num_rows);
  const tree = readable(path, () => parquetReading().format.parquetSchema(metadata));
  const wanted = tree.children.filter(
    ({ element }) => columns === undefined || columns.includes(element.name),
  );
  const data = wanted.map((child) => ({
    name: child.element.name,
    values: columnOf(
      task,
      input,
      tree,
      child,
      rowGroup.columns.map((each) => each.meta_data),
      count,
    ),
  }));
  for (let from = 0; from < count; from += BATCH_ROWS) {
    const rows: unknown[] = [];
    for (let i = from; i < Math.min(count, from + BATCH_ROWS); i++) {
      const row: Record<string, unknown> = {};
      // Own fields whatever their name: `__proto__` is one among others.
      for (const { name, values } of data) define(row, name, plainOf(values[i]));
      rows.push(row);
    }
    task.metrics.inputRecords += rows.length;
    yield rows;
  }
}

function define(row: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(row, name, { value, enumerable: true, configurable: true, writable: true });
  else row[name] = value;
}

/** What is absent is null, at any depth. */
function plainOf(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== 'object' || value instanceof Date || ArrayBuffer.isView(value)) return value;
  const record: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) define(record, name, plainOf(part));
  return record;
}

/** All values of a top-level column in a row group. */
function columnOf(
  task: TaskRun,
  input: ParquetInput,
  tree: SchemaTree,
  child: SchemaTree,
  chunks: (ColumnMetaData | undefined)[],
  count: number,
): ArrayLike<unknown> {
  const { path } = input;
  const leaves = new Map<string, DecodedArray>();
  for (const chunk of chunks) {
    if (chunk?.path_in_schema[0] !== child.element.name) continue;
    leaves.set(
      chunk.path_in_schema.join('.'),
      readable(path, () => leafOf(task, input, tree, chunk, count)),
    );
  }
  if (child.children.length > 0) readable(path, () => assembleLeaves(leaves, child));
  const values = leaves.get(child.element.name);
  if (values === undefined || values.length !== count)
    throw parquetBroken(
      path,
      `column ${child.element.name} has ${values?.length ?? 0} values for ${count} rows`,
    );
  return values;
}

function assembleLeaves(leaves: Map<string, DecodedArray>, child: SchemaTree): void {
  const { assemble, convert } = parquetReading();
  assemble.assembleNested(leaves, child, convert.DEFAULT_PARSERS);
}

function leafOf(
  task: TaskRun,
  { fd, path, sums }: ParquetInput,
  tree: SchemaTree,
  chunk: ColumnMetaData,
  count: number,
): DecodedArray {
  const { dictionary_page_offset, data_page_offset, total_compressed_size } = chunk;
  // Some writers put 0 where there is no dictionary.
  const from = Number(dictionary_page_offset || data_page_offset);
  const bytes = readRange(fd, path, from, from + Number(total_compressed_size), sums);
  task.metrics.inputBytes += bytes.length;
  const { column, convert, schema, utils } = parquetReading();
  const schemaPath = schema.getTreePath(tree, chunk.path_in_schema);
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  const select = { groupStart: 0, selectStart: 0, selectEnd: count, groupRows: count };
  const { data } = column.readColumn(reader, select, {
    ...chunk,
    pathInSchema: chunk.path_in_schema,
    element: schemaPath.at(-1)!.element,
    schemaPath,
    parsers: convert.DEFAULT_PARSERS,
    compressors: COMPRESSORS,
    // Bytes that are not said to be text are bytes.
    utf8: false,
  });
  return utils.flatten(data);
}
