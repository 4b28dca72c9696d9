import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Context } from '../context.ts';
import { RecordingRunner } from '../testing.ts';
import { Lineage } from './lineage.ts';
import { parallelize } from './sources.ts';

test('a forgotten dataset is reported once, and its closures are sent anew when they are used again', async () => {
  const runner = new RecordingRunner();
  const lineage = new Lineage(runner);
  const double = (n: number) => n * 2;
  const first = parallelize(lineage, [1], 1).map(double);
  expect(lineage.takeUnsubmitted(first).closures).toHaveLength(1);
  const second = first.map(double);
  expect(lineage.takeUnsubmitted(second).closures).toHaveLength(0);

  lineage.forget(second.id);
  lineage.forget(99);
  await Promise.resolve();
  expect(runner.forgotten).toEqual([[second.id]]);
  expect(lineage.takeUnsubmitted(first.map(double)).closures).toHaveLength(0);

  for (const rddId of [0, 1, 3]) lineage.forget(rddId);
  await Promise.resolve();
  expect(runner.forgotten).toEqual([[2], [0, 1, 3]]);
  expect(lineage.takeUnsubmitted(parallelize(lineage, [1], 1).map(double)).closures).toHaveLength(1);
});

test('datasets that user code can no longer reach are forgotten', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const runner = new RecordingRunner(() => [[1]]);
  const sc = new Context(runner);
  const kept = sc.range(10).map((n) => n + 1);
  await (async () => {
    await kept.filter((n) => n > 1).count();
  })();
  for (let turn = 0; turn < 100 && runner.forgotten.length === 0; turn++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(runner.forgotten).toEqual([[2]]);
  expect(kept.getNumPartitions()).toBe(2);
});
