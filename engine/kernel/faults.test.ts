/** Faults asked of a real kernel with real executor processes and files: answered, logged, and repaired by lineage. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Fault } from '../fault-protocol.ts';
import { TestKernel } from './test-kernel.ts';

let directory: string;
let kernel: TestKernel;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'stagelight-faults-'));
  kernel = new TestKernel(directory);
  const { status } = await kernel.run(`
    const sums = sc.range(0, 80, 1, 8).map((n): [number, number] => [n % 4, n]).reduceByKey((a, b) => a + b, 4);
    const total = async () => (await sums.values().sum());
    await total()`);
  expect(status).toBe('ok');
});

afterAll(async () => {
  await kernel.process.shutdown();
  rmSync(directory, { recursive: true, force: true });
});

const TOTAL = { status: 'ok', outputs: [{ kind: 'text', text: '3160' }] };

const inject = (fault: Fault) => kernel.process.fault({ type: 'injectFault', fault, by: 'Ada' });

/** Map partitions of stage 0 that were computed since an event, in its later attempts. */
const recomputed = (from: number) =>
  kernel.events
    .slice(from)
    .flatMap((event) =>
      event.type === 'taskEnd' && event.task.stageId === 0 && event.task.stageAttempt > 0
        ? [event.task.partition]
        : [],
    );

test('a dropped and a corrupted block are recomputed alone, with the same result', async () => {
  for (const kind of ['dropBlock', 'corruptBlock'] as const) {
    const from = kernel.events.length;
    expect(await inject({ kind, stageId: 0, partition: 5 })).toEqual({ ok: true });
    expect(await kernel.run('await total()')).toEqual(TOTAL);
    expect(recomputed(from)).toEqual([5]);
    expect(kernel.events.slice(from).find((event) => event.type === 'faultInjected')).toMatchObject({
      fault: { kind, stageId: 0, partition: 5 },
      by: 'Ada',
    });
  }
});

test('an executor that is killed from the page is a dead process, and another takes its place', async () => {
  const added = kernel.events.find((event) => event.type === 'executorAdded');
  if (added?.type !== 'executorAdded') throw new Error('no executor');
  const { executorId, pid } = added;
  expect(await inject({ kind: 'killExecutor', executorId })).toEqual({ ok: true });
  const removed = await kernel.until((events) => events.find((event) => event.type === 'executorRemoved'));
  expect(removed).toMatchObject({ executorId, code: 'killed', reason: 'killed from the page' });
  expect(() => process.kill(pid, 0)).toThrow();
  await kernel.until((events) =>
    events.filter((event) => event.type === 'executorAdded').length === 3 ? true : undefined,
  );
  expect(await kernel.run('await total()')).toEqual(TOTAL);
  expect(await inject({ kind: 'killExecutor', executorId })).toMatchObject({
    ok: false,
    error: { code: 'FAULT_EXECUTOR_GONE' },
  });
});

test('a slowed partition holds a real process, which answers and goes on when it is cleared', async () => {
  const stage = kernel.events.findLast((event) => event.type === 'stageSubmitted');
  if (stage?.type !== 'stageSubmitted') throw new Error('no stage');
  const { stageId } = stage.stage;
  const slowness = { delay: 600_000 };
  expect(await inject({ kind: 'slowPartition', stageId, partition: 3, slowness })).toEqual({ ok: true });
  const from = kernel.events.length;
  const runId = kernel.start('await total()');
  await kernel.until((events) =>
    events.slice(from).filter((event) => event.type === 'taskEnd').length === 3 ? true : undefined,
  );
  const ended = kernel.events
    .slice(from)
    .flatMap((event) => (event.type === 'taskEnd' ? [event.task.partition] : []));
  expect(ended.sort()).toEqual([0, 1, 2]);
  expect(await kernel.process.fault({ type: 'clearFaults' })).toEqual({ ok: true });
  expect(await kernel.end(runId)).toEqual(TOTAL);
  expect(await kernel.process.fault({ type: 'clearFaults' })).toMatchObject({
    ok: false,
    error: { code: 'FAULT_NOT_ACTIVE' },
  });
});
