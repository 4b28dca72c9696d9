import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { captureClosure } from '../closure/capture.ts';
import type { CellScope } from '../closure/closure.ts';
import { compileCell } from '../closure/compile-cell.ts';
import type { ActionSpec, Operator } from '../rdd/operator.ts';
import type { ClosureBlob } from '../rdd/plan.ts';
import type { TaskEnd } from '../scheduler/backend.ts';
import { decodeRows } from '../storage/row-codec.ts';
import { BROKEN_EXIT_CODE, type ExecutorConfig, type FromExecutor, type ToExecutor } from './messages.ts';
import { type Packed, unpackMessages } from './task-end-batch.ts';
import { Lineage } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'stagelight-executor-'));
const taskFile = join(folder, 'tasks');
afterAll(() => rmSync(folder, { recursive: true }));

/** The parent's side: sends messages, and waits for what comes back. */
class Parent {
  readonly process: ChildProcess;
  readonly received: FromExecutor[] = [];
  #waiting: (() => void)[] = [];
  #exited: string | undefined;

  constructor(changed: Partial<ExecutorConfig> = {}) {
    writeFileSync(taskFile, new Uint8Array(8));
    const entry = fileURLToPath(new URL('./executor.ts', import.meta.url));
    this.process = fork(entry, { serialization: 'advanced', execArgv: [], silent: true });
    this.process.on('message', (messages: Packed[]) => {
      unpackMessages(messages, (message) => this.received.push(message));
      this.#wake();
    });
    this.process.on('exit', (code, signal) => {
      this.#exited = signal ?? String(code);
      this.#wake();
    });
    const config = {
      executorId: '3',
      slot: 0,
      blockDirectory: folder,
      memory: 1 << 28,
      workingDirectory: folder,
      taskFile,
      ...changed,
    };
    this.send({ type: 'init', config });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  send(message: ToExecutor): void {
    this.process.send(message);
  }

  async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (this.#exited !== undefined) throw new Error(`the executor ended with ${this.#exited}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  ended(taskId: number): Promise<TaskEnd> {
    return this.until(
      () =>
        this.received.flatMap((m) => (m.type === 'taskEnded' && m.end.taskId === taskId ? [m.end] : []))[0],
    );
  }

  started(taskId: number): Promise<FromExecutor> {
    return this.until(() => this.received.find((m) => m.type === 'taskStarted' && m.taskId === taskId));
  }

  exit(): Promise<string> {
    return new Promise((resolve) =>
      this.process.once('exit', (code, signal) => resolve(signal ?? String(code))),
    );
  }

  output(taskId: number): string {
    return this.received
      .flatMap((m) => (m.type === 'taskOutput' && m.taskId === taskId ? [m.text] : []))
      .join('');
  }
}

let parent: Parent;
let stages = 0;
beforeEach(() => {
  parent = new Parent();
});
afterEach(() => {
  parent.process.kill('SIGKILL');
});

/** One cell whose last expression is the function, as a user would write it. */
async function closure(source: string): Promise<ClosureBlob> {
  const scope: CellScope = {};
  const cell = compileCell(`const fn = ${source}`, {
    cellId: 'c1',
    file: join(folder, 'notebook.ts'),
    scopeNames: [],
  });
  await cell.run(scope, () => {});
  return captureClosure(scope['fn'] as () => void, 'map');
}

/** Sends a stage over the numbers 0 to 9 in `partitions` partitions and launches `taskIds`. */
async function launch(
  taskIds: number[],
  source: string,
  op: (fn: string) => Operator,
  action: ActionSpec = { kind: 'collect' },
): Promise<void> {
  const blob = await closure(source);
  const lineage = new Lineage();
  const range = lineage.node({ kind: 'range', start: 0, end: 10, step: 1 }, taskIds.length);
  const root = lineage.over(range, op(blob.id), { closures: [blob.id] });
  const plan = {
    ...lineage.plan(root, { kind: 'result', action }),
    closureIds: [blob.id],
    stageId: ++stages,
  };
  parent.send({ type: 'stage', plan, closures: [blob] });
  const tasks = taskIds.map((taskId, index) => ({ taskId, index, partition: index, attempt: 2 }));
  parent.send({ type: 'tasks', stageId: plan.stageId, stageAttempt: 0, tasks });
}

const map = (fn: string): Operator => ({ kind: 'map', fn });
const flatMap = (fn: string): Operator => ({ kind: 'flatMap', fn });

function rowsOf(end: TaskEnd): unknown[] {
  if (end.reason.kind !== 'success') throw new Error(JSON.stringify(end.reason));
  return end.result !== undefined && 'bytes' in end.result ? decodeRows(end.result.bytes) : [];
}

test('tasks run in order and report rows, metrics and output', async () => {
  await launch([1, 2], '(x) => { console.log("at %d", x); return x * 2; }', map);
  expect(rowsOf(await parent.ended(1))).toEqual([0, 2, 4, 6, 8]);
  const second = await parent.ended(2);
  expect(rowsOf(second)).toEqual([10, 12, 14, 16, 18]);
  expect(second.rowsByRdd).toEqual([5, 5]);
  expect(second.metrics.executorRunTime).toBeGreaterThan(0);
  expect(second.metrics.resultSize).toBeGreaterThan(0);
  expect(parent.output(2)).toBe('at 5\nat 6\nat 7\nat 8\nat 9\n');
});

test('a throw names the place in the cell, the task and the element', async () => {
  await launch([1], '(x) => {\n  if (x === 3) throw new TypeError("bad " + x);\n  return x;\n}', map);
  const { reason } = await parent.ended(1);
  expect(reason).toMatchObject({
    kind: 'exception',
    error: {
      code: 'USER',
      name: 'TypeError',
      message: 'bad 3',
      element: '3',
      position: { cellId: 'c1', line: 2, column: 22 },
      task: { stageId: stages, partition: 0, attempt: 2, executorId: '3' },
    },
  });
});

test('whatever is thrown, the reply comes through', async () => {
  await launch([1], '() => { throw undefined; }', map);
  expect((await parent.ended(1)).reason).toMatchObject({
    kind: 'exception',
    error: { message: 'thrown value: undefined' },
  });
  await launch([24], '() => { throw { code: "X", big: [1n] }; }', map);
  expect((await parent.ended(24)).reason).toMatchObject({
    error: { message: 'thrown value: {"code":"X","big":["1n"]}' },
  });
  await launch([25], '() => { throw 5n; }', map);
  expect((await parent.ended(25)).reason).toMatchObject({ error: { message: 'thrown value: 5n' } });
  await launch([2], '() => { throw { get message() { throw 1; }, stack: "" }; }', map);
  expect((await parent.ended(2)).reason.kind).toBe('exception');
  await launch([3], '() => { throw Object.assign(new Error("with a function"), { f: () => 1 }); }', map);
  expect((await parent.ended(3)).reason).toMatchObject({ error: { message: 'with a function' } });
  await launch([4], '(x) => () => x', map);
  expect((await parent.ended(4)).reason).toMatchObject({
    fatal: true,
    error: { code: 'ROW_NOT_SERIALIZABLE' },
  });
  await launch([5], '(x) => x', map);
  expect(rowsOf(await parent.ended(5))).toHaveLength(10);
});

test('a synchronous loop stops when the task file names it', async () => {
  await launch([8], 'function* () { for (let i = 0; ; i++) yield i; }', flatMap, { kind: 'count' });
  await parent.started(8);
  writeFileSync(taskFile, new Uint8Array(Float64Array.of(8).buffer));
  expect((await parent.ended(8)).reason).toEqual({ kind: 'killed', reason: 'cancelled' });
});

test('the file names the task that was begun last', async () => {
  await launch([4, 9], '(x) => x', map);
  await parent.ended(9);
  const numbers = new Float64Array(new Uint8Array(readFileSync(taskFile)).buffer);
  expect([...numbers.subarray(2)]).toEqual([9, -9]);
});

test('a waiting task and a queued one stop by message', async () => {
  await launch([1, 2, 3], '(x) => (x === 0 ? new Promise(() => {}) : x)', map);
  await parent.started(1);
  parent.send({ type: 'killTask', taskId: 2, reason: 'not wanted' });
  expect((await parent.ended(2)).reason).toEqual({ kind: 'killed', reason: 'not wanted' });
  parent.send({ type: 'killTask', taskId: 1, reason: 'too slow' });
  expect((await parent.ended(1)).reason).toEqual({ kind: 'killed', reason: 'too slow' });
  expect(rowsOf(await parent.ended(3))).toEqual([6, 7, 8, 9]);
});

test('an unhandled rejection and a throw in a timer fail the task, not the process', async () => {
  await launch(
    [1],
    '(x) => { if (x === 4) Promise.reject(new RangeError("nobody listens")); return x; }',
    map,
  );
  expect((await parent.ended(1)).reason).toMatchObject({ kind: 'exception', error: { name: 'RangeError' } });
  const timer =
    'async (x) => { setTimeout(() => { throw new Error("in a timer"); }); await new Promise(() => {}); }';
  await launch([2], timer, map);
  expect((await parent.ended(2)).reason).toMatchObject({
    kind: 'exception',
    error: { message: 'in a timer' },
  });
  await launch([3], '(x) => x', map);
  expect(rowsOf(await parent.ended(3))).toHaveLength(10);
});

test('what a task has left behind fails no other that has come through', async () => {
  const leaves =
    '(x) => { new Promise((resolve) => { globalThis.throwLater = resolve; }).then(() => { throw new Error("left behind"); }); return x; }';
  await launch([1], leaves, map);
  rowsOf(await parent.ended(1));
  // Its listener throws when this task has ended and its end has not left.
  await launch([2, 3], '(x) => { globalThis.throwLater(); return x; }', map);
  expect(rowsOf(await parent.ended(2))).toHaveLength(5);
  expect(rowsOf(await parent.ended(3))).toHaveLength(5);
  expect(parent.output(2)).toContain('Error: left behind (after the task had ended)');
});

test('output is bounded and what was dropped is counted', async () => {
  await launch([1], '(x) => { process.stdout.write("é".repeat(10_000)); return x; }', map);
  await parent.ended(1);
  const sent = parent.received.filter((m) => m.type === 'taskOutput');
  expect(sent.reduce((sum, m) => sum + m.text.length, 0)).toBe(64 * 1024);
  expect(sent.reduce((sum, m) => sum + m.dropped, 0)).toBe(100_000 - 64 * 1024);
});

test('process.exit ends the process after its last output has left', async () => {
  const exit = parent.exit();
  await launch([1], '() => { console.error("going"); process.exit(5); }', map);
  expect(await exit).toBe('5');
  expect(parent.output(1)).toBe('going\n');
});

test('tasks can ask which partition they are', async () => {
  const context =
    '() => { const c = globalThis.TaskContext.get(); return [c.partitionId(), c.attemptNumber(), c.taskAttemptId()]; }';
  await launch([5, 6], context, map, { kind: 'take', n: 1 });
  expect(rowsOf(await parent.ended(6))).toEqual([[1, 2, 6]]);
});

test.each([
  ['its working directory is gone', { workingDirectory: join(folder, 'gone') }, 'ENOENT'],
  ['its task file is gone', { taskFile: join(folder, 'gone') }, 'ENOENT'],
])('it ends at once and says why when %s', async (_, changed, why) => {
  const broken = new Parent(changed);
  let words = '';
  broken.process.stderr!.on('data', (text) => {
    words += text;
  });
  const closed = new Promise((resolve) => broken.process.once('close', resolve));
  expect(await broken.exit()).toBe(String(BROKEN_EXIT_CODE));
  await closed;
  expect(words).toMatch(/^the executor cannot go on: Error: /);
  expect(words).toContain(why);
  expect(broken.received).toEqual([]);
});
