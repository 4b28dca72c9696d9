/** Parquet files whose row groups are larger than memory: pages are read, not row groups; what is larger still is refused by name. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { SchemaElement } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parquetWriting } from '../storage/parquet-library.ts';
import { type ParquetType, schemaElements, widen } from '../storage/parquet-schema.ts';
import { startContext, type TestContext, withContext } from '../testing.ts';

const root = join(import.meta.dirname, '..', '..');
let context: TestContext;
let folder: string;
beforeAll(() => {
  context = startContext({ executors: 1 });
  folder = mkdtempSync(join(tmpdir(), 'stagelight-test-'));
});
afterAll(async () => {
  await context.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Row = Record<string, unknown>;

interface Layout {
  pageSize: number;
  dictionarySize: number;
  groups: number;
}

function schemaOf(rows: Row[]): SchemaElement[] {
  let type: ParquetType = { kind: 'null' };
  for (const row of rows) type = widen(type, row, '');
  return schemaElements(type as Extract<ParquetType, { kind: 'struct' }>);
}

/** Another writer's file: pages and row groups of any size. */
function write(name: string, rows: Row[], { pageSize, dictionarySize, groups }: Layout): string {
  const { ByteWriter, ParquetWriter } = parquetWriting();
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({ writer, schema: schemaOf(rows), codec: 'SNAPPY' });
  const size = Math.ceil(rows.length / groups);
  for (let from = 0; from < rows.length; from += size) {
    const group = rows.slice(from, from + size);
    const columnData = Object.keys(rows[0]!).map((column) => ({
      name: column,
      data: group.map((row) => row[column] ?? null),
    }));
    parquet.write({ columnData, rowGroupSize: group.length, pageSize, dictionarySize });
  }
  parquet.finish();
  const path = join(folder, name);
  writeFileSync(path, Buffer.from(writer.getBytes()));
  return path;
}

const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 4 });
const text = fc.string({ maxLength: 12 });
const row = fc.record({
  n: nullable(fc.double()),
  i: nullable(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  few: nullable(fc.constantFrom('one', 'two', 'three')),
  s: nullable(text),
  u: nullable(fc.uint8Array({ maxLength: 8 })),
  list: nullable(fc.array(nullable(fc.double({ noNaN: true })), { maxLength: 6 })),
  lists: nullable(fc.array(nullable(fc.array(nullable(text), { maxLength: 3 })), { maxLength: 3 })),
  struct: nullable(fc.record({ a: nullable(text), inner: nullable(fc.record({ t: nullable(text) })) })),
  structs: nullable(
    fc.array(nullable(fc.record({ k: nullable(text), v: nullable(text) })), { maxLength: 3 }),
  ),
});

test('rows are the same whatever pages, dictionaries and row groups they lie in', async () => {
  const layout = fc.record({
    pageSize: fc.constantFrom(1, 40, 300, 5000, 1 << 20),
    dictionarySize: fc.constantFrom(0, 1 << 20),
    groups: fc.integer({ min: 1, max: 3 }),
  });
  const rows = fc.array(row, { minLength: 1, maxLength: 200, size: 'max' });
  await fc.assert(
    fc.asyncProperty(rows, layout, async (some, pages) => {
      const path = write('property.parquet', some, pages);
      expect(await context.sc.parquetFile(path).collect()).toEqual(some);
    }),
    { numRuns: 40, seed: 11 },
  );
});

test('a row group of many pages takes the memory of few of them', async () => {
  await withContext({ executors: 1, memory: 8 << 20 }, async ({ sc, events }) => {
    const rows = Array.from({ length: 100_000 }, (_, i) => ({
      n: i,
      text: `the text of row ${i}`,
      list: [i],
    }));
    const path = write('pages.parquet', rows, { pageSize: 1 << 15, dictionarySize: 0, groups: 1 });
    const sums = sc.parquetFile<{ n: number; text: string; list: number[] }>(path);
    expect(await sums.map(({ n, text, list }) => n + text.length + list[0]!).sum()).toBe(
      rows.reduce((sum, { n, text }) => sum + 2 * n + text.length, 0),
    );
    const [end] = events.filter((event) => event.type === 'taskEnd');
    expect(end!.metrics.peakExecutionMemory).toBeGreaterThan(1 << 16);
    expect(end!.metrics.peakExecutionMemory).toBeLessThan(4 << 20);
  });
});

test('texts of a dictionary count once, however many rows of a page have them', async () => {
  await withContext({ executors: 1, memory: 8 << 20 }, async ({ sc }) => {
    const texts = ['one', 'two', 'three'].map((name) => `${name} `.repeat(60));
    const rows = Array.from({ length: 100_000 }, (_, i) => ({ text: i % 7 === 0 ? null : texts[i % 3] }));
    const layout = { pageSize: 1 << 30, dictionarySize: 1 << 20, groups: 1 };
    const file = sc.parquetFile<{ text: string | null }>(write('dictionary.parquet', rows, layout));
    expect(await file.map(({ text }) => text?.length ?? 0).sum()).toBe(
      rows.reduce((sum, { text }) => sum + (text?.length ?? 0), 0),
    );
  });
});

test('lists count once for each row, not for each of their values', async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => ({
    tags: Array.from({ length: 10 }, (_tag, j) => `tag ${(i * 7 + j) % 16}`),
  }));
  const layout = { pageSize: 1 << 30, dictionarySize: 1 << 20, groups: 1 };
  const path = write('lists.parquet', rows, layout);
  await withContext({ executors: 1, memory: 32 << 20 }, async ({ sc, events }) => {
    const tags = sc.parquetFile<{ tags: string[] }>(path).flatMap((row) => row.tags);
    expect(await tags.countByValue()).toEqual(
      new Map(Array.from({ length: 16 }, (_, n) => [`tag ${n}`, expect.any(Number)])),
    );
    const [end] = events.filter((event) => event.type === 'taskEnd');
    // 32 bytes for each value and 384 for each row, and the pages.
    expect(end!.metrics.peakExecutionMemory).toBeLessThan(20 << 20);
    expect(end!.metrics.peakExecutionMemory).toBeGreaterThan(10 << 20);
  });
});

test('bytes that are kept do not keep their page', async () => {
  const rows = Array.from({ length: 2000 }, (_, i) => ({ bytes: Uint8Array.of(i, i >> 8) }));
  const path = write('bytes.parquet', rows, { pageSize: 1 << 20, dictionarySize: 0, groups: 1 });
  const sizes = context.sc
    .parquetFile<{ bytes: Uint8Array }>(path)
    .map(({ bytes }) => bytes.buffer.byteLength);
  expect(await sizes.max()).toBe(2);
});

test('in an executor of 32 MB a row group of twice as much is read; as one page it is refused by name', async () => {
  const rows = Array.from({ length: 300_000 }, (_, i) => ({ n: i, text: `the text of the row ${i}` }));
  const pages = write('many-pages.parquet', rows, { pageSize: 1 << 17, dictionarySize: 0, groups: 1 });
  const page = write('one-page.parquet', rows, { pageSize: 1 << 30, dictionarySize: 0, groups: 1 });
  const job = join(folder, 'job.ts');
  writeFileSync(
    job,
    `const sum = (path: string) => sc.parquetFile<{ n: number; text: string }>(path).map(({ n, text }) => n + text.length).sum();
     console.log('SUM', await sum(args[0]));
     try { await sum(args[1]); } catch (error) { console.log('REFUSED', JSON.stringify([error.cause.code, error.cause.message])); }`,
  );
  const stdout = await new Promise<string>((resolve, reject) => {
    const options = ['--executors', '1', '--executor-memory', '32m', '--no-progress'];
    execFile(
      process.execPath,
      [join(root, 'cli', 'main.ts'), 'run', job, ...options, '--', pages, page],
      { env: { ...process.env, TMPDIR: folder } },
      (error, out, stderr) => (error ? reject(new Error(`${out}${stderr}`)) : resolve(out)),
    );
  });
  expect(stdout).toContain(`SUM ${rows.reduce((sum, { n, text }) => sum + n + text.length, 0)}`);
  const [code, message] = JSON.parse(/REFUSED (.*)/.exec(stdout)![1]!) as [string, string];
  expect(code).toBe('ROW_GROUP_TOO_LARGE');
  expect(message).toMatch(
    /^row group 0 of .*one-page\.parquet \(\d+ MB, 300000 rows\) cannot be read: .* a page of each of 2 columns take \d+ MB and more, too much for the 9\.6 MB of memory/,
  );
});
