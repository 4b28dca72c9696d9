import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { zeroMetrics } from '../fold/progress.ts';
import { TASK_METRICS, type TaskMetrics } from '../protocol.ts';
import type { TaskEnd } from '../scheduler/backend.ts';
import type { FromExecutor } from './messages.ts';
import { type Packed, packMessages, unpackMessages } from './task-end-batch.ts';

const number = fc.double({ noNaN: true });
const metrics = fc
  .array(fc.tuple(fc.constantFrom(...TASK_METRICS), number), { maxLength: 30 })
  .map((set): TaskMetrics => Object.assign(zeroMetrics(), Object.fromEntries(set)));
const numbers = fc.array(number, { maxLength: 40 });
const bytes = fc.uint8Array({ maxLength: 40 });

const end = fc.record(
  {
    taskId: fc.nat(2 ** 40),
    reason: fc.oneof(
      { weight: 5, arbitrary: fc.constant({ kind: 'success' } as const) },
      { weight: 1, arbitrary: fc.constant({ kind: 'killed', reason: 'by the user' } as const) },
    ),
    metrics,
    startTime: number,
    endTime: number,
    result: fc.oneof(
      { weight: 5, arbitrary: bytes.map((own) => ({ bytes: own })) },
      { weight: 1, arbitrary: fc.constant({ bytes: new Uint8Array(5_000).fill(7) }) },
      { weight: 1, arbitrary: fc.constant({ file: '/result', length: 3 }) },
    ),
    rowsByRdd: numbers,
    operatorTimes: fc.record({ byRdd: numbers, shuffleRead: number, output: number }),
    cachedBlocks: fc.constant([]),
  },
  { requiredKeys: ['taskId', 'reason', 'metrics', 'startTime', 'endTime'] },
) as unknown as fc.Arbitrary<TaskEnd>;
const message: fc.Arbitrary<FromExecutor> = fc.oneof(
  { weight: 6, arbitrary: end.map((of) => ({ type: 'taskEnded', end: of }) as const) },
  { weight: 1, arbitrary: fc.nat().map((taskId) => ({ type: 'taskStarted', taskId }) as const) },
);

/** As the channel delivers it, and with plain bytes: a Buffer is as good. */
function travelled(messages: readonly FromExecutor[]): FromExecutor[] {
  const arrived: FromExecutor[] = [];
  unpackMessages(deserialize(serialize(packMessages(messages))) as Packed[], (one) => arrived.push(one));
  for (const one of arrived) {
    const result = one.type === 'taskEnded' ? one.end.result : undefined;
    if (result && 'bytes' in result) result.bytes = Uint8Array.from(result.bytes);
  }
  return arrived;
}

test('what is unpacked is what was packed, in its order', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 60 }), (messages) => {
      expect(travelled(messages)).toEqual(messages);
    }),
  );
});

test('a thousand ordinary ends are one message of a hundred bytes each', () => {
  const messages = Array.from({ length: 1_000 }, (_, taskId): FromExecutor => {
    const ran = Object.assign(zeroMetrics(), { executorRunTime: 0.5, schedulerDelay: 0.1 });
    const result = { bytes: new Uint8Array(0) };
    return {
      type: 'taskEnded',
      end: {
        taskId,
        reason: { kind: 'success' },
        metrics: ran,
        startTime: 1,
        endTime: 2,
        result,
        rowsByRdd: [1],
      },
    };
  });
  const packed = packMessages(messages);
  expect(packed).toHaveLength(1);
  expect(serialize(packed).length).toBeLessThan(100_000);
});
