import { describe, expect, test } from 'vitest';
import { Context } from '../context.ts';
import { StagelightError } from '../errors.ts';
import { RecordingRunner } from '../testing.ts';
import { HashPartitioner } from './partitioner.ts';
import type { RddNode, ShuffleDependency } from './plan.ts';
import type { AnyRDD } from './rdd.ts';

const context = () => new Context(new RecordingRunner());
const kinds = (rdd: AnyRDD) => rdd.node().dependencies.map((dependency) => dependency.kind);
const shuffleOf = (node: RddNode) => node.dependencies[0] as ShuffleDependency;
const pairs = (sc: Context, slices: number) => sc.parallelize<[string, number]>([], slices);

describe('narrow operators', () => {
  test('keep the partitions of their parent', () => {
    const rdd = context().parallelize([1, 2, 3], 3);
    const mapped = rdd.map((n) => n + 1);
    expect(mapped.node()).toMatchObject({
      name: 'map',
      op: { kind: 'map' },
      numPartitions: 3,
      dependencies: [{ kind: 'oneToOne', rddId: rdd.id }],
      determinism: 'DETERMINATE',
    });
    expect(mapped.node().closures).toHaveLength(1);
  });

  test('keep the partitioner when keys stay, and lose it when they may change', () => {
    const placed = pairs(context(), 2).partitionBy(4);
    expect(placed.mapValues((n) => n * 2).partitioner?.numPartitions).toBe(4);
    expect(placed.filter(([, n]) => n > 0).partitioner?.numPartitions).toBe(4);
    expect(placed.map(([k, n]): [string, number] => [k, n]).partitioner).toBeUndefined();
    expect(placed.keys().partitioner).toBeUndefined();
    expect(placed.mapPartitions((rows) => rows).partitioner).toBeUndefined();
    expect(placed.mapPartitions((rows) => rows, true).partitioner?.numPartitions).toBe(4);
  });

  test('a closure that asks for chance makes the plan indeterminate from there on', () => {
    const rdd = context().parallelize([1, 2]);
    const random = rdd.map((n) => n + Math.random());
    expect(random.node().determinism).toBe('INDETERMINATE');
    expect(random.map((n) => n + 1).node().determinism).toBe('INDETERMINATE');
  });
});

describe('shuffles', () => {
  test('reduceByKey combines on the map side with one closure for both merges', () => {
    const reduced = pairs(context(), 3).reduceByKey((a, b) => a + b);
    const { aggregator, partitioner, keyed } = shuffleOf(reduced.node());
    expect(aggregator?.mapSideCombine).toBe(true);
    expect(aggregator?.mergeValue).toBe(aggregator?.mergeCombiners);
    expect(partitioner).toEqual({ kind: 'hash', numPartitions: 3 });
    expect(keyed).toBe(true);
    expect(reduced.node().closures).toEqual([aggregator?.mergeValue]);
    expect(reduced.node().determinism).toBe('UNORDERED');
  });

  test('combining what is already partitioned that way is narrow', () => {
    const once = pairs(context(), 3).reduceByKey((a, b) => a + b, 4);
    expect(kinds(once.reduceByKey((a, b) => Math.max(a, b)))).toEqual(['oneToOne']);
    expect(once.reduceByKey((a, b) => Math.max(a, b)).node().op.kind).toBe('combineByKey');
    expect(kinds(once.groupByKey(5))).toEqual(['shuffle']);
  });

  test('joins of co-partitioned sides are narrow, others shuffle only the side that must move', () => {
    const sc = context();
    const left = pairs(sc, 2).partitionBy(8);
    const right = pairs(sc, 3).reduceByKey((a, b) => a + b, 8);
    expect(kinds(left.join(right))).toEqual(['oneToOne', 'oneToOne']);
    expect(kinds(left.cogroup(pairs(sc, 3)))).toEqual(['oneToOne', 'shuffle']);
    expect(left.leftOuterJoin(pairs(sc, 3)).getNumPartitions()).toBe(8);
    expect(kinds(pairs(sc, 2).subtractByKey(right))).toEqual(['shuffle', 'shuffle']);
    expect(kinds(left.partitionBy(8))).toEqual(['oneToOne']);
    expect(kinds(left.partitionBy(new HashPartitioner(9)))).toEqual(['shuffle']);
  });

  test('a self-join writes its side once', () => {
    const rdd = pairs(context(), 2);
    const [a, b] = rdd.join(rdd).node().dependencies as ShuffleDependency[];
    expect(a!.shuffleId).toBe(b!.shuffleId);
  });

  test('the default partitioner reuses the largest one, unless it is smaller by an order of magnitude', () => {
    const sc = context();
    const small = pairs(sc, 2).partitionBy(3);
    expect(small.join(pairs(sc, 29)).getNumPartitions()).toBe(3);
    expect(small.join(pairs(sc, 30)).getNumPartitions()).toBe(30);
    expect(pairs(sc, 4).join(pairs(sc, 7)).getNumPartitions()).toBe(7);
    expect(small.join(pairs(sc, 2).partitionBy(5)).getNumPartitions()).toBe(5);
  });

  test('a custom partitioner travels with every node that shuffles by it', async () => {
    const sc = context();
    const placed = pairs(sc, 2).partitionBy(2, (key) => key.length % 2);
    const joined = placed.join(pairs(sc, 3));
    expect(placed.node().closures).toHaveLength(1);
    expect(joined.node().closures).toEqual(placed.node().closures);
    expect(placed.partitioner?.partitionOf('abc')).toBe(1);
    const later = pairs(sc, 2).partitionBy(2, async (key) => key.length % 2);
    await expect(later.partitioner?.partitionOf('abc')).resolves.toBe(1);
  });

  test('repartition deals out rows; over an unordered parent that may give other partitions next time', () => {
    const sc = context();
    expect(sc.parallelize([1, 2]).repartition(5).node()).toMatchObject({
      numPartitions: 5,
      dependencies: [{ kind: 'shuffle', keyed: false, partitioner: { kind: 'random', numPartitions: 5 } }],
      determinism: 'UNORDERED',
    });
    expect(sc.parallelize([1, 2]).distinct().repartition(5).node().determinism).toBe('INDETERMINATE');
  });

  test('a number of partitions that makes no sense is refused at the call', () => {
    const rdd = pairs(context(), 2);
    expect(() => rdd.groupByKey(0)).toThrow(
      'groupByKey: numPartitions must be a whole number of at least 1, got 0',
    );
    expect(() => rdd.repartition(1.5)).toThrow(StagelightError);
    expect(() => rdd.sample(false, 1.5)).toThrow('sample: fraction 1.5 is out of range');
  });
});

describe('partitions', () => {
  test('coalesce merges neighbours evenly and never grows', () => {
    const rdd = context().parallelize([], 7);
    expect(rdd.coalesce(3).node().dependencies).toEqual([
      {
        kind: 'listed',
        rddId: rdd.id,
        parents: [
          [0, 1],
          [2, 3],
          [4, 5, 6],
        ],
      },
    ]);
    expect(rdd.coalesce(9).getNumPartitions()).toBe(7);
    expect(rdd.coalesce(9, true).getNumPartitions()).toBe(9);
  });

  test('union lines partitions up, or merges them when all sides are partitioned alike', () => {
    const sc = context();
    const [a, b] = [sc.parallelize([1], 2), sc.parallelize([2], 3)];
    expect(a.union(b).node()).toMatchObject({
      numPartitions: 5,
      dependencies: [
        { kind: 'range', rddId: a.id, outStart: 0, length: 2 },
        { kind: 'range', rddId: b.id, outStart: 2, length: 3 },
      ],
    });
    const placed = [pairs(sc, 2).partitionBy(4), pairs(sc, 3).partitionBy(4)];
    expect(sc.union(placed).partitioner?.numPartitions).toBe(4);
    expect(kinds(sc.union(placed))).toEqual(['oneToOne', 'oneToOne']);
    expect(sc.union([]).getNumPartitions()).toBe(0);
  });

  test('cartesian reads every pair of partitions', () => {
    const sc = context();
    expect(
      sc
        .parallelize([1], 2)
        .cartesian(sc.parallelize(['a'], 3))
        .node(),
    ).toMatchObject({
      numPartitions: 6,
      dependencies: [
        { divisor: 3, modulus: 2 },
        { divisor: 1, modulus: 3 },
      ],
    });
  });
});

describe('preparations', () => {
  test('sortBy samples the keys of its parent and keeps the number of partitions', () => {
    const sorted = context()
      .parallelize([3, 1, 2], 4)
      .sortBy((n) => n, false);
    const byKey = sorted.parents[0]!;
    expect(sorted.name).toBe('sortBy');
    expect(sorted.getNumPartitions()).toBe(4);
    expect(byKey.node()).toMatchObject({
      dependencies: [
        { keyOrdering: 'descending', partitioner: { kind: 'range', rddId: byKey.id, ascending: false } },
      ],
      preparation: {
        name: 'sortBy: sample keys',
        rddId: byKey.parents[0]!.id,
        action: { kind: 'sampleKeys', sampleSize: 60, key: 'builtin:pairKey' },
        finish: { kind: 'rangeBounds', numPartitions: 4, ascending: false },
      },
    });
  });

  test('sorting into one partition needs none', () => {
    expect(pairs(context(), 3).sortByKey(true, 1).node().preparation).toBeUndefined();
  });

  test('zipWithIndex counts its parent', () => {
    const zipped = context().parallelize(['a', 'b'], 2).zipWithIndex();
    expect(zipped.node().preparation).toMatchObject({ action: { kind: 'countPartition' } });
  });

  test('what is joined to a sorted dataset is placed by the same bounds', () => {
    const sc = context();
    const sorted = pairs(sc, 4).sortByKey();
    const other = pairs(sc, 4).partitionBy(sorted.partitioner!);
    expect(kinds(sorted.join(other))).toEqual(['oneToOne', 'oneToOne']);
    expect(other.parents).toContain(sorted);
  });
});

test('the parts of a composite operator carry the call of the whole', () => {
  const distinct = context().parallelize([1, 1]).distinct();
  const chain = [distinct, distinct.parents[0]!, distinct.parents[0]!.parents[0]!];
  expect(chain.map((rdd) => rdd.name)).toEqual(['distinct', 'reduceByKey', 'map']);
  expect(new Set(chain.map((rdd) => rdd.node().callSite)).size).toBe(1);
});

test('a lineage of thousands of steps is built, printed and submitted without recursion', async () => {
  const runner = new RecordingRunner(() => [[]]);
  let rdd = new Context(runner).parallelize([1], 1);
  for (let i = 0; i < 20_000; i++) rdd = rdd.filter((n) => n > 0);
  await rdd.collect();
  expect(runner.jobs[0]!.nodes).toHaveLength(20_001);
  expect(rdd.toDebugString().split('\n')).toHaveLength(20_001);
});

test('toDebugString shows partitions and indents at shuffles', () => {
  const sc = context();
  const counts = pairs(sc, 3)
    .mapValues((n) => n)
    .reduceByKey((a, b) => a + b, 2)
    .cache();
  const text = counts.join(pairs(sc, 10), 10).setName('both').toDebugString();
  expect(text.replace(/ at \w+ at [^[]+/g, ' ')).toBe(
    [
      '(10) both JoinedRDD[4] []',
      ' +-(2) reduceByKey ShuffledRDD[2] [MEMORY_ONLY]',
      ' |  +-(3) mapValues MappedValuesRDD[1] []',
      ' |     |  parallelize ParallelCollectionRDD[0] []',
      ' +-(10) parallelize ParallelCollectionRDD[3] []',
    ].join('\n'),
  );
});
