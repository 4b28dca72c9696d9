import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type {
  AggregatorSpec,
  PartitionerSpec,
  RddNode,
  ShuffleDependency,
  ShuffleInput,
} from '../rdd/plan.ts';
import { compareKeys } from '../storage/compare-keys.ts';
import { keyToMapKey } from '../storage/key-encoding.ts';
import { encodeRows } from '../storage/row-codec.ts';
import { Lineage, TestExecutor } from './testing.ts';

let executor: TestExecutor;
let lineage: Lineage;
beforeEach(() => {
  executor = new TestExecutor();
  lineage = new Lineage();
});
afterEach(() => executor.close());

type Pair = [unknown, number];

const key = fc.oneof(
  fc.integer({ min: -2, max: 5 }),
  fc.constantFrom('a', '1', '\0', null, true, 1n, 1n << 64n, 2n << 64n, [1], { x: 1 }),
);
const pairs = fc.array(fc.array(fc.tuple(key, fc.integer({ min: -9, max: 9 })), { maxLength: 20 }), {
  minLength: 1,
  maxLength: 3,
});

let shuffles = 0;
function dependency(
  node: RddNode,
  options: Partial<ShuffleDependency> = {},
  partitions = 3,
): ShuffleDependency {
  const partitioner: PartitionerSpec = { kind: 'hash', numPartitions: partitions };
  return { kind: 'shuffle', shuffleId: shuffles++, rddId: node.rddId, partitioner, keyed: true, ...options };
}

function byKey(rows: Pair[]): Map<unknown, Pair[]> {
  return Map.groupBy(rows, ([k]) => keyToMapKey(k));
}

const order = (rows: unknown[]) =>
  rows.toSorted((a, b) => compareKeys(JSON.stringify(encodeRows([a])), JSON.stringify(encodeRows([b]))));

test('a map output whose combining ran out of memory says that its checksums compare with nothing', async () => {
  const add = 'builtin:add';
  const aggregator: AggregatorSpec = { mergeValue: add, mergeCombiners: add, mapSideCombine: true };
  const rowChecksums = async (memory: number) => {
    const small = new TestExecutor(memory);
    try {
      const on = new Lineage();
      const node = on.data([Array.from({ length: 5_000 }, (_, i) => [i, 1])]);
      const output = { kind: 'shuffle', dependency: dependency(node, { aggregator }) } as const;
      const { mapStatus } = await small.run(small.task(small.stage(on, on.plan(node, output)), 0));
      return mapStatus!.rowChecksums.length;
    } finally {
      small.close();
    }
  };
  expect([await rowChecksums(1 << 28), await rowChecksums(1 << 16)]).toEqual([3, 0]);
});

test('reduceByKey gives each key once with its sum, combined on the map side or not, with and without a zero', async () => {
  const shapes: Partial<AggregatorSpec>[] = [
    { mapSideCombine: true },
    { mapSideCombine: false },
    { mapSideCombine: true, zero: encodeRows([100]) },
  ];
  await fc.assert(
    fc.asyncProperty(pairs, fc.constantFrom(...shapes), async (input, shape) => {
      const on = new Lineage();
      const node = on.data(input);
      const add = 'builtin:add';
      const aggregator: AggregatorSpec = {
        mergeValue: add,
        mergeCombiners: add,
        mapSideCombine: true,
        ...shape,
      };
      const dep = dependency(node, { aggregator });
      const written = await executor.shuffle(on, node, dep);
      const result = await executor.act(on, on.node({ kind: 'shuffled' }, 3, [dep]), { kind: 'collect' }, [
        written,
      ]);
      const expected = [...byKey(input.flat() as Pair[]).values()].map((group) => {
        const zeros = shape.zero
          ? input.filter((rows) => rows.some((row) => keyToMapKey(row[0]) === keyToMapKey(group[0]![0])))
              .length
          : 0;
        return [group[0]![0], group.reduce((sum, [, v]) => sum + v, 0) + 100 * zeros];
      });
      expect(order(result.flat())).toEqual(order(expected));
    }),
    { seed: 6, numRuns: 60 },
  );
});

test('range partitions sorted on reading come out in one global order', async () => {
  const numbers = fc.array(fc.array(fc.tuple(fc.integer(), fc.nat()), { maxLength: 30 }), {
    minLength: 1,
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(numbers, fc.boolean(), async (input, ascending) => {
      const on = new Lineage();
      const node = on.data(input);
      const owner = 100 + on.nodes.length;
      on.prepared[owner] = encodeRows([-1000, 0, 5_000_000]);
      const partitioner: PartitionerSpec = { kind: 'range', numPartitions: 4, rddId: owner, ascending };
      const dep = dependency(node, { partitioner, keyOrdering: ascending ? 'ascending' : 'descending' });
      const written = await executor.shuffle(on, node, dep);
      const sorted = (
        await executor.act(on, on.node({ kind: 'shuffled' }, 4, [dep]), { kind: 'collect' }, [written])
      ).flat();
      const sign = ascending ? 1 : -1;
      expect(sorted).toEqual(input.flat().toSorted((a, b) => sign * compareKeys(a[0], b[0])));
    }),
    { seed: 7, numRuns: 40 },
  );
});

test('rows without keys are dealt out evenly', async () => {
  const node = lineage.node({ kind: 'range', start: 0, end: 100, step: 1 }, 2);
  const dep = dependency(node, { keyed: false, partitioner: { kind: 'random', numPartitions: 4, seed: 1 } });
  const written = await executor.shuffle(lineage, node, dep);
  const result = await executor.act(
    lineage,
    lineage.node({ kind: 'shuffled' }, 4, [dep]),
    { kind: 'collect' },
    [written],
  );
  expect(result.map((rows) => rows.length).every((count) => count >= 24 && count <= 26)).toBe(true);
  expect(result.flat().toSorted((a, b) => compareKeys(a, b))).toEqual(
    Array.from({ length: 100 }, (_, i) => i),
  );
});

test('joins, cogroup and subtractByKey equal nested loops, over shuffles and over data that lies right already', async () => {
  await fc.assert(
    fc.asyncProperty(pairs, pairs, fc.boolean(), async (left, right, coPartitioned) => {
      const on = new Lineage();
      const inputs: ShuffleInput[] = [];
      const sides: RddNode['dependencies'] = [];
      for (const input of [left, right]) {
        const node = on.data(coPartitioned ? [input.flat()] : input);
        if (coPartitioned) sides.push({ kind: 'oneToOne', rddId: node.rddId });
        else {
          const dep = dependency(node);
          inputs.push(await executor.shuffle(on, node, dep));
          sides.push(dep);
        }
      }
      const partitions = coPartitioned ? 1 : 3;
      const run = async (op: RddNode['op']) =>
        order((await executor.act(on, on.node(op, partitions, sides), { kind: 'collect' }, inputs)).flat());
      const a = left.flat() as Pair[];
      const b = right.flat() as Pair[];
      const same = ([k]: Pair, [other]: Pair) => keyToMapKey(k) === keyToMapKey(other);
      const inner = a.flatMap((l) => b.filter((r) => same(l, r)).map((r) => [l[0], [l[1], r[1]]]));
      const onlyA = a.filter((l) => !b.some((r) => same(l, r)));
      const onlyB = b.filter((r) => !a.some((l) => same(l, r)));
      const leftRest = onlyA.map(([k, v]) => [k, [v, undefined]]);
      const rightRest = onlyB.map(([k, v]) => [k, [undefined, v]]);
      expect(await run({ kind: 'join', type: 'inner' })).toEqual(order(inner));
      expect(await run({ kind: 'join', type: 'left' })).toEqual(order([...inner, ...leftRest]));
      expect(await run({ kind: 'join', type: 'right' })).toEqual(order([...inner, ...rightRest]));
      expect(await run({ kind: 'join', type: 'full' })).toEqual(order([...inner, ...leftRest, ...rightRest]));
      expect(await run({ kind: 'subtractByKey' })).toEqual(order(onlyA));
      const grouped = (await run({ kind: 'cogroup' })) as [unknown, [number[], number[]]][];
      const sorted = (values: number[]) => values.toSorted((x, y) => x - y);
      expect(order(grouped.map(([k, [v, w]]) => [k, sorted(v), sorted(w)]))).toEqual(
        order(
          [...byKey([...a, ...b]).values()]
            .map(([first]) => first![0])
            .map((k) => [
              k,
              sorted(a.filter((l) => same(l, [k, 0])).map(([, v]) => v)),
              sorted(b.filter((r) => same(r, [k, 0])).map(([, w]) => w)),
            ]),
        ),
      );
    }),
    { seed: 8, numRuns: 25 },
  );
});

test('pairs are combined in place where they are partitioned already', async () => {
  const node = lineage.data([
    [
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ],
  ]);
  const aggregator: AggregatorSpec = {
    createCombiner: 'builtin:listOf',
    mergeValue: 'builtin:append',
    mergeCombiners: 'builtin:concat',
    mapSideCombine: false,
  };
  const grouped = lineage.over(node, { kind: 'combineByKey', aggregator });
  expect(await executor.act(lineage, grouped)).toEqual([
    [
      ['a', [1, 3]],
      ['b', [2]],
    ],
  ]);
});

test('a lost map output fails the task as a failed fetch, whatever user code does with the error', async () => {
  const node = lineage.data([[['a', 1]]]);
  const dep = dependency(node, {}, 1);
  const written = await executor.shuffle(lineage, node, dep);
  rmSync(written.maps[0]!.path);
  const read = lineage.node({ kind: 'shuffled' }, 1, [dep]);
  const swallow = lineage.fn((rows) => {
    try {
      return [...rows];
    } catch {
      return [];
    }
  });
  const swallowed = lineage.over(read, { kind: 'mapPartitions', fn: swallow, withIndex: false });
  const failed = {
    reason: { kind: 'fetchFailed', shuffleId: dep.shuffleId, mapIndex: 0, reduceId: 0, executorId: 'test' },
  };
  await expect(executor.act(lineage, read, { kind: 'count' }, [written])).rejects.toMatchObject(failed);
  await expect(executor.act(lineage, swallowed, { kind: 'count' }, [written])).rejects.toMatchObject(failed);
  await expect(executor.act(lineage, read, { kind: 'count' })).rejects.toMatchObject({
    reason: {
      kind: 'fetchFailed',
      mapIndex: -1,
      message: expect.stringMatching(
        /^partition 0 of RDD 1 \(shuffled\) is made of the outputs of another stage, and stage \d+ was not told where they are$/,
      ),
    },
  });
});
