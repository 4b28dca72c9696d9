import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toMicros } from '../clock.ts';
import { zeroMetrics } from '../fold/progress.ts';
import { type StagelightEvent, TASK_METRICS, type TaskMetrics } from '../protocol.ts';
import { taskEndJson, taskStartJson } from './task-event-json.ts';

/** Counts, times to the microsecond, and whatever else a number can be. */
const number = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.double({ min: 0, max: 10_000, noNaN: true }).map(toMicros),
  fc.constantFrom(0, -1, 0.001, 999_999.999, 1_000_000, Number.NaN, Number.POSITIVE_INFINITY),
  fc.double(),
);
const time = fc.oneof(
  fc.integer({ min: 0, max: 2e15 }).map((micros) => micros / 1000),
  fc.constantFrom(1_795_285_269_999.999, 1_795_285_270_000, 0, -5),
  fc.double(),
);
const text = fc.string({ unit: 'binary' });
const task = fc.record(
  {
    taskId: fc.nat(),
    stageId: fc.nat(),
    stageAttempt: fc.nat(),
    index: fc.nat(),
    partition: fc.nat(),
    attempt: fc.nat(),
    executorId: text,
    launchTime: time,
    speculative: fc.constant(true as const),
    numPartitions: fc.nat(),
  },
  {
    requiredKeys: 'taskId stageId stageAttempt index partition attempt executorId launchTime'.split(
      ' ',
    ) as never,
  },
);
const metrics = fc
  .array(fc.tuple(fc.constantFrom(...TASK_METRICS), number), { maxLength: 22 })
  .map((set): TaskMetrics => Object.assign(zeroMetrics(), Object.fromEntries(set)));
const numbers = fc.array(number, { maxLength: 5 });
const reason = fc.oneof(
  fc.constant({ kind: 'success' }),
  fc.record({ kind: fc.constant('killed'), reason: text }),
  fc.record({
    kind: fc.constant('exception'),
    error: fc.record({ code: fc.constant('USER'), message: text }),
  }),
);
const taskEnd = fc.record(
  {
    type: fc.constant('taskEnd'),
    task,
    finishTime: time,
    status: fc.constantFrom('success', 'failed', 'killed'),
    reason,
    metrics,
    rowsByRdd: numbers,
    operatorTimes: fc.record({ byRdd: numbers, shuffleRead: number, output: number }),
  },
  { requiredKeys: ['type', 'task', 'finishTime', 'status', 'reason', 'metrics'] },
) as fc.Arbitrary<unknown> as fc.Arbitrary<Extract<StagelightEvent, { type: 'taskEnd' }>>;
const taskStart = fc.record(
  { type: fc.constant('taskStart'), task, reason: text },
  { requiredKeys: ['type', 'task'] },
) as fc.Arbitrary<unknown> as fc.Arbitrary<Extract<StagelightEvent, { type: 'taskStart' }>>;

/** Zero metrics are not written; minus zero reads as zero. */
const parsed = (json: string) => JSON.parse(json, (_, value) => (value === 0 ? 0 : value));

test('an end reads as what the language would have written, without zero metrics', () => {
  fc.assert(
    fc.property(taskEnd, (event) => {
      const shown = Object.fromEntries(Object.entries(event.metrics).filter(([, value]) => value !== 0));
      // Not a number is falsy, too, and no measure of anything.
      for (const name of Object.keys(shown)) if (Number.isNaN(shown[name])) delete shown[name];
      expect(parsed(taskEndJson(event))).toEqual(parsed(JSON.stringify({ ...event, metrics: shown })));
    }),
    { numRuns: 1_000 },
  );
});

test('a start reads as what the language would have written', () => {
  fc.assert(
    fc.property(taskStart, (event) => {
      expect(parsed(taskStartJson(event))).toEqual(parsed(JSON.stringify(event)));
    }),
  );
});
