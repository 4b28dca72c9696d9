import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { captureClosure } from '../closure/capture.ts';
import type { CellScope } from '../closure/closure.ts';
import { compileCell } from '../closure/compile-cell.ts';
import type { ActionSpec } from '../rdd/operator.ts';
import type { ClosureBlob, StagePlan } from '../rdd/plan.ts';
import type { BackendEvent } from '../scheduler/backend.ts';
import { decodeRows } from '../storage/row-codec.ts';
import { InProcessBackend } from './in-process-backend.ts';
import { Lineage } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'stagelight-backend-'));
let backend: InProcessBackend;
let events: BackendEvent[];
let wake: () => void;

beforeEach(async () => {
  events = [];
  wake = () => {};
  const blockDirectory = join(folder, 'blocks');
  backend = new InProcessBackend({ executors: 2, blockDirectory, workingDirectory: folder });
  backend.start((event) => {
    events.push(event);
    wake();
  });
  await until(() => events.filter((event) => event.type === 'executorAdded').length === 2 || undefined);
});
afterEach(async () => {
  await backend.stop();
  expect(existsSync(join(folder, 'blocks'))).toBe(false);
  rmSync(folder, { recursive: true, force: true });
});

async function until<T>(find: () => T | undefined): Promise<T> {
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

const ended = (taskId: number) =>
  until(() => events.flatMap((e) => (e.type === 'taskEnded' && e.end.taskId === taskId ? [e.end] : []))[0]);

async function stage(
  source: string,
  action: ActionSpec,
): Promise<{ plan: StagePlan; closure: () => ClosureBlob }> {
  const scope: CellScope = {};
  const cell = compileCell(`const fn = ${source}`, {
    cellId: 'a',
    file: join(folder, 'n.ts'),
    scopeNames: [],
  });
  await cell.run(scope, () => {});
  const blob = captureClosure(scope['fn'] as () => void, 'map');
  const lineage = new Lineage();
  const mapped = lineage.over(
    lineage.data([[1, 2], [3]]),
    { kind: 'map', fn: blob.id },
    { closures: [blob.id] },
  );
  return {
    plan: { ...lineage.plan(mapped, { kind: 'result', action }), closureIds: [blob.id] },
    closure: () => blob,
  };
}

const tasks = [0, 1].map((partition) => ({ taskId: partition, index: partition, partition, attempt: 0 }));

test('tasks run on simulated executors with shipped closures', async () => {
  const { plan, closure } = await stage('(x) => x * 10', { kind: 'collect' });
  backend.launchTasks('1', plan, tasks, closure);
  const end = await ended(1);
  expect(end.result !== undefined && 'bytes' in end.result && decodeRows(end.result.bytes)).toEqual([30]);
});

test('a waiting task is killed, the queued one dropped', async () => {
  const { plan, closure } = await stage('() => new Promise(() => {})', { kind: 'collect' });
  backend.launchTasks('0', plan, tasks, closure);
  backend.killTask('0', 1, 'job cancelled');
  expect((await ended(1)).reason).toEqual({ kind: 'killed', reason: 'job cancelled' });
  await new Promise((resolve) => setImmediate(resolve));
  backend.killTask('0', 0, 'job cancelled');
  expect((await ended(0)).reason).toEqual({ kind: 'killed', reason: 'job cancelled' });
});

test('output is committed when control allows it', async () => {
  const { plan, closure } = await stage('(x) => x', {
    kind: 'saveAsFile',
    directory: 'out',
    format: { kind: 'text' },
  });
  mkdirSync(join(folder, 'out'));
  backend.launchTasks('0', plan, tasks, closure);
  await until(() => events.find((event) => event.type === 'commitRequest' && event.taskId === 0));
  backend.answerCommit('0', 0, true);
  await until(() => events.find((event) => event.type === 'commitRequest' && event.taskId === 1));
  backend.answerCommit('0', 1, false);
  expect((await ended(0)).reason).toEqual({ kind: 'success' });
  expect((await ended(1)).reason.kind).toBe('commitDenied');
  expect(readFileSync(join(folder, 'out', 'part-00000'), 'utf8')).toBe('1\n2\n');
  expect(existsSync(join(folder, 'out', 'part-00001'))).toBe(false);
});

test('a killed executor falls silent and is replaced', async () => {
  const { plan, closure } = await stage('(x) => x', { kind: 'count' });
  backend.launchTasks('0', plan, tasks, closure);
  backend.killExecutor('0');
  await until(() => events.find((event) => event.type === 'executorAdded' && event.executorId === '2'));
  backend.launchTasks('2', plan, tasks, closure);
  await ended(1);
  expect(events.filter((event) => event.type === 'taskEnded').map((event) => event.executorId)).toEqual([
    '2',
    '2',
  ]);
  expect(events).toContainEqual({
    type: 'executorRemoved',
    executorId: '0',
    code: 'killed',
    reason: 'killed on request',
  });
});
