/** How skewed partitions of joins are cut. */
import { expect, test } from 'vitest';
import { ADAPTIVE_DEFAULTS } from '../rdd/adaptive-options.ts';
import { seededRandom } from '../testing.ts';
import { type JoinSizes, planSkew } from './skew-plan.ts';

const MB = 1024 * 1024;

/** Sides by partition; every partition of a side is spread evenly over so many map outputs. */
function join(type: JoinSizes['type'], left: number[], right: number[], maps = 8, parallelism = 4) {
  const sides: JoinSizes['sides'] = [Float64Array.from(left), Float64Array.from(right)];
  const byMap = (side: 0 | 1, partition: number) =>
    new Float64Array(maps).fill(sides[side][partition]! / maps);
  return planSkew({ type, sides, byMap, parallelism }, ADAPTIVE_DEFAULTS);
}

const small = [10 * MB, 10 * MB, 10 * MB];

test('a side is cut where the kind of join allows it', () => {
  const cuts = (type: JoinSizes['type']) => {
    const left = join(type, [512 * MB, ...small], [10 * MB, ...small]).get(0);
    const right = join(type, [10 * MB, ...small], [512 * MB, ...small]).get(0);
    return [left?.[0]?.sides[0] !== undefined, right?.[0]?.sides[1] !== undefined];
  };
  expect(cuts('inner')).toEqual([true, true]);
  expect(cuts('left')).toEqual([true, false]);
  expect(cuts('right')).toEqual([false, true]);
  expect(cuts('full')).toEqual([false, false]);
});

test('what is not larger than the threshold and five times the median is whole, and so is all for one executor', () => {
  expect(join('inner', [200 * MB, ...small], [...small, MB]).size).toBe(0);
  expect(join('inner', [512 * MB, 300 * MB, 300 * MB], small).size).toBe(0);
  expect(join('inner', [512 * MB, ...small], [MB, ...small], 8, 1).size).toBe(0);
  expect(join('inner', [512 * MB, ...small], [MB, ...small], 1).size).toBe(0);
});

test('pieces are ranges of map outputs about the advisory size', () => {
  const pieces = join('inner', [512 * MB, ...small], [MB, ...small], 16).get(0)!;
  expect(pieces.map(({ sides }) => sides)).toEqual(
    Array.from({ length: 8 }, (_, i) => [{ from: 2 * i, to: 2 * i + 2 }, undefined]),
  );
  expect(pieces.map(({ number, of }) => [number, of])).toEqual(Array.from({ length: 8 }, (_, i) => [i, 8]));
});

test('whatever the sizes, each pair of map outputs is joined by exactly one piece', () => {
  const random = seededRandom(3);
  for (let round = 0; round < 200; round++) {
    const maps = [1 + Math.floor(random() * 12), 1 + Math.floor(random() * 12)];
    const outputs = maps.map((count) =>
      Array.from({ length: count }, () => Float64Array.from({ length: 6 }, () => random() ** 6 * 900 * MB)),
    );
    const sides = outputs.map((all) =>
      Float64Array.from({ length: 6 }, (_, p) => all.reduce((sum, sizes) => sum + sizes[p]!, 0)),
    ) as JoinSizes['sides'];
    const byMap = (side: 0 | 1, partition: number) =>
      Float64Array.from(outputs[side]!, (sizes) => sizes[partition]!);
    const plan = planSkew(
      { type: 'inner', sides, byMap, parallelism: 2 + Math.floor(random() * 40) },
      ADAPTIVE_DEFAULTS,
    );
    for (const pieces of plan.values()) {
      expect(pieces.length).toBeLessThanOrEqual(1000);
      const seen = new Map<string, number>();
      for (const {
        sides: [left, right],
      } of pieces) {
        for (let l = left?.from ?? 0; l < (left?.to ?? maps[0]!); l++)
          for (let r = right?.from ?? 0; r < (right?.to ?? maps[1]!); r++)
            seen.set(`${l} ${r}`, (seen.get(`${l} ${r}`) ?? 0) + 1);
      }
      expect(seen.size).toBe(maps[0]! * maps[1]!);
      expect([...seen.values()].every((count) => count === 1)).toBe(true);
    }
  }
});
