/**
 * Datasets of random numbers that are unpersisted and persisted again, or persisted when something was made of them already:
 * whatever reads several things made of one has them of the same numbers.
 */
import { expect, test } from 'vitest';
import type { RDD } from '../rdd/rdd.ts';
import { type TestContext, withContext } from '../testing.ts';

const draw = ({ sc }: TestContext): RDD<number> => sc.range(0, 12, 1, 3).map(() => Math.random());

/** The numbers of a dataset through a shuffle. */
const shuffled = (rdd: RDD<number>, size = 2): RDD<number> =>
  rdd
    .map((n): [number, number] => [n, 1])
    .reduceByKey((a, b) => a + b, size)
    .map(([n]) => n);

const again = (rdd: RDD<number>): RDD<number> => rdd.unpersist().persist();

/** Of all numbers two, from both sides. */
async function expectPairs(both: RDD<number>): Promise<void> {
  const times = new Map<number, number>();
  for (const n of await both.collect()) times.set(n, (times.get(n) ?? 0) + 1);
  expect([...times.values()]).toEqual(new Array(12).fill(2));
}

const BOTH: Record<string, (made: RDD<number>, drawn: RDD<number>) => RDD<number>> = {
  union: (made, drawn) => made.union(drawn),
  'union in one task': (made, drawn) => made.coalesce(1).union(drawn.coalesce(1)).coalesce(1),
  join: (made, drawn) =>
    made
      .keyBy((n) => n)
      .join(drawn.keyBy((n) => n))
      .flatMap(([, pair]) => pair),
  zip: (made, drawn) =>
    made
      .sortBy((n) => n, true, 1)
      .zip(drawn.sortBy((n) => n, true, 1))
      .flatMap(([left, right]) => [left, right]),
  'join of another shuffle': (made, drawn) => shuffled(made, 3).union(shuffled(drawn, 4)),
};

for (const [name, both] of Object.entries(BOTH)) {
  test(`map outputs of before are made again: ${name}`, () =>
    withContext({ executors: 2 }, async (context) => {
      const drawn = draw(context).persist();
      const made = shuffled(drawn);
      const before = new Set(await made.collect());
      again(drawn);
      const now = new Set(await drawn.collect());
      expect(now.isDisjointFrom(before)).toBe(true);
      await expectPairs(both(made, drawn));
      expect(new Set(await made.collect())).toEqual(now);
    }));
}

test('a cached sort has bounds of its own: persisted again it is read beside what it was made of', () =>
  withContext({ executors: 2 }, async (context) => {
    const drawn = draw(context).persist();
    const sorted = drawn
      .keyBy((n) => n)
      .sortByKey(true, 2)
      .persist();
    await sorted.count();
    sorted.unpersist().persist();
    await expectPairs(sorted.keys().union(drawn));
    again(drawn);
    await expectPairs(sorted.keys().union(drawn));
  }));

test('alone they are read as they are: nothing is computed again that nobody reads beside them', () =>
  withContext({}, async (context) => {
    const drawn = draw(context).persist();
    const made = shuffled(drawn);
    const before = await made.collect();
    again(drawn);
    await drawn.count();
    expect(await made.collect()).toEqual(before);
  }));

test('of what was made while its rows were not kept, all is made again of those that are', () =>
  withContext({ executors: 2 }, async (context) => {
    const drawn = draw(context);
    const [made, other] = [shuffled(drawn), shuffled(drawn, 3)];
    await Promise.all([made.count(), other.count()]);
    drawn.persist();
    const now = new Set(await drawn.collect());
    await expectPairs(made.union(drawn));
    await expectPairs(made.union(other));
    expect(new Set(await made.collect())).toEqual(now);
  }));

test('what is cached of the former is made again with the rest, once it is read beside rows of now', () =>
  withContext({ executors: 2 }, async (context) => {
    const drawn = draw(context).persist();
    const twins = drawn
      .coalesce(2)
      .map((n) => n)
      .persist();
    const made = shuffled(twins);
    const before = new Set(await made.collect());
    again(drawn);
    await drawn.count();
    expect(new Set(await twins.collect())).toEqual(before);
    await expectPairs(made.union(drawn));
    expect(new Set(await twins.collect()).isDisjointFrom(before)).toBe(true);
    await expectPairs(twins.union(drawn));
  }));

test('rows are numbered by counts of their own life', () =>
  withContext({}, async ({ sc }) => {
    const drawn = sc
      .range(0, 400, 1, 4)
      .filter(() => Math.random() < 0.5)
      .persist();
    const numbered = drawn.zipWithIndex();
    for (let i = 0; i < 4; i++) {
      const places = (await numbered.collect()).map(([, place]) => place);
      expect(places).toEqual(places.map((_, place) => place));
      again(drawn);
    }
  }));

test('jobs that read several numberings of different lives take turns', () =>
  withContext({ executors: 2 }, async (context) => {
    const drawn = draw(context).persist();
    const [left, right] = [drawn, drawn].map((rdd) => rdd.zipWithIndex().map(([n]) => n)) as [
      RDD<number>,
      RDD<number>,
    ];
    await left.count();
    const jobs = [expectPairs(left.union(right))];
    again(drawn);
    jobs.push(expectPairs(drawn.union(left)), expectPairs(left.union(right)));
    await Promise.all(jobs);
  }));

test('jobs that run at the same time each have the rows of one life', () =>
  withContext({ executors: 2 }, async (context) => {
    const drawn = draw(context).persist();
    const made = shuffled(drawn);
    const jobs: Promise<void>[] = [];
    for (let i = 0; i < 4; i++) {
      jobs.push(expectPairs(made.union(drawn)), expectPairs(made.coalesce(1).union(shuffled(drawn, 3))));
      if (i % 2 === 1) await jobs.at(-1);
      again(drawn);
    }
    await Promise.all(jobs);
  }));

test('a checkpoint has the rows that were kept; one of rows that were not is a life of its own', () =>
  withContext({ executors: 2 }, async (context) => {
    context.sc.setCheckpointDir(`${context.folder}/checkpoints`);
    for (const isReliable of [true, false]) {
      for (const isKept of [true, false]) {
        const drawn = draw(context);
        if (isKept) drawn.persist();
        const made = shuffled(drawn);
        const before = new Set(await made.collect());
        if (isReliable) drawn.checkpoint();
        else drawn.localCheckpoint();
        const now = new Set(await drawn.collect());
        if (isKept) expect(now).toEqual(before);
        const written = new Set(await drawn.collect());
        await expectPairs(made.union(drawn));
        expect(new Set(await made.collect())).toEqual(written);
      }
    }
  }));
