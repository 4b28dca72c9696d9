/** Ends of tasks that found the disk full are told when room was made; what their executor says meanwhile of the blocks that they bring comes behind them. */
import { expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import type { EngineEvent, TaskEndReason } from '../protocol.ts';
import type { BackendEvent, TaskLaunch } from './backend.ts';
import { lostTaskEnd } from './running-task.ts';
import { Scheduler } from './scheduler.ts';
import { TestExecutors } from './test-executors.ts';
import { cached, narrow, source } from './test-lineage.ts';

const FULL: TaskEndReason = {
  kind: 'exception',
  error: { code: 'NO_SPACE', name: 'StagelightError', message: 'full' },
};

class ToldExecutors extends TestExecutors {
  readonly sent: TaskLaunch[] = [];
  tell: (event: BackendEvent) => void = () => {};

  override start(listener: (event: BackendEvent) => void): void {
    this.tell = listener;
    super.start(listener);
  }

  override launchTasks(...args: Parameters<TestExecutors['launchTasks']>): void {
    this.sent.push(...args[2]);
    super.launchTasks(...args);
  }
}

test('what becomes of blocks before the end of their task is told comes behind it; that end and other blocks wait for nothing else', async () => {
  const room = Promise.withResolvers<void>();
  const executors = new ToldExecutors();
  const events: EngineEvent[] = [];
  const scheduler = new Scheduler({
    backend: executors,
    clock: new ManualClock(0),
    emit: (event) => events.push(event),
    finishPreparation: () => Uint8Array.of(1),
    makeRoom: () => room.promise,
  });
  executors.add();
  const nodes = [source(0, 3), cached(narrow(1, 0, 3)), narrow(2, 1, 3)];
  const { results } = scheduler.submitJob({
    ...{ nodes, closures: [], rddId: 2, partitions: [0] },
    ...{ action: { kind: 'collect' }, name: 'collect' },
  });
  const cachedBlocks = [0, 1].map((partition) => ({ rddId: 1, partition, bytes: 10, onDisk: false }));
  const block = { executorId: 'e0', rddId: 1 };
  const reason = 'memory';
  const told = () =>
    events.flatMap((event) =>
      event.type === 'blockCached' || event.type === 'blockEvicted'
        ? [`${event.type} ${event.partition}`]
        : [],
    );
  const end = { ...lostTaskEnd(executors.sent[0]!.taskId, FULL, 0), cachedBlocks };
  executors.tell({ type: 'taskEnded', executorId: 'e0', end });
  executors.tell({ type: 'blockEvicted', ...block, partition: 0, reason });
  executors.tell({ type: 'blockStored', ...block, partition: 1, bytes: 7, onDisk: true });
  executors.tell({ type: 'blockEvicted', ...block, partition: 2, reason });
  expect(told()).toEqual(['blockEvicted 2']);
  expect(executors.sent).toHaveLength(1);
  room.resolve();
  await room.promise;
  expect(told().slice(1)).toEqual(['blockCached 0', 'blockCached 1', 'blockEvicted 0', 'blockCached 1']);
  expect(executors.sent).toHaveLength(2);
  scheduler.stop();
  await expect(results).rejects.toMatchObject({ code: 'STOPPED' });
});
