/** Joins of which one key alone does not fit into memory: block by block, with the rows there would be without. */
import { expect, test } from 'vitest';
import type { RDD } from '../rdd/rdd.ts';
import { type TestContext, withContext } from '../testing.ts';
import { openSpills, spilled } from './test-spills.ts';

type Row = [string | number, string];

/** `n` rows of which those with `isHot` share one key. */
const rows = ({ sc }: TestContext, n: number, key: Row[0], isHot: (i: number) => boolean): RDD<Row> =>
  sc.range(0, n, 1, 3).map((i): Row => [isHot(i) ? key : `cold ${i % 50}`, `${i}`.padEnd(60, '.')]);

const joins = {
  join: (a: RDD<Row>, b: RDD<Row>) => a.join(b, 2),
  leftOuterJoin: (a: RDD<Row>, b: RDD<Row>) => a.leftOuterJoin(b, 2),
  rightOuterJoin: (a: RDD<Row>, b: RDD<Row>) => a.rightOuterJoin(b, 2),
  fullOuterJoin: (a: RDD<Row>, b: RDD<Row>) => a.fullOuterJoin(b, 2),
};

const memories = { 'in memory': 8_000_000, 'block by block': 60_000 };

for (const [name, join] of Object.entries(joins)) {
  test(`${name}: a hot key on the left gives the same rows however little memory there is`, async () => {
    const seen: Record<string, string[]> = {};
    for (const [how, memory] of Object.entries(memories)) {
      await withContext({ memory }, async (context) => {
        const found: string[] = [];
        for (const key of ['hot', Number.NaN]) {
          const left = rows(context, 3000, key, (i) => i % 3 !== 0);
          // With the key on both sides, and on the left alone.
          for (const hotOnRight of [true, false]) {
            const right = rows(context, 90, key, (i) => hotOnRight && i % 30 === 0).mapValues((v) =>
              v.slice(0, 4),
            );
            const joined = join(left, right) as RDD<[Row[0], [string | undefined, string | undefined]]>;
            found.push(
              ...(await joined.map(([k, [a, b]]) => `${k} ${a?.slice(0, 4)} ${b}`).collect()).sort(),
            );
          }
        }
        seen[how] = found;
        if (how === 'block by block') expect(spilled(context)).toBeGreaterThan(200_000);
      });
    }
    expect(seen['in memory']!.length).toBeGreaterThan(6000);
    expect(seen['block by block']).toEqual(seen['in memory']);
  });
}

test('two hot keys, joined with themselves, and a self join whose result is pulled', async () => {
  await withContext({ memory: 60_000 }, async (context) => {
    const pairs = context.sc
      .range(0, 2000, 1, 2)
      .map((i): Row => [i % 2 ? 'odd' : 'even', `${i}`.padEnd(60, '.')]);
    const few = context.sc.parallelize(
      [
        ['odd', 1],
        ['even', 2],
        ['odd', 3],
      ] as [string, number][],
      1,
    );
    expect(await pairs.join(few, 1).count()).toBe(3000);
    const pulled = pairs.join(few, 1).mapPartitions((all) => [[...all].length]);
    expect(await pulled.collect()).toEqual([3000]);
  });
});

test('what a hot key has set aside is gone after the join, after an early stop and after a failure', async () => {
  await withContext({ memory: 60_000 }, async (context) => {
    const joined = rows(context, 3000, 'hot', (i) => i % 3 !== 0).join(
      rows(context, 30, 'hot', (i) => i % 10 === 0),
      2,
    );
    expect(await joined.take(3)).toHaveLength(3);
    expect(openSpills()).toEqual([]);
    const failing = joined.map(([key]) => {
      if (key === 'hot') throw new Error('at the hot key');
      return key;
    });
    await expect(failing.count()).rejects.toMatchObject({ cause: { message: 'at the hot key' } });
    expect(openSpills()).toEqual([]);
    expect(await joined.count()).toBeGreaterThan(3000);
    expect(openSpills()).toEqual([]);
  });
});
