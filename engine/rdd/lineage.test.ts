import { expect, test } from 'vitest';
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
