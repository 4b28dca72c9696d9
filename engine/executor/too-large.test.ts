/** What cannot be divided is refused by name where it does not fit, and not where an estimate only took it for more. */
import { expect, test } from 'vitest';
import { hashKey } from '../storage/key-encoding.ts';
import { estimateSize } from '../storage/size-estimate.ts';
import { type TestContext, withContext } from '../testing.ts';

const inverse = (odd: number) => {
  let x = odd;
  for (let i = 0; i < 5; i++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x;
};
const rotate = (h: number, by: number) => (h << by) | (h >>> (32 - by));

/** Numbers whose hashes (Murmur3 of their low and high words, backwards for the high one) are equal in all bits. */
function collidingKeys(count: number): number[] {
  const words = new Int32Array(2);
  const double = new Float64Array(words.buffer);
  const mixed = (h: number, k: number) =>
    Math.imul(rotate(h ^ Math.imul(rotate(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593), 13), 5) + 0xe6546b64;
  const [five, first, second] = [inverse(5), inverse(0xcc9e2d51), inverse(0x1b873593)];
  const keys: number[] = [];
  for (let low = 1; keys.length < count; low++) {
    const k = rotate(Math.imul(12345 - 0xe6546b64, five), 19) ^ mixed(42, low);
    words[0] = low;
    words[1] = Math.imul(rotate(Math.imul(k, second), 17), first);
    if (Number.isFinite(double[0])) keys.push(double[0]!);
  }
  expect(new Set(keys.map(hashKey)).size).toBe(1);
  return keys;
}

const MEMORY = 1_000_000;

async function codeOf(run: (context: TestContext) => Promise<unknown>): Promise<unknown> {
  let code: unknown = 'none';
  await withContext({ executors: 1, memory: MEMORY, adaptive: { enabled: false } }, async (context) => {
    await run(context).catch((error) => (code = error.cause?.code ?? error.code));
  });
  return code;
}

/** Of 300 records one has a list, where a sample meets it and takes it for several. */
function misleading(): unknown {
  const list = Array.from({ length: 30_000 }, (_, i) => i);
  const values = Array.from({ length: 300 }, (_, at) =>
    Array.from({ length: 300 }, (_, i) => (i === at ? { i, list } : { i })),
  );
  const [worst] = values.sort((a, b) => estimateSize(b) - estimateSize(a));
  expect(estimateSize(worst)).toBeGreaterThan(MEMORY);
  return worst;
}

const COLLIDING = collidingKeys(3);
const ROW = misleading();

const refused: Record<string, [code: string, run: (context: TestContext) => Promise<unknown>]> = {
  'the numbers of a partition as one row': [
    'PARTITION_TOO_LARGE',
    ({ sc }) => sc.range(0, 300_000, 1, 1).glom().count(),
  ],
  'records of names that no other has, of one key': [
    'GROUP_TOO_LARGE',
    ({ sc }) =>
      sc
        .range(0, 9000, 1, 1)
        .map((i): [string, unknown] => ['key', { [`name ${i}`]: i }])
        .groupByKey()
        .count(),
  ],
  'the values of all keys whose hashes are equal, of a join': [
    'GROUP_TOO_LARGE',
    ({ sc }) => {
      const keys = COLLIDING;
      const left = sc
        .range(0, 1500, 1, 1)
        .map((i): [number, string] => [keys[Math.min(i, 1)]!, `${i}`.padStart(900)]);
      return left.join(sc.parallelize([[keys[0]!, 1]] as [number, number][], 1), 1).count();
    },
  ],
};

for (const [what, [code, run]] of Object.entries(refused))
  test(`refused by name: ${what}`, async () => {
    expect(await codeOf(run)).toBe(code);
  });

const taken: Record<string, (context: TestContext) => Promise<unknown>> = {
  glom: ({ sc }) => sc.parallelize([ROW], 1).glom().count(),
  groupByKey: ({ sc }) =>
    sc
      .parallelize([[1, ROW]] as [number, unknown][], 1)
      .groupByKey()
      .count(),
  'awaited aggregateByKey': ({ sc }) =>
    sc
      .parallelize([[1, ROW]] as [number, unknown][], 1)
      .aggregateByKey(
        [] as unknown[],
        async (all, row) => [...all, row],
        (a, b) => [...a, ...b],
      )
      .count(),
  cogroup: ({ sc }) => {
    const pairs = sc.parallelize([[1, ROW]] as [number, unknown][], 1);
    return pairs.cogroup(sc.parallelize([[1, 'x']] as [number, string][], 1)).count();
  },
};

for (const [what, run] of Object.entries(taken))
  test(`${what} takes in what was only taken for more than fits`, async () => {
    expect(await codeOf(run)).toBe('none');
  });
