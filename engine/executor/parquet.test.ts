/** Parquet files: ours and back, those of other tools, and those that are broken. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetMetadata, parquetSchema } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RDD } from '../rdd/rdd.ts';
import { startContext, type TestContext, withContext } from '../testing.ts';
import { expectRoundTrips, type FileFormat, forEachDamage, place } from './test-file-formats.ts';

let context: TestContext;
beforeAll(() => {
  context = startContext({ executors: 2 });
});
afterAll(() => context.stop());

const text = fc.string({ unit: 'grapheme' });
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 4 });
const row = fc.record({
  n: nullable(fc.double()),
  i: nullable(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  s: nullable(text),
  b: nullable(fc.boolean()),
  d: nullable(fc.date({ noInvalidDate: true })),
  u: nullable(fc.uint8Array({ maxLength: 8 })),
  list: nullable(fc.array(nullable(fc.double({ noNaN: true })), { maxLength: 4 })),
  lists: nullable(fc.array(nullable(fc.array(nullable(text), { maxLength: 3 })), { maxLength: 3 })),
  struct: nullable(
    fc.record({ a: nullable(fc.double()), inner: nullable(fc.record({ t: nullable(text) })) }),
  ),
  structs: nullable(
    fc.array(nullable(fc.record({ k: nullable(text), v: nullable(fc.bigInt({ min: 0n, max: 9n })) })), {
      maxLength: 3,
    }),
  ),
});

test.each([
  ['none', 88],
  ['snappy', 89],
  ['gzip', 90],
  ['zstd', 91],
] as const)(
  'records come back as they were, in any number of partitions, with the compression %s',
  (compression, seed) => {
    const format: FileFormat = {
      name: compression,
      rows: row,
      save: (rdd, directory) => (rdd as RDD<object>).saveAsParquetFile(directory, { compression }),
      load: (directory) => context.sc.parquetFile(directory),
    };
    return expectRoundTrips(context, format, { partitions: 4, maxLength: 30, numRuns: 10, seed });
  },
);

test('rows beyond one group wait on disk; groups are partitions, columns may be chosen', async () => {
  const { sc, folder } = context;
  const directory = place();
  const rows = sc.range(0, 150_000, 1, 1).map((n) => ({ n, name: `row ${n % 100}`, big: BigInt(n) }));
  await rows.saveAsParquetFile(directory);
  const [part] = readdirSync(join(folder, directory)).filter((name) => name.endsWith('.parquet'));
  expect(part).toBe('part-00000.snappy.parquet');
  const metadata = parquetMetadata(readFileSync(join(folder, directory, part!)));
  expect(metadata.row_groups.map((group) => Number(group.num_rows))).toEqual([65_536, 65_536, 18_928]);
  const back = sc.parquetFile<{ n: number }>(directory, { columns: ['n'], minPartitions: 9 });
  expect(back.getNumPartitions()).toBe(3);
  expect(await back.map(({ n }) => n).sum()).toBe((150_000 * 149_999) / 2);
  expect(await back.first()).toEqual({ n: 0 });
  expect(() => sc.parquetFile(directory, { columns: ['m'] }).getNumPartitions()).toThrow(
    expect.objectContaining({ code: 'COLUMN_NOT_FOUND' }),
  );
});

test('a column that some files lack is null there, in however many partitions rows were written', async () => {
  const { sc, folder } = context;
  const rows = [{ a: 1 }, { a: 2, b: 'x' }, { a: 3 }, { c: [true], b: 'y' }];
  for (const parts of [1, 2, 4]) {
    const directory = place();
    await sc.parallelize<object>(rows, parts).saveAsParquetFile(directory);
    const all = await sc.parquetFile(directory).collect();
    expect(all).toEqual([
      { a: 1, b: null, c: null },
      { a: 2, b: 'x', c: null },
      { a: 3, b: null, c: null },
      { a: null, b: 'y', c: [true] },
    ]);
    expect(new Set(all.map((row) => Object.keys(row).join()))).toEqual(new Set(['a,b,c']));
    const some = sc.parquetFile(directory, { columns: ['c', 'b', 'b'] });
    expect(await some.collect()).toEqual([
      { b: null, c: null },
      { b: 'x', c: null },
      { b: null, c: null },
      { b: 'y', c: [true] },
    ]);
    expect(await sc.parquetFile(directory, { columns: [] }).collect()).toEqual([{}, {}, {}, {}]);
    const [part] = readdirSync(join(folder, directory)).filter((name) => name.endsWith('.parquet'));
    const path = join(folder, directory, part!);
    expect(() => sc.parquetFile(directory, { columns: ['b', 'd'] }).getNumPartitions()).toThrow(
      expect.objectContaining({
        code: 'COLUMN_NOT_FOUND',
        message: `parquetFile: ${parts === 1 ? `${path} has no` : `none of the ${parts} files has a`} column "d"`,
        hint: 'The columns are a, b, c.',
      }),
    );
  }
});

test('wide rows make small groups, and leave memory while they wait', async () => {
  const memory = 8 << 20;
  await withContext({ executors: 1, memory }, async ({ sc, events, folder }) => {
    const wide = (i: number) => String(i % 10).repeat(100_000);
    // 40 MB in one partition, among them rows of few bytes.
    const rows = sc.range(0, 1_200, 1, 1).map((i) => ({ i, text: i % 3 === 0 ? wide(i) : '' }));
    const directory = place();
    await rows.saveAsParquetFile(directory, { compression: 'none' });
    const [end] = events.filter((event) => event.type === 'taskEnd');
    const { diskBytesSpilled, peakExecutionMemory } = end!.metrics;
    expect(diskBytesSpilled).toBeGreaterThan(0);
    expect(peakExecutionMemory).toBeLessThan(memory / 2);
    const file = readFileSync(join(folder, directory, 'part-00000.parquet'));
    const groups = parquetMetadata(file);
    const sizes = groups.row_groups.map(({ total_byte_size }) => Number(total_byte_size));
    expect(Math.max(...sizes)).toBeLessThan(memory / 8);
    expect(groups.num_rows).toBe(1_200n);
    const back = await sc.parquetFile(directory).collect();
    expect(back).toEqual(Array.from({ length: 1_200 }, (_, i) => ({ i, text: i % 3 === 0 ? wide(i) : '' })));
  });
});

test('what has no type is refused with its column', async () => {
  const { sc, folder } = context;
  const refused = async (rows: object[], message: RegExp) => {
    const directory = place();
    await expect(sc.parallelize(rows, 1).saveAsParquetFile(directory)).rejects.toMatchObject({
      cause: { code: 'PARQUET_TYPE', message: expect.stringMatching(message) },
    });
    expect(existsSync(join(folder, directory))).toBe(false);
  };
  await refused(
    [{ a: { b: 1 } }, { a: { b: 'x' } }],
    /the column a\.b has values of the types double and string/,
  );
  await refused([{ a: [new Map()] }], /a\[\] is a value of the type Map/);
  await refused([{ a: 2n ** 63n }], /a is a bigint of more than 64 bits/);
  await refused([[1]], /row 0 is an array, not a record/);
});

test('a changed or shortened file is refused by name', async () => {
  const { sc, folder } = context;
  const directory = place();
  const rows = fc.sample(row, { numRuns: 50, seed: 4 });
  await sc.parallelize(rows, 1).saveAsParquetFile(directory);
  const file = join(folder, directory, 'part-00000.snappy.parquet');
  const whole = readFileSync(file);
  const failureOf = () =>
    (async () => sc.parquetFile(directory).collect())().then(
      () => undefined,
      (error) => error.cause?.code ?? error.code,
    );
  const read = async () => {
    const failure = await failureOf();
    // What no reader needs to look at, as an index of pages, may be changed: the rows are still those.
    if (failure === undefined) expect(await sc.parquetFile(directory).collect()).toEqual(rows);
    else expect(failure).toBe('INPUT_CORRUPT');
  };
  await forEachDamage(file, read, { numRuns: 25, seed: 5 });
  // Without checksums a cut file is still refused.
  rmSync(join(folder, directory, '.part-00000.snappy.parquet.crc'));
  for (const length of [0, 3, 100, whole.length - 1]) {
    writeFileSync(file, whole.subarray(0, length));
    expect(await failureOf()).toBe('PARQUET_BROKEN');
  }
});

const flights = join(import.meta.dirname, '../../node_modules/vega-datasets/data/flights-3m.parquet');

test.runIf(existsSync(flights))('a file of another tool', async () => {
  const { sc, folder } = context;
  mkdirSync(join(folder, 'flights'));
  copyFileSync(flights, join(folder, 'flights', 'flights.parquet'));
  const metadata = parquetMetadata(readFileSync(flights));
  const rdd = sc.parquetFile<Record<string, unknown>>('flights');
  const first = await rdd.first();
  expect(Object.keys(first)).toEqual(parquetSchema(metadata).children.map(({ element }) => element.name));
  expect(Object.values(first).every((value) => value !== undefined)).toBe(true);
  expect(rdd.getNumPartitions()).toBeLessThanOrEqual(metadata.row_groups.length);
});
