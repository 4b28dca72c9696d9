/** Ends of tasks that found the disk full are told when room was made; what their executor says meanwhile comes behind them. */
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

test('a block that is evicted before the end of its task is told is not taken for cached', async () => {
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
  const nodes = [source(0, 1), cached(narrow(1, 0, 1)), narrow(2, 1, 1)];
  const { results } = scheduler.submitJob({
    ...{ nodes, closures: [], rddId: 2, partitions: [0] },
    ...{ action: { kind: 'collect' }, name: 'collect' },
  });
  const cachedBlocks = [{ rddId: 1, partition: 0, bytes: 10, onDisk: false }];
  const end = { ...lostTaskEnd(executors.sent[0]!.taskId, FULL, 0), cachedBlocks };
  executors.tell({ type: 'taskEnded', executorId: 'e0', end });
  executors.tell({ type: 'blockEvicted', executorId: 'e0', rddId: 1, partition: 0, reason: 'memory' });
  room.resolve();
  await room.promise;
  const blocks = events.filter(({ type }) => type === 'blockCached' || type === 'blockEvicted');
  expect(blocks.map(({ type }) => type)).toEqual(['blockCached', 'blockEvicted']);
  scheduler.stop();
  await expect(results).rejects.toMatchObject({ code: 'STOPPED' });
});
