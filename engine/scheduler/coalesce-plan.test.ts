/** Which partitions share a task. */
import { expect, test } from 'vitest';
import { ADAPTIVE_DEFAULTS } from '../rdd/adaptive-options.ts';
import { seededRandom } from '../testing.ts';
import { coalesceReason } from './adaptive-reasons.ts';
import { planCoalescing } from './coalesce-plan.ts';

const MB = 1024 * 1024;
const never = () => false;

function plan(sizes: number[], options = {}, parallelism = 2, apart: (position: number) => boolean = never) {
  return planCoalescing(
    { sizes: Float64Array.from(sizes), apart, parallelism },
    { ...ADAPTIVE_DEFAULTS, ...options },
  );
}

test('tiny partitions share tasks, of which every executor keeps four', () => {
  expect(plan(new Array(200).fill(3000))?.starts).toEqual([0, 25, 50, 75, 100, 125, 150, 175]);
  expect(plan(new Array(8).fill(3000))).toBeUndefined();
  expect(plan(new Array(9).fill(3000))?.starts).toEqual([0, 2, 4, 6, 8]);
});

test('without "parallelism first" tasks grow to the advisory size and no further', () => {
  const alone = { parallelismFirst: false };
  expect(plan(new Array(200).fill(3000), alone)?.starts).toEqual([0]);
  expect(
    plan(
      [30, 30, 30, 70, 1, 64, 1].map((mb) => mb * MB),
      alone,
    )?.starts,
  ).toEqual([0, 2, 3, 4, 5, 6]);
  expect(plan([70 * MB, 70 * MB], alone)).toBeUndefined();
});

test('partitions that must be apart are', () => {
  expect(
    plan(new Array(6).fill(1), { parallelismFirst: false }, 2, (p) => p === 2 || p === 5)?.starts,
  ).toEqual([0, 2, 5]);
});

test('whatever the sizes, tasks are runs of partitions, none larger than the target unless it is one partition', () => {
  const random = seededRandom(5);
  for (let round = 0; round < 300; round++) {
    const sizes = Array.from({ length: 1 + Math.floor(random() * 60) }, () =>
      Math.floor(random() ** 4 * 100 * MB),
    );
    const parallelism = 1 + Math.floor(random() * 4);
    const planned = plan(sizes, { parallelismFirst: random() < 0.5 }, parallelism);
    if (!planned) continue;
    const { starts, targetSize, mostPartitions } = planned;
    expect(starts[0]).toBe(0);
    for (const [i, start] of starts.entries()) {
      const group = sizes.slice(start, starts[i + 1]);
      expect(group.length).toBeGreaterThan(0);
      if (group.length === 1) continue;
      expect(group.reduce((a, b) => a + b)).toBeLessThanOrEqual(targetSize);
      expect(group.length).toBeLessThanOrEqual(mostPartitions);
    }
  }
});

test('the reason names the numbers', () => {
  const sizes = new Float64Array(200).fill(3000);
  const options = { ...ADAPTIVE_DEFAULTS, parallelismFirst: false };
  const coalescing = planCoalescing({ sizes, apart: never, parallelism: 2 }, options)!;
  expect(coalesceReason(sizes, coalescing, options, 2)).toBe(
    '200 partitions of 2.9 KB median were put into 1 task: the advisory size is 64 MB',
  );
  const kept = planCoalescing({ sizes, apart: never, parallelism: 2 }, ADAPTIVE_DEFAULTS)!;
  expect(coalesceReason(sizes, kept, ADAPTIVE_DEFAULTS, 2)).toBe(
    '200 partitions of 2.9 KB median were put into 8 tasks: up to 1 MB each (advisory size 64 MB), and work kept for 2 executors',
  );
});
