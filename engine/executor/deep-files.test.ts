/** Rows nested more deeply than a format takes: which row, how deep, where, and what to do. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RDD } from '../rdd/rdd.ts';
import { startContext, type TestContext } from '../testing.ts';

let context: TestContext;
beforeAll(() => {
  context = startContext();
});
afterAll(() => context.stop());

interface Linked {
  v: number;
  next: Linked | null;
}

/** Two partitions of two rows; the last row of the last is a list of so many. */
const lists = (levels: number): RDD<Linked> =>
  context.sc.range(0, 4, 1, 2).map((n) => {
    let list: Linked = { v: n, next: null };
    for (let i = 1; n === 3 && i < levels; i++) list = { v: i, next: list };
    return list;
  });

interface Save {
  save: (rows: RDD<object>, directory: string) => Promise<void>;
  named: string;
  takes: string;
  /** Of a row that holds itself. */
  cyclic: string;
}

const SAVES: Record<string, Save> = {
  Parquet: {
    save: (rows, directory) => rows.saveAsParquetFile(directory),
    named: 'saveAsParquetFile: row 1',
    takes: 'a Parquet file takes 1,000 at the most',
    cyclic: 'PARQUET_TYPE',
  },
  JSON: {
    save: (rows, directory) => rows.saveAsJsonFile(directory),
    named: 'row 1',
    takes: 'a line of JSON takes 500 at the most',
    cyclic: 'ROW_NOT_JSON',
  },
  text: {
    save: (rows, directory) => rows.saveAsTextFile(directory),
    named: 'row 1',
    takes: 'a task has not the stack to write all of them as JSON',
    cyclic: 'ROW_NOT_JSON',
  },
};

for (const [format, { save, named, takes, cyclic }] of Object.entries(SAVES)) {
  test.each([
    ['9,000', 9000],
    ['more than 10,000', 100_000],
  ])(`as ${format}, a row of %s levels is refused by its number and depth, at once`, async (said, levels) => {
    const out = `deep-${format}`;
    await expect(save(lists(levels), out)).rejects.toMatchObject({
      code: 'TASK_FAILED',
      cause: {
        code: 'ROW_TOO_DEEP',
        message: `${named} is nested ${said} levels deep (.next.next.next…): ${takes}`,
        task: { partition: 1, attempt: 0 },
      },
      message: expect.stringContaining('partition 1 failed'),
      hint: expect.stringMatching(/flat form.*saveAsObjectFile/),
    });
    expect(readdirSync(context.folder).filter((name) => name.includes(out))).toEqual([]);
  });

  test(`as ${format}, a row that holds itself is said to`, async () => {
    const rows = lists(2).map((list) => {
      const row: Record<string, unknown> = { ...list, of: [{ v: 1, next: null }] };
      if (list.v === 1) (row['of'] as Linked[])[0]!.next = row as unknown as Linked;
      return row;
    });
    await expect(save(rows, 'cyclic')).rejects.toMatchObject({
      cause: {
        code: cyclic,
        message: `${named} holds itself: at .of[0].next is an object around it`,
        task: { partition: 0, attempt: 0 },
      },
      hint: expect.stringContaining('saveAsObjectFile'),
    });
  });
}

test('as Parquet, a part that a short way and a long one lead to is refused as well', async () => {
  const rows = context.sc.range(0, 1, 1, 1).map((n) => {
    let part: Linked = { v: n, next: null };
    for (let i = 1; i < 900; i++) part = { v: i, next: part };
    let row = part;
    for (let i = 0; i < 200; i++) row = { v: i, next: row };
    return { part, row };
  });
  await expect(rows.saveAsParquetFile('both')).rejects.toMatchObject({
    cause: {
      code: 'ROW_TOO_DEEP',
      message:
        'saveAsParquetFile: row 0 is nested more than 1,000 levels deep (.part.next.next…): a Parquet file takes 1,000 at the most',
    },
  });
});

test('as many levels as are taken come back', async () => {
  const { sc } = context;
  const levelsOf = (rows: RDD<unknown>) =>
    rows
      .map((row) => {
        let levels = 0;
        for (let at = row as Linked | null; at; at = at.next) levels++;
        return levels;
      })
      .collect();
  await lists(300).saveAsParquetFile('as-parquet');
  expect(await levelsOf(sc.parquetFile('as-parquet'))).toEqual([1, 1, 1, 300]);
  await lists(500).saveAsJsonFile('as-json');
  expect(await levelsOf(sc.jsonFile('as-json'))).toEqual([1, 1, 1, 500]);
  await lists(100_000).saveAsObjectFile('as-objects');
  expect(await levelsOf(sc.objectFile('as-objects'))).toEqual([1, 1, 1, 100_000]);
});
