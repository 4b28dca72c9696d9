/** Plain mistakes in arguments are named at the operator, before any job. */
import { expect, test } from 'vitest';
import type { CellScope } from '../closure/closure.ts';
import { compileCell } from '../closure/compile-cell.ts';
import { withUserPosition } from '../closure/stack-frames.ts';
import { Context } from '../context.ts';
import { StagelightError } from '../errors.ts';
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
    sample: () => rdd.sample(false, 0.5, wrong(3n)),
    randomSplit: () => rdd.randomSplit([1, 1], Number.NaN),
    sampleByKey: () => pairs.sampleByKey(false, [[0, 1]], wrong('x')),
    sampleByKeyExact: () => pairs.sampleByKeyExact(false, [[0, 1]], wrong(null)),
  };
  for (const [name, call] of Object.entries(calls)) {
    expect(call, name).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(`^${name}: `) }),
    );
  }
  expect(() => rdd.pipe([])).toThrow(/is no command/);
  expect(() => rdd.pipe('')).toThrow(/is no command/);
  expect(() => sc.range(wrong(5n))).toThrow('range: cannot count from 0 to 5n by 1');
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

test('a value that cannot travel or be a key is named as the argument that it is', async () => {
  const sc = new Context(new RecordingRunner(() => [[]], '/'));
  const pairs = sc.range(0, 4, 1, 2).keyBy((n) => n);
  const fn = function lengthOf() {} as never;
  const refused: Record<string, () => unknown> = {
    'filterByRange: lower: a value of type function has no natural order': () => pairs.filterByRange(fn, 2),
    'filterByRange: upper: a value of type Map has no natural order': () =>
      pairs.filterByRange(1, [new Map()] as never),
    'foldByKey: zero cannot travel between processes: it is a value of type function lengthOf': () =>
      pairs.foldByKey(fn, (a) => a),
    'aggregateByKey: zero cannot travel between processes: it holds a value of type WeakMap at seen': () =>
      pairs.aggregateByKey(
        { seen: new WeakMap() },
        (a) => a,
        (a) => a,
      ),
    'aggregate: zero cannot travel between processes: it is a value of type Promise': () =>
      pairs.aggregate(
        Promise.resolve(1) as never,
        (a) => a,
        (a) => a,
      ),
    'fold: zero cannot travel between processes: reading it threw TypeError: no': () =>
      pairs.fold(
        {
          get bad() {
            throw new TypeError('no');
          },
        } as never,
        (a) => a,
      ),
    'treeAggregate: zero cannot travel between processes: it is a value of type symbol s': () =>
      pairs.treeAggregate(
        Symbol('s') as never,
        (a) => a,
        (a) => a,
      ),
  };
  for (const [message, call] of Object.entries(refused)) {
    await expect((async () => call())(), message).rejects.toMatchObject({
      message,
      hint: expect.any(String),
    });
  }
  await expect((async () => pairs.sampleByKey(false, [[fn, 0.5]]))()).rejects.toThrow(
    /^sampleByKey: fractions: a key cannot be a function/,
  );
  await expect((async () => pairs.lookup(fn))()).rejects.toThrow(/^lookup: a key cannot be a function/);
});

test('mistakes in arguments have the place of the call in the cell', async () => {
  const sc = new Context(new RecordingRunner(() => [[]], '/'));
  const calls = [
    'rdd.coalesce(0)',
    'rdd.union(null)',
    'rdd.map(undefined)',
    'rdd.map(function* () {})',
    'rdd.repartition(1.5)',
    'rdd.sample(false, 2)',
    'rdd.randomSplit([-1])',
    'rdd.pipe([])',
    'rdd.zip([1])',
    'rdd.keyBy((n) => n).filterByRange(() => 1, 2)',
    'rdd.keyBy((n) => n).foldByKey(() => 1, (a) => a)',
    "rdd.keyBy((n) => n).reduceByKey((a) => a, 'two')",
    'rdd.keyBy((n) => n).sampleByKey(false, 3)',
    'rdd.keyBy((n) => n).countApproxDistinctByKey(0)',
    "rdd.persist('MEMORY')",
    'rdd.checkpoint()',
    'sc.parallelize([1], 0)',
    'sc.range(0, 1, 0)',
    "sc.textFile('/', 0)",
    "sc.parquetFile('/', 5)",
    "sc.binaryRecords('/', 0)",
    'sc.setLocalProperty(1, 2)',
    'rdd.take(-1)',
    'rdd.takeOrdered(0.5)',
    'rdd.takeSample(false, -1)',
    'rdd.takeSample(true, 2 ** 40)',
    'rdd.takeSample(true, 3, 4n)',
    'sc.runJob(rdd, 5)',
    'sc.runJob([1], () => 1)',
    'sc.runJob(rdd, () => 1, [2])',
    'sc.runJob(rdd, () => 1, [-1])',
    'sc.runJob(rdd, () => 1, [,])',
    'sc.runJob(rdd, () => 1, 0)',
    'rdd.histogram([2, 1])',
    'rdd.histogram(0)',
    'rdd.aggregate(() => 1, (a) => a, (a) => a)',
    'rdd.keyBy((n) => n).lookup(() => 1)',
    "rdd.saveAsTextFile('')",
    'rdd.countApprox(-1)',
    'rdd.treeReduce((a) => a, 0)',
    'rdd.reduce(5)',
    // Found out once a job has answered.
    'rdd.first()',
    'rdd.first().then((row) => row)',
    'rdd.reduce((a, b) => a + b)',
    'rdd.max()',
    'sc.broadcast(new WeakMap())',
    'rdd.sortBy(5)',
    'rdd.top(-1)',
    'rdd.keyBy((n) => n).partitionBy(1.5)',
    'rdd.saveAsParquetFile(5)',
    "sc.setCheckpointDir('')",
  ];
  for (const [i, call] of calls.entries()) {
    const cell = compileCell(`\n  await ${call};`, {
      cellId: `c${i}`,
      file: '/notebook.ts',
      scopeNames: ['rdd', 'sc'],
    });
    const scope: CellScope = { sc, rdd: sc.range(0, 4, 1, 2) };
    const thrown = await cell
      .run(scope, () => {})
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(thrown, call).toBeInstanceOf(StagelightError);
    expect(withUserPosition(thrown), call).toMatchObject({ position: { cellId: `c${i}`, line: 2 } });
    expect(withUserPosition(thrown).position!.column, call).toBeGreaterThan(8);
    expect((thrown as StagelightError).hint, call).toBeTruthy();
  }
});
