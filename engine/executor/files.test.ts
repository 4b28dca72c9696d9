/** Rows that are saved and read back, and files that are not as they were written. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readObjectFile } from '../storage/object-file.ts';
import { decodeRows, encodeRows } from '../storage/row-codec.ts';
import { startContext, type TestContext } from '../testing.ts';
import { expectRoundTrips, type FileFormat, forEachDamage, partFiles, place } from './test-file-formats.ts';

let context: TestContext;
beforeAll(() => {
  context = startContext({ executors: 2 });
});
afterAll(() => context.stop());

const line = fc
  .string({ unit: 'binary' })
  .map((text) => text.replaceAll(/[\r\n\ufeff]|[\ud800-\udfff]/g, '.'));
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const anything = fc.oneof(
  json,
  fc.bigInt(),
  fc.date(),
  fc.constantFrom(undefined, NaN, -0, Infinity),
  fc.uint8Array(),
  fc.string({ unit: 'binary' }),
  fc.array(fc.tuple(fc.string(), fc.double())).map((entries) => new Map(entries)),
);

/** -0 is 0 in JSON. */
const positive = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v)) ?? 'null');

const FORMATS: FileFormat[] = [
  ...([undefined, 'gzip', 'zstd'] as const).flatMap((compression): FileFormat[] => [
    {
      name: `text ${compression ?? ''}`,
      rows: line,
      save: (rdd, directory) => rdd.saveAsTextFile(directory, { compression }),
      load: (directory) => context.sc.textFile(directory, 5),
    },
    {
      name: `JSON ${compression ?? ''}`,
      rows: fc.oneof(
        json,
        fc.bigInt().map((n) => ({ n: n + 2n ** 80n })),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
      ),
      save: (rdd, directory) => rdd.saveAsJsonFile(directory, { compression }),
      load: (directory) => context.sc.jsonFile<unknown>(directory, { minPartitions: 5 }),
      kept: positive,
    },
  ]),
  {
    name: 'object',
    rows: anything,
    save: (rdd, directory) => rdd.saveAsObjectFile(directory),
    load: (directory) => context.sc.objectFile<unknown>(directory),
  },
];

test.each(['gzip', 'zstd'] as const)('parts of many flushes come back whole: %s', async (compression) => {
  const rows = Array.from({ length: 40_000 }, (_, i) => `a row that is not so short, of the number ${i}`);
  await context.sc.parallelize(rows, 2).saveAsTextFile(`long-${compression}`, { compression });
  expect(await context.sc.textFile(`long-${compression}`).collect()).toEqual(rows);
  const whole = await context.sc.wholeTextFiles(`long-${compression}`).values().collect();
  expect(whole.join('')).toBe(`${rows.join('\n')}\n`);
});

for (const format of FORMATS) {
  const { name, rows, save, load } = format;
  test(`${name}: rows come back as they were, in any number of partitions`, () =>
    expectRoundTrips(context, format, { partitions: 5, maxLength: 40, numRuns: 12, seed: 85 }));

  test(`${name}: a changed or shortened file is refused by name, never read as other rows`, async () => {
    const directory = place();
    const all = fc.sample(rows, { numRuns: 60, seed: 7 });
    await save(context.sc.parallelize(all as never[], 2), directory);
    const file = join(context.folder, directory, partFiles(context, directory)[0]!);
    const read = async () => {
      const failure: unknown = await load(directory)
        .collect()
        .then(
          () => undefined,
          (error) => error.cause ?? error,
        );
      expect(failure).toMatchObject({
        code: expect.stringMatching(/^(INPUT_CORRUPT|OBJECT_FILE_CORRUPT|OBJECT_FILE_VERSION)$/),
        message: expect.stringContaining(file),
      });
    };
    await forEachDamage(file, read, { numRuns: 12, seed: 3 });
    expect(await load(directory).count()).toBe(60);
  });
}

test('object files of the first format are read, those of a later one are refused', async () => {
  const { sc, folder } = context;
  const directory = place();
  await sc.parallelize([1, 'two', { three: 3 }], 1).saveAsObjectFile(directory);
  const [name] = partFiles(context, directory);
  const file = join(folder, directory, name!);
  const bytes = readFileSync(file);
  for (const checksum of readdirSync(join(folder, directory)).filter((other) => other.endsWith('.crc')))
    rmSync(join(folder, directory, checksum));
  bytes.writeUInt32LE(1, 4);
  writeFileSync(file, bytes);
  expect(await sc.objectFile(directory).collect()).toEqual([1, 'two', { three: 3 }]);
  bytes.writeUInt32LE(3, 4);
  writeFileSync(file, bytes);
  await expect(sc.objectFile(directory).collect()).rejects.toThrow('has the format 3, not 2');
});

describe('saving', () => {
  test('appears at once, with checksums as Hadoop writes them, and leaves nothing hidden', async () => {
    const { sc, folder } = context;
    const text = 'z'.repeat(5000);
    await sc.parallelize([text], 1).saveAsTextFile('deep/hadoop');
    expect(readdirSync(join(folder, 'deep'))).toEqual(['hadoop']);
    expect(readdirSync(join(folder, 'deep/hadoop'))).toEqual(['.part-00000.crc', '_SUCCESS', 'part-00000']);
    const sums = readFileSync(join(folder, 'deep/hadoop/.part-00000.crc'));
    const bytes = Buffer.from(`${text}\n`);
    expect(sums.toString('hex', 0, 8)).toBe('63726300' + '00001000');
    expect([sums.readUInt32BE(8), sums.readUInt32BE(12), sums.length]).toEqual([
      crc32(bytes.subarray(0, 4096)),
      crc32(bytes.subarray(4096)),
      16,
    ]);
  });

  test('as text loses nothing that JSON has no word for', async () => {
    const { sc } = context;
    const rows = [new Map([['a', 1n]]), { set: new Set([2n ** 70n]), bytes: Uint8Array.of(1, 2) }, [1n], 3n];
    await sc.parallelize<unknown>(rows, 1).saveAsTextFile('unlike-json');
    expect(await sc.textFile('unlike-json').collect()).toEqual([
      '[["a",1]]',
      '{"set":[1180591620717411303424],"bytes":[1,2]}',
      '[1]',
      '3',
    ]);
  });

  test('as text shows what has a text of its own, and bytes, of which JSON has neither', async () => {
    const { sc } = context;
    const rows = sc.parallelize([0], 1).flatMap((): unknown[] => {
      class Version {
        readonly #parts = [1, 2];
        toString() {
          return this.#parts.join('.');
        }
      }
      class Point {
        x = 1;
        toString() {
          return 'not asked';
        }
      }
      class Empty {}
      class Wrapped extends Error {
        toJSON() {
          return { wrapped: this.message };
        }
      }
      const buffer = Uint8Array.of(1, 2, 3).buffer;
      const found = Object.assign(new TypeError('no "x"'), { code: 'E' });
      return [
        /a"b/g,
        found,
        { error: found, pattern: /a"b/g, version: new Version() },
        [new Version(), new Point(), new Empty(), new Wrapped('w')],
        new Version(),
        new Point(),
        new Empty(),
        new Wrapped('w'),
        buffer,
        new DataView(buffer, 1),
        [new Uint8Array(buffer), new URL('http://a.b/c'), Object.create(null), []],
        [new Map([[/x/, new RangeError('r')]]), new Number(5), Object(6n)],
        [undefined, NaN, () => 1, new Date(NaN)],
        Buffer.of(1, 2),
        { bytes: Buffer.of(1, 2), like: { type: 'Buffer', data: [1] } },
      ];
    });
    await rows.saveAsTextFile('own-texts');
    expect(await sc.textFile('own-texts').collect()).toEqual([
      '/a"b/g',
      'TypeError: no "x"',
      '{"error":"TypeError: no \\"x\\"","pattern":"/a\\"b/g","version":"1.2"}',
      '["1.2",{"x":1},{},{"wrapped":"w"}]',
      '1.2',
      '{"x":1}',
      '{}',
      '{"wrapped":"w"}',
      '[1,2,3]',
      '[2,3]',
      '[[1,2,3],"http://a.b/c",{},[]]',
      '[[["/x/","RangeError: r"]],5,6]',
      '[null,null,null,null]',
      '[1,2]',
      '{"bytes":[1,2],"like":{"type":"Buffer","data":[1]}}',
    ]);
    const refused = sc.parallelize([0], 1).map(() => ({ error: new Error('e') }));
    await expect(refused.saveAsJsonFile('own-json')).rejects.toMatchObject({
      cause: { code: 'ROW_NOT_JSON', message: 'row 0 at .error is Error, which JSON cannot say' },
    });
  });

  test('as JSON has what belongs to a row, whether it has travelled or not', async () => {
    const { sc } = context;
    const rows = sc.parallelize(['k1=v1'], 1).map((text) => ({
      match: /(?<name>\w+)=/.exec(text),
      [Symbol.for('note')]: text,
      some: Object.assign([1, 2], { note: text }),
    }));
    await rows.saveAsJsonFile('at-once');
    await rows.repartition(1).saveAsJsonFile('travelled');
    const line = '{"match":["k1=","k1"],"some":[1,2]}';
    expect(await sc.textFile('at-once').collect()).toEqual([line]);
    expect(await sc.textFile('travelled').collect()).toEqual([line]);
    expect(JSON.stringify((await rows.collect())[0])).toBe(line);
  });

  test('as JSON keeps the sign of nothing', async () => {
    const { sc } = context;
    await sc.parallelize([-0, 0], 1).saveAsJsonFile('zeros');
    expect((await sc.jsonFile('zeros').collect()).map((n) => Object.is(n, -0))).toEqual([true, false]);
  });

  test('that fails leaves nothing, and says which row cannot be written', async () => {
    const { sc, folder } = context;
    await expect(sc.parallelize([1, { a: [0, NaN] }], 1).saveAsJsonFile('failed')).rejects.toMatchObject({
      cause: { code: 'ROW_NOT_JSON', message: 'row 1 at .a[1] is NaN, which JSON cannot say' },
    });
    expect(readdirSync(folder).filter((name) => name.includes('failed'))).toEqual([]);
    await expect(sc.range(3).saveAsTextFile('x', { compression: 'lzo' as 'gzip' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  test('an output that is being written is not taken over, one that was given up is', async () => {
    const { sc, folder } = context;
    const mine = join(folder, `.taken._temporary-${process.pid}.x`);
    mkdirSync(mine);
    await expect(sc.range(3).saveAsTextFile('taken')).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
      message: expect.stringContaining('is being written by another job'),
    });
    const left = join(folder, '.taken._temporary-99999999.x');
    renameSync(mine, left);
    await sc.range(3).saveAsTextFile('taken');
    expect(existsSync(left)).toBe(false);
    expect(await sc.textFile('taken').collect()).toEqual(['0', '1', '2']);
  });
});

test('lines that are no JSON are an error with their place, records with their text, or left out', async () => {
  const { sc, folder } = context;
  const lines = Array.from({ length: 500 }, (_, i) => (i === 377 ? '{"n": 377' : `{"n": ${i}}`));
  writeFileSync(join(folder, 'bad.json'), `${lines.join('\n')}\n\n`);
  await expect(sc.jsonFile('bad.json', { minPartitions: 7 }).collect()).rejects.toMatchObject({
    cause: {
      code: 'JSON_MALFORMED',
      message: `line 378 of ${join(folder, 'bad.json')} is no JSON: {"n": 377`,
    },
  });
  const kept = await sc.jsonFile('bad.json', { mode: 'DROPMALFORMED' }).collect();
  expect(kept).toHaveLength(499);
  const all = await sc
    .jsonFile('bad.json', { mode: 'PERMISSIVE', columnNameOfCorruptRecord: 'bad' })
    .collect();
  expect([all.length, all[377]]).toEqual([500, { bad: '{"n": 377' }]);
  expect(() => sc.jsonFile('bad.json', { mode: 'LAX' as 'FAILFAST' })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
  expect(
    await sc
      .jsonFile<{ n: unknown }>('bad.json', { mode: 'DROPMALFORMED' })
      .map(({ n }) => n)
      .first(),
  ).toBe(0);
});

test('binary files and records', async () => {
  const { sc, folder } = context;
  const bytes = Uint8Array.from({ length: 24 }, (_, i) => i);
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'a'), bytes);
  writeFileSync(join(folder, 'bin', 'b'), bytes.subarray(0, 8));
  const files = await sc.binaryFiles('bin').collect();
  expect(files.map(([path, content]) => [path.endsWith('/a'), content.length])).toEqual([
    [true, 24],
    [false, 8],
  ]);
  const records = sc.binaryRecords('bin', 4, 3);
  expect((await records.collect()).map((record) => record[0])).toEqual([0, 4, 8, 12, 16, 20, 0, 4]);
  expect(records.getNumPartitions()).toBeGreaterThan(2);
  expect(() => sc.binaryRecords('bin', 5).getNumPartitions()).toThrow(
    expect.objectContaining({ code: 'BINARY_RECORD_LENGTH' }),
  );
  expect(await sc.makeRDD([1, 2], 1).collect()).toEqual([1, 2]);
});

test('object files of this format stay readable', () => {
  const file = join(context.folder, 'golden');
  const rows = [1, -0, 'ä', null, undefined, [1n, { a: [true] }], new Date(7)];
  writeFileSync(file, Buffer.from(GOLDEN, 'base64'));
  expect([...readObjectFile(file)].flat()).toEqual(rows);
  expect(decodeRows(encodeRows(rows))).toEqual(rows);
});

const GOLDEN =
  'U0xPQgEAAAAAAAAAAQAAANAAAADQAAAAq5SxJwcAAADIAAAADwAAAAYAAAAAAAECAwQFAAIAAAABAAAAAQAAAAEAAAABAAAAAQAAAAQAAAAAAAAAAAAAAAAA8D8AAAAAAAAAgAUAAAABAAAAAQAAAAAAAAAB5AAAAAAAAAEAAAAAAAAAAAAAAAAAAAAMAAAAAgAAAAkAAAAAAAAAAQAAAAAAAAAOAAAAAQAAAAUAAAABAAAAAQAAAAAAAAABYQAAAAAAAAwAAAABAAAAAgAAAAAAAAABAAAAAAAAAAsAAAAAAAAAAAAAAAAAHEBTTE9FAAAAAAAA8D+me+AZ';
