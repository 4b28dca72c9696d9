/** The pool with real child processes that run a small script in place of an executor. No clock but a manual one. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../clock.ts';
import type { StagePlan } from '../rdd/plan.ts';
import type { BackendEvent } from '../scheduler/backend.ts';
import { executorDirectory } from '../shuffle/block-directory.ts';
import { eventually } from '../testing-eventually.ts';
import { ExecutorPool, type ExecutorPoolOptions } from './executor-pool.ts';
import { HUNG_AFTER_MS, PING_INTERVAL_MS, Pulse } from './executor-pool-health.ts';
import { GATHER_MS } from './executor-pool-output.ts';
import { taskFileName } from './task-file.ts';

/** What the stand-in does depends on the partition of the task. */
const SCRIPT = `
import { openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
let config;
const send = (...messages) => process.send(messages);
const metrics = {};
const end = (taskId, reason) => {
  send({ type: 'taskEnded', end: { taskId, reason, metrics, startTime: 0, endTime: 0 } });
  writeFileSync(config.taskFile + '.told', '');
};
const cancelled = (taskId) => new Float64Array(readFileSync(config.taskFile).buffer.slice(0, 8))[0] === taskId;
const stand = (number) => writeSync(openSync(config.taskFile, 'r+'), new Uint8Array(Float64Array.of(number, -number).buffer), 0, 16, 16);
const begin = stand;
const leave = (taskId) => stand(-2 - taskId);
const stages = new Map();
const closures = new Set();
function run({ taskId, partition }) {
  // It waits behind others.
  if (partition === 10) return;
  send({ type: 'taskStarted', taskId });
  switch (partition) {
    case 0: return end(taskId, { kind: 'success' });
    case 1: return setImmediate(() => process.exit(3));
    case 2: return process.nextTick(() => setTimeout(() => { while (!cancelled(taskId)) {} end(taskId, { kind: 'killed', reason: 'cancelled' }); }, 1));
    case 3: { const hold = []; setImmediate(() => { for (;;) hold.push(new Array(10000).fill(1.5)); }); return; }
    case 4: return setTimeout(() => { for (;;); }, 1);
    case 5: return;
    case 6: process.stdout.write('native text\\n'); return end(taskId, { kind: 'success' });
    case 7: return end(taskId, { kind: 'exception', error: { code: 'USER', name: 'Error', message: [...closures].join() } });
    case 8: return end(taskId, { kind: 'exception', error: { code: 'ENV', name: 'Error', message: process.env.POOL_SECRET ?? process.cwd() } });
    case 9: begin(taskId); process.exit(3);
    case 11: leave(taskId); process.exit(3);
  }
}
process.on('message', (message) => {
  switch (message.type) {
    case 'init': config = message.config; send({ type: 'ready', pid: process.pid }); break;
    case 'stage': stages.set(message.plan.stageId, message.plan); for (const c of message.closures) closures.add(c.id + '#' + closures.size); break;
    case 'forgetClosures': for (const id of message.ids) for (const c of closures) if (c.startsWith(id + '#')) closures.delete(c); break;
    case 'tasks': for (const task of message.tasks) run(task); break;
    case 'killTask': if (message.reason === 'late') { begin(message.taskId); for (;;); } break;
    case 'ping': send({ type: 'pong', id: message.id }); break;
    case 'shutdown': process.exit(0);
  }
});
process.on('disconnect', () => process.exit(0));
`;

const MB = 1024 * 1024;

class Events {
  readonly seen: BackendEvent[] = [];
  #waiting: { type: string; resolve: (event: BackendEvent) => void }[] = [];

  push(event: BackendEvent): void {
    const at = this.#waiting.findIndex((waiting) => waiting.type === event.type);
    if (at >= 0) this.#waiting.splice(at, 1)[0]!.resolve(event);
    else this.seen.push(event);
  }

  next<T extends BackendEvent['type']>(type: T): Promise<Extract<BackendEvent, { type: T }>> {
    const at = this.seen.findIndex((event) => event.type === type);
    if (at >= 0) return Promise.resolve(this.seen.splice(at, 1)[0] as Extract<BackendEvent, { type: T }>);
    return new Promise((resolve) =>
      this.#waiting.push({ type, resolve: resolve as (event: BackendEvent) => void }),
    );
  }
}

function plan(stageId: number, closureIds: string[] = []): StagePlan {
  return {
    stageId,
    attempt: 0,
    rddId: 0,
    nodes: [],
    output: { kind: 'result', action: { kind: 'count' } },
    shuffleInputs: [],
    prepared: {},
    closureIds,
    properties: {},
    jobId: 0,
  };
}

describe('ExecutorPool', () => {
  let root: string;
  let clock: ManualClock;
  let pool: ExecutorPool;
  let events: Events;
  let taskId = 0;

  function open(
    options: Pick<Partial<ExecutorPoolOptions>, 'entry' | 'executors' | 'clock' | 'engine'> = {},
  ): void {
    const blockDirectory = join(root, 'blocks');
    mkdirSync(blockDirectory, { recursive: true });
    pool = new ExecutorPool({
      executors: options.executors ?? 1,
      memory: 64 * MB,
      blockDirectory,
      workingDirectory: root,
      clock: options.clock ?? clock,
      entry: options.entry ?? join(root, 'stand-in.mjs'),
      readProcess: () => ({ cpu: 7, state: 'S' }),
      ...(options.engine && { engine: options.engine }),
    });
    pool.start((event) => events.push(event));
  }

  function launch(executorId: string, partition: number, closureIds: string[] = [], stageId = 0): number {
    const id = taskId++;
    const task = { taskId: id, index: 0, partition, attempt: 0 };
    pool.launchTasks(executorId, plan(stageId, closureIds), [task], (closure) => ({
      id: closure,
      bytes: new Uint8Array(),
    }));
    return id;
  }

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'executor-pool-'));
    writeFileSync(join(root, 'stand-in.mjs'), SCRIPT);
    clock = new ManualClock(1_000);
    events = new Events();
    taskId = 0;
  });

  afterEach(async () => {
    await pool.stop();
    rmSync(root, { recursive: true, force: true });
  });

  it('runs tasks in its working directory, without the variables of its parent', async () => {
    process.env['POOL_SECRET'] = 'secret';
    open();
    delete process.env['POOL_SECRET'];
    const { executorId } = await events.next('executorAdded');
    launch(executorId, 0);
    expect((await events.next('taskEnded')).end.reason).toEqual({ kind: 'success' });
    launch(executorId, 8);
    expect((await events.next('taskEnded')).end.reason).toMatchObject({ error: { message: root } });
  });

  it('sends a closure once per executor, however many stages use it', async () => {
    open();
    const { executorId } = await events.next('executorAdded');
    launch(executorId, 0, ['f', 'g'], 0);
    await events.next('taskEnded');
    launch(executorId, 7, ['g', 'h'], 1);
    expect((await events.next('taskEnded')).end.reason).toMatchObject({ error: { message: 'f#0,g#1,h#2' } });
  });

  it('has executors drop closures that nothing uses, and sends them again when something does', async () => {
    open();
    const { executorId } = await events.next('executorAdded');
    launch(executorId, 0, ['f', 'g'], 0);
    await events.next('taskEnded');
    pool.forgetClosures(['f', 'unknown']);
    launch(executorId, 7, ['g'], 1);
    expect((await events.next('taskEnded')).end.reason).toMatchObject({ error: { message: 'g#1' } });
    launch(executorId, 7, ['f', 'g'], 2);
    expect((await events.next('taskEnded')).end.reason).toMatchObject({ error: { message: 'g#1,f#1' } });
  });

  it('blames an exit on the task that was running, and replaces the executor', async () => {
    open();
    const { executorId, slot } = await events.next('executorAdded');
    const id = launch(executorId, 1);
    const removed = await events.next('executorRemoved');
    expect(removed).toMatchObject({ executorId, code: 'exit', runningTaskId: id, causedByTask: true });
    expect(removed.error?.message).toBe(`executor ${executorId} exited with code 3`);
    const replacement = await events.next('executorAdded');
    expect(replacement.slot).toBe(slot);
    expect(replacement.executorId).not.toBe(executorId);
  });

  it('blames the task that the executor had begun, though it had not told of the end of the one before', async () => {
    open();
    const { executorId } = await events.next('executorAdded');
    launch(executorId, 5);
    const id = launch(executorId, 9);
    expect(await events.next('executorRemoved')).toMatchObject({ runningTaskId: id, causedByTask: true });
  });

  it('blames no task that the executor had left, nor one whose end it had not told of', async () => {
    open();
    const { executorId } = await events.next('executorAdded');
    launch(executorId, 5);
    launch(executorId, 11);
    expect(await events.next('executorRemoved')).toMatchObject({ runningTaskId: null, causedByTask: true });
  });

  it('removes what an ended executor kept on disk', async () => {
    open();
    const { executorId } = await events.next('executorAdded');
    const kept = executorDirectory(join(root, 'blocks'), executorId);
    mkdirSync(kept);
    writeFileSync(join(kept, 'rdd_0_0'), 'rows');
    launch(executorId, 1);
    await events.next('executorRemoved');
    await eventually(() => expect(existsSync(kept)).toBe(false));
  });

  it('removes what the tasks of an ended executor had written and not told of', async () => {
    open();
    const { executorId } = await events.next('executorAdded');
    const blocks = join(root, 'blocks');
    const id = launch(executorId, 1);
    const others = [`shuffle_0_0_${id + 1000}.data`, `shuffle_0_${id}_${id + 1000}.index`, `broadcast_${id}`];
    const its = [`shuffle_0_7_${id}.data.tmp`, `shuffle_0_7_${id}.index`, `taskresult_${id}`];
    for (const name of [...others, ...its]) writeFileSync(join(blocks, name), 'bytes');
    await events.next('executorRemoved');
    await eventually(() => expect(its.filter((name) => existsSync(join(blocks, name)))).toEqual([]));
    expect(others.filter((name) => !existsSync(join(blocks, name)))).toEqual([]);
  });

  it('names the memory limit when V8 runs out of it, and keeps its crash text from the cell', async () => {
    open();
    const { executorId } = await events.next('executorAdded');
    launch(executorId, 3);
    const removed = await events.next('executorRemoved');
    expect(removed).toMatchObject({ code: 'oom', causedByTask: true });
    expect(removed.error).toMatchObject({
      code: 'EXECUTOR_OUT_OF_MEMORY',
      message: `executor ${executorId} ran out of memory: its limit is 64 MB (--executor-memory)`,
    });
    expect(events.seen.filter((event) => event.type === 'taskOutput')).toEqual([]);
  });

  it('does not blame a task for a kill from outside or on request', async () => {
    open({ executors: 2 });
    const first = await events.next('executorAdded');
    const second = await events.next('executorAdded');
    launch(first.executorId, 5);
    process.kill(first.pid, 'SIGKILL');
    expect(await events.next('executorRemoved')).toMatchObject({ code: 'signal', causedByTask: false });
    pool.killExecutor(second.executorId);
    expect(await events.next('executorRemoved')).toMatchObject({ code: 'killed', causedByTask: false });
  });

  it('cancels a synchronous task by the task file', async () => {
    open();
    const { executorId } = await events.next('executorAdded');
    const id = launch(executorId, 2);
    pool.killTask(executorId, id, 'job cancelled', 1_000);
    // It hears that it is to stop, not why: that we know here.
    expect((await events.next('taskEnded')).end.reason).toEqual({ kind: 'killed', reason: 'job cancelled' });
  });

  it('kills the executor of a task that does not stop within its grace', async () => {
    open();
    const { executorId } = await events.next('executorAdded');
    const id = launch(executorId, 4);
    pool.killTask(executorId, id, 'job cancelled', 1_000);
    clock.advance(1_000);
    // One event: what came between the end of the task and that of its executor would be handed to an executor that is gone.
    const ended = { code: 'killed', causedByTask: false, runningTaskId: id, stopped: 'job cancelled' };
    expect(await events.next('executorRemoved')).toMatchObject(ended);
    await events.next('executorAdded');
  });

  /** As a process that gets no processor: the end of a task has come, and was not read. */
  function holdUntilTold(executorId: string): void {
    const told = join(root, 'blocks', `${taskFileName(executorId)}.told`);
    while (!existsSync(told)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }

  it('hears what came while this process was kept from the processor before it kills for not stopping', async () => {
    open();
    const { executorId } = await events.next('executorAdded');
    const id = launch(executorId, 2);
    pool.killTask(executorId, id, 'job cancelled', 1_000);
    holdUntilTold(executorId);
    clock.advance(1_000);
    expect((await events.next('taskEnded')).end.reason).toEqual({ kind: 'killed', reason: 'job cancelled' });
    launch(executorId, 0);
    expect((await Promise.race([events.next('taskEnded'), events.next('executorRemoved')])).type).toBe(
      'taskEnded',
    );
  });

  it('hands no tasks to an executor that was killed, and whose task has ended just before', async () => {
    open();
    const { executorId } = await events.next('executorAdded');
    launch(executorId, 0);
    holdUntilTold(executorId);
    pool.killExecutor(executorId);
    expect((await Promise.race([events.next('taskEnded'), events.next('executorRemoved')])).type).toBe(
      'executorRemoved',
    );
  });

  it('kills the executor of a queued task that began before it heard of its end, and never told', async () => {
    open();
    const { executorId } = await events.next('executorAdded');
    launch(executorId, 5);
    const id = launch(executorId, 10);
    pool.killTask(executorId, id, 'late', 1_000);
    const written = () => readFileSync(join(root, 'blocks', taskFileName(executorId)));
    await eventually(() => expect(new Float64Array(new Uint8Array(written()).buffer)[2]).toBe(id));
    clock.advance(PING_INTERVAL_MS);
    clock.advance(1_000);
    expect(await events.next('executorRemoved')).toMatchObject({
      code: 'killed',
      runningTaskId: id,
      stopped: 'late',
    });
  });

  it('replaces a stopped executor that has work and gives no sign of life', async () => {
    open();
    const { executorId, pid } = await events.next('executorAdded');
    process.kill(pid, 'SIGSTOP');
    const id = launch(executorId, 5);
    for (let at = 0; at <= HUNG_AFTER_MS + PING_INTERVAL_MS; at += PING_INTERVAL_MS)
      clock.advance(PING_INTERVAL_MS);
    expect(await events.next('executorRemoved')).toMatchObject({
      code: 'hung',
      reason: 'hung: no answer and no CPU time for 10 s',
      runningTaskId: id,
    });
    await events.next('executorAdded');
  });

  it('passes on what native code writes to the pipes', async () => {
    open();
    const { executorId } = await events.next('executorAdded');
    launch(executorId, 6);
    await events.next('taskEnded');
    pool.killExecutor(executorId);
    expect(await events.next('taskOutput')).toMatchObject({
      stream: 'stdout',
      text: 'native text\n',
      dropped: 0,
    });
  });

  it('starts no executor of another version of the engine, says why, and starts it when the files are back', async () => {
    let changed: string | undefined;
    open({ executors: 2, engine: { changed: () => changed } });
    const first = await events.next('executorAdded');
    const second = await events.next('executorAdded');
    changed = '/engine/context.ts';
    pool.killExecutor(first.executorId);
    const { text } = await events.next('taskOutput');
    expect(text).toBe(
      'an executor ended and cannot be replaced: /engine/context.ts is another version than the one this kernel runs. ' +
        'The others go on. Restart the kernel to use the version that is installed now; its variables are lost.\n',
    );
    pool.killExecutor(second.executorId);
    const { error } = await events.next('executorsUnavailable');
    expect(error.code).toBe('ENGINE_CHANGED');
    clock.advance(5_000);
    await events.next('executorsUnavailable');
    expect(events.seen.filter(({ type }) => type === 'executorAdded' || type === 'taskOutput')).toEqual([]);
    changed = undefined;
    clock.advance(5_000);
    await events.next('executorAdded');
    await events.next('executorAdded');
  });

  it('backs off and says so when no executor can be started', async () => {
    writeFileSync(join(root, 'broken.mjs'), 'throw new Error("no such module");');
    const waits: number[] = [];
    open({
      entry: join(root, 'broken.mjs'),
      clock: {
        now: () => 0,
        after(ms, callback) {
          // Back-offs pass at once; pings never come.
          if (ms !== PING_INTERVAL_MS) {
            waits.push(ms);
            queueMicrotask(callback);
          }
          return () => {};
        },
      },
    });
    const { error } = await events.next('executorsUnavailable');
    expect(error.message).toMatch(
      /^no executor could be started in 5 attempts: the last exited with code 1: .*no such module/,
    );
    expect(waits.filter((ms) => ms !== GATHER_MS).slice(0, 4)).toEqual([100, 200, 400, 800]);
  });
});

describe('Pulse', () => {
  const idle = { cpu: 5, state: 'S' };

  it('leaves a busy computation alone and finds a blocked one', () => {
    const pulse = new Pulse(0);
    let cpu = 0;
    for (let now = 0; now < 60_000; now += 2_000)
      expect(pulse.isHung(now, true, { cpu: cpu++, state: 'R' })).toBe(false);
    const verdicts = [];
    for (let now = 60_000; now <= 74_000; now += 2_000) verdicts.push(pulse.isHung(now, true, idle));
    expect(verdicts).toEqual([false, false, false, false, false, true, true, true]);
  });

  it('counts a stopped process as hung even when its CPU time differs', () => {
    const pulse = new Pulse(0);
    pulse.isHung(0, true, { cpu: 1, state: 'T' });
    expect(pulse.isHung(10_000, true, { cpu: 2, state: 'T' })).toBe(true);
  });
});
