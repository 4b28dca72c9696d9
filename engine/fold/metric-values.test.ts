import { expect, test } from 'vitest';
import { TASK_METRICS, type TaskMetrics } from '../protocol.ts';
import { addMetrics, metricValues } from './metric-values.ts';
import { zeroMetrics } from './progress.ts';

const numbered = Object.fromEntries(TASK_METRICS.map((name, i) => [name, i + 1])) as unknown as TaskMetrics;

test('every metric is read in its place, and added; what is left out is zero', () => {
  expect([...metricValues(numbered)]).toEqual(TASK_METRICS.map((_, i) => i + 1));
  expect([...metricValues({ gcTime: 3 })]).toEqual(TASK_METRICS.map((name) => (name === 'gcTime' ? 3 : 0)));
  const totals = zeroMetrics();
  addMetrics(totals, numbered);
  addMetrics(totals, { resultSize: 5 });
  addMetrics(totals, numbered);
  expect(totals).toEqual(
    Object.fromEntries(TASK_METRICS.map((name, i) => [name, 2 * (i + 1) + (name === 'resultSize' ? 5 : 0)])),
  );
});
