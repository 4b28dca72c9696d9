/** Plain mistakes in arguments are named at the operator, before any job. */
import { expect, test } from 'vitest';
import { Context } from '../context.ts';
import { RecordingRunner } from '../testing.ts';

test('what is no dataset, path, partitioner or command is refused by the name of the operator', () => {
  const runner = new RecordingRunner(() => [[]], '/');
  const sc = new Context(runner);
  const rdd = sc.range(0, 4, 1, 2);
  const pairs = rdd.keyBy((n) => n);
  const wrong = (value: unknown) => value as never;
  const calls: Record<string, () => unknown> = {
    union: () => rdd.union(wrong(null)),
    join: () => pairs.join(wrong(undefined)),
    cogroup: () => pairs.groupWith(pairs, wrong(3)),
    zip: () => rdd.zip(wrong([1])),
    zipPartitions: () => rdd.zipPartitions([rdd, wrong(2)], (rows) => rows),
    cartesian: () => rdd.cartesian(wrong({})),
    subtract: () => rdd.subtract(wrong([1])),
    subtractByKey: () => pairs.subtractByKey(wrong([1])),
    intersection: () => rdd.intersection(wrong([1])),
    textFile: () => sc.textFile(wrong(5)).getNumPartitions(),
    parquetFile: () => sc.parquetFile(wrong(null)).getNumPartitions(),
    partitionBy: () => pairs.partitionBy(wrong('two')),
    reduceByKey: () => pairs.reduceByKey((a) => a, wrong('two')).getNumPartitions(),
    pipe: () => rdd.pipe(['sort', wrong(5)]),
    jsonFile: () => sc.jsonFile('/x', wrong(null)),
  };
  for (const [name, call] of Object.entries(calls)) {
    expect(call, name).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(`^${name}: `) }),
    );
  }
  expect(() => rdd.pipe([])).toThrow(/is no command/);
  expect(() => rdd.pipe('sort', wrong(null))).toThrow('pipe: options must be an object, got null');
  expect(() => sc.parquetFile('/x', wrong(5))).toThrow('parquetFile: options must be an object, got 5');
  expect(runner.jobs).toEqual([]);
});

test('more partitions than a driver can plan are refused before any job', () => {
  const runner = new RecordingRunner(() => [[]], '/');
  const sc = new Context(runner);
  const many = sc.range(0, 1, 1, 3_000);
  const calls: Record<string, () => unknown> = {
    parallelize: () => sc.parallelize([1], 1e9),
    range: () => sc.range(0, 1, 1, 1e12),
    repartition: () => many.repartition(1e9),
    reduceByKey: () => many.keyBy((n) => n).reduceByKey((a) => a, 1e9),
    cartesian: () => many.cartesian(many).getNumPartitions(),
  };
  for (const [name, call] of Object.entries(calls)) {
    expect(call, name).toThrow(
      expect.objectContaining({ code: 'TOO_MANY_PARTITIONS', message: expect.stringMatching(`^${name}: `) }),
    );
  }
  expect(runner.jobs).toEqual([]);
});
