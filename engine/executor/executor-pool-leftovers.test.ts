/** Folders and copies of executors that have gone; stand-ins tell what they are asked. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import type { StagePlan } from '../rdd/plan.ts';
import type { BackendEvent } from '../scheduler/backend.ts';
import { executorDirectory } from '../shuffle/block-directory.ts';
import { eventually } from '../testing-eventually.ts';
import { ExecutorPool } from './executor-pool.ts';

const STAND_IN = `
const say = (text) => process.send([{ type: 'taskOutput', taskId: -1, stream: 'stdout', text, dropped: 0 }]);
process.on('message', (message) => {
  if (message.type === 'init') process.send([{ type: 'ready', pid: process.pid }]);
  if (message.type === 'dropReplicasOf') say('dropReplicasOf ' + message.executorId);
  if (message.type === 'tasks') {
    const cachedBlocks = [{ rddId: 0, partition: 0, bytes: 1, onDisk: false, replicas: ['7', '1'] }];
    const end = { taskId: 0, reason: { kind: 'success' }, metrics: {}, startTime: 0, endTime: 0, cachedBlocks };
    process.send([{ type: 'taskEnded', end }]);
  }
});
process.on('disconnect', () => process.exit(0));
`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pool-leftovers-'));
  mkdirSync(join(root, 'blocks'));
  writeFileSync(join(root, 'stand-in.mjs'), STAND_IN);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('what an executor leaves goes: its folder, its copies elsewhere, and folders that copies made again', async () => {
  const blockDirectory = join(root, 'blocks');
  const folder = (executorId: string) => executorDirectory(blockDirectory, executorId);
  const events: BackendEvent[] = [];
  const pool = new ExecutorPool({
    ...{ executors: 2, memory: 1 << 26, blockDirectory, workingDirectory: root, clock: new ManualClock(0) },
    entry: join(root, 'stand-in.mjs'),
  });
  pool.start((event) => events.push(event));
  const saw = (find: (event: BackendEvent) => boolean) =>
    eventually(() => expect(events.some(find)).toBe(true));
  const gone = (executorId: string) => eventually(() => expect(existsSync(folder(executorId))).toBe(false));
  for (const id of ['0', '1'])
    await saw((event) => event.type === 'executorAdded' && event.executorId === id);
  for (const id of ['0', '1', '7']) mkdirSync(folder(id));
  pool.killExecutor('0');
  await saw(
    (event) => event.type === 'taskOutput' && event.text === 'dropReplicasOf 0' && event.executorId === '1',
  );
  await gone('0');
  await gone('7');
  mkdirSync(folder('7'));
  const task = { taskId: 0, index: 0, partition: 0, attempt: 0 };
  pool.launchTasks('1', { stageId: 0, attempt: 0, closureIds: [] } as unknown as StagePlan, [task], () => {
    throw new Error('no closures');
  });
  await gone('7');
  expect(existsSync(folder('1'))).toBe(true);
  await pool.stop();
});
