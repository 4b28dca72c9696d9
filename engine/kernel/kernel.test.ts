/** Real kernel processes: what cells and jobs do in them, interrupts, and how kernels end. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lossReason } from './kernel-loss.ts';
import { kernelEnvironment } from './kernel-process.ts';
import { errorOf, stdout, TestKernel } from './test-kernel.ts';

let directory: string;
let kernel: TestKernel;

function startKernel(): void {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'kernel-test-')));
  kernel = new TestKernel(directory);
}

async function endKernel(): Promise<void> {
  await kernel.process.shutdown();
  rmSync(directory, { recursive: true, force: true });
}

describe('cells', () => {
  beforeEach(startKernel);
  afterEach(endKernel);

  test('share variables, may redeclare them, and show their last expression', async () => {
    expect(await kernel.run('const words: string[] = ["b", "a"];\nlet n = 1')).toEqual({
      status: 'ok',
      outputs: [],
    });
    expect(await kernel.run('const n = words.sort().join() + args.join();\nn')).toEqual({
      status: 'ok',
      outputs: [{ kind: 'text', text: 'a,bone,two' }],
    });
  });

  test('a first cell without a job has its result before there are executors, which then start by themselves', async () => {
    await kernel.run('6 * 7');
    await kernel.until((all) => all.filter(({ type }) => type === 'executorAdded').length === 2 || undefined);
    const types = kernel.events.map(({ type }) => type);
    expect(types).toContain('cellOutput');
    expect(types.indexOf('cellOutput')).toBeLessThan(types.indexOf('executorAdded'));
  });

  test('a job starts the executors, also from a first cell that does not name the context', async () => {
    const { outputs } = await kernel.run("await globalThis['s' + 'c'].range(0, 5, 1, 2).count()");
    expect(outputs).toEqual([{ kind: 'text', text: '5' }]);
  });

  test('what is asked of executors before there are any is refused or has nothing to do, and ends well', async () => {
    const runId = kernel.start("console.log('here'); await new Promise(() => {})");
    await kernel.printed(runId, 'here');
    kernel.process.send({ type: 'killExecutor', executorId: '0' });
    kernel.process.send({ type: 'cancelJob', jobId: 0 });
    kernel.process.send({ type: 'interrupt' });
    expect((await kernel.end(runId)).status).toBe('interrupted');
    const fault = { kind: 'killExecutor', executorId: '7' } as const;
    expect(await kernel.process.fault({ type: 'injectFault', fault })).toMatchObject({
      ok: false,
      error: { code: 'FAULT_EXECUTOR_GONE' },
    });
    expect(await kernel.run('await sc.range(0, 5, 1, 2).count()')).toMatchObject({ status: 'ok' });
  });

  test('a kernel that ends before there are executors starts none', async () => {
    const latch = join(directory, 'latch');
    const runId = kernel.start(`
      const { existsSync } = await import('node:fs');
      console.log('here');
      while (!existsSync(${JSON.stringify(latch)})) await new Promise((later) => setTimeout(later, 5));
      1`);
    await kernel.printed(runId, 'here');
    const drained = kernel.process.drain();
    // Questions are answered in their turn: by then the kernel knows that it is to end.
    await kernel.process.inspect({ name: 'existsSync', path: [], offset: 0 });
    writeFileSync(latch, '');
    expect(await drained).toBe(0);
    await kernel.exited;
    expect((await kernel.end(runId)).status).toBe('ok');
    expect(kernel.events.at(-1)!.type).toBe('applicationEnd');
    expect(kernel.events.some(({ type }) => type === 'executorAdded')).toBe(false);
  });

  test('print in order with what they display, and while synchronous code runs', async () => {
    const runId = kernel.start(`
      const flag = new Int32Array(new SharedArrayBuffer(4));
      console.log('first'); display([{ a: 1 }]); process.stdout.write('second\\n'); console.error('third');
      console.log('waiting'); Atomics.wait(flag, 0, 0)`);
    await kernel.printed(runId, 'waiting');
    const kinds = kernel
      .outputs(runId)
      .map((output) => (output.kind === 'stream' ? output.text : output.kind));
    expect(kinds.join('|')).toBe('first\n|table|second\n|third\n|waiting\n');
    kernel.process.send({ type: 'interrupt' });
    expect((await kernel.end(runId)).status).toBe('interrupted');
  });

  test('run in the folder of the notebook, without the environment of the host', async () => {
    const { outputs } = await kernel.run('[process.cwd(), process.env.VITEST ?? "none"].join()');
    expect(outputs).toEqual([{ kind: 'text', text: `${directory},none` }]);
  });

  test('fail at their own line and column, under the name of their class', async () => {
    const error = errorOf(await kernel.run('const a = 1;\n\n  null.x'));
    expect(error).toMatchObject({ code: 'USER', name: 'TypeError', position: { cellId: 'c1', line: 3 } });
    const syntax = errorOf(await kernel.run('const a = ;'));
    expect(syntax.position).toMatchObject({ cellId: 'c2', line: 1, column: 11 });
    await kernel.run('class QuotaExceeded extends RangeError {}');
    const here = errorOf(await kernel.run("throw new QuotaExceeded('5 GB')"));
    expect(here).toMatchObject({ name: 'QuotaExceeded', message: '5 GB' });
    const inTask = errorOf(
      await kernel.run("await sc.range(1).foreach(() => { throw new QuotaExceeded('6 GB') })"),
    );
    expect(inTask.message).toMatch(/last failure on executor \d+: QuotaExceeded: 6 GB$/);
  });

  test('a thrown proxy that refuses every question still ends the cell', async () => {
    const hostile = 'new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })';
    expect(errorOf(await kernel.run(`throw ${hostile}`)).message).toMatch(/cannot be read/);
    const inTask = await kernel.run(`await sc.range(1).foreach(() => { throw ${hostile} })`);
    expect(errorOf(inTask).message).toMatch(/cannot be read/);
  });

  test('the names of every cell mean in a closure what they mean in a cell, or are refused', async () => {
    const { outputs } = await kernel.run(
      'await sc.range(2).map(async (n) => { await sleep(1); return [args.length, TaskContext.get().attemptNumber()] }).first()',
    );
    expect(outputs).toEqual([{ kind: 'text', text: '[ 2, 0 ]' }]);
    const refused = errorOf(await kernel.run('sc.range(2).map((n) => sc.range(n))'));
    expect(refused).toMatchObject({ code: 'CLOSURE_CAPTURE', position: { line: 1, column: 24 } });
    expect(errorOf(await kernel.run('sc.range(2).foreach((n) => display(n))')).message).toMatch(
      /"display" is the display/,
    );
  });

  test('a process.exit is refused by name and ends nothing', async () => {
    expect(errorOf(await kernel.run('process.exit(1)')).code).toBe('PROCESS_EXIT');
    expect((await kernel.run('1')).status).toBe('ok');
  });

  test('an unhandled rejection or a throwing timer is reported in the cell that caused it, also after its end', async () => {
    const first = kernel.start(
      'setTimeout(() => { throw new Error("late") }, 1); sleep(1).then(() => { throw new Error("unhandled") }); 1',
    );
    expect((await kernel.end(first)).status).toBe('ok');
    const messages = () =>
      kernel.outputs(first).flatMap((output) => (output.kind === 'error' ? [output.error.message] : []));
    expect(await kernel.run('"second"')).toEqual({
      status: 'ok',
      outputs: [{ kind: 'text', text: 'second' }],
    });
    await kernel.until(() => (messages().length === 2 ? true : undefined));
    expect(messages().sort()).toEqual(['late', 'unhandled']);
    expect((await kernel.run('Promise.reject(new Error("at once")); 1')).status).toBe('error');
  });
});

describe('jobs', () => {
  beforeEach(startKernel);
  afterEach(endKernel);

  test('count the words of a file', async () => {
    writeFileSync(join(directory, 'words.txt'), 'a b\nb c b\n'.repeat(1000));
    const { status, outputs } = await kernel.run(`
      const counts = sc.textFile('words.txt', 4)
        .flatMap((line) => line.split(' '))
        .map((word): [string, number] => [word, 1])
        .reduceByKey((a, b) => a + b);
      (await counts.collect()).sort()`);
    expect({ status, outputs }).toMatchObject({
      status: 'ok',
      outputs: [
        {
          kind: 'table',
          rows: [
            ['a', 1000],
            ['b', 3000],
            ['c', 1000],
          ],
        },
      ],
    });
    expect(kernel.events.filter((event) => event.type === 'stageCompleted')).toHaveLength(2);
  });

  test('cannot speak to the kernel in the name of their executor', async () => {
    const { outputs } = await kernel.run(`
      await sc.range(0, 4, 1, 4).map((n) => {
        process.send?.({ type: 'taskEnded' });
        process.disconnect?.();
        return n;
      }).sum()`);
    expect(outputs).toEqual([{ kind: 'text', text: '6' }]);
  });

  test('finish though an executor is killed while it works', async () => {
    const latch = join(directory, 'latch');
    const runId = kernel.start(`
      import { existsSync } from 'node:fs';
      const latch = ${JSON.stringify(latch)};
      const held = sc.range(0, 4, 1, 4).map(async (x) => {
        while (!existsSync(latch)) await new Promise((done) => setTimeout(done, 5));
        return x;
      });
      await held.sum()`);
    const started = await kernel.until((events) => events.find((event) => event.type === 'taskStart'));
    if (started.type !== 'taskStart') throw new Error('unreachable');
    const { executorId } = started.task;
    kernel.process.send({ type: 'killExecutor', executorId });
    await kernel.until((events) =>
      events.find((event) => event.type === 'executorRemoved' && event.executorId === executorId),
    );
    writeFileSync(latch, '');
    expect(await kernel.end(runId)).toEqual({ status: 'ok', outputs: [{ kind: 'text', text: '6' }] });
  });

  test('fail at the line of the closure, with partition and element, and fail their cell also when not awaited', async () => {
    const source =
      "sc.parallelize([1, 2, 3], 1).map((x) => {\n  if (x === 2) throw new TypeError('two');\n  return x;\n}).count();\n1";
    const result = await kernel.run(source);
    expect(result.status).toBe('error');
    const error = errorOf(result);
    expect(error).toMatchObject({ task: { partition: 0 } });
    const causes = [error, error.cause, error.cause?.cause].flatMap((each) => (each ? [each] : []));
    expect(causes.find(({ message }) => message.includes('two'))?.position).toMatchObject({
      cellId: 'c1',
      line: 2,
    });
  });

  test('keep a cell running until they end, and are cancelled by an interrupt', async () => {
    const runId = kernel.start(`
      sc.range(2).map(async (x) => { console.log('in task'); await new Promise(() => {}); return x; }).count();
      'evaluated'`);
    await kernel.printed(runId, 'in task');
    await kernel.until(() => kernel.outputs(runId).find((output) => output.kind === 'text'));
    expect(kernel.events.some((event) => event.type === 'cellFinished')).toBe(false);
    kernel.process.send({ type: 'interrupt' });
    expect((await kernel.end(runId)).status).toBe('interrupted');
    const end = await kernel.until((events) => events.find((event) => event.type === 'jobEnd'));
    expect(end).toMatchObject({ status: 'cancelled' });
  });
});

describe('interrupt', () => {
  // One kernel for all: what one interrupt leaves behind must not trouble the next.
  beforeAll(startKernel);
  afterAll(endKernel);

  test.each([
    ['a busy loop', 'while (true) {}'],
    ['an awaiting loop', 'while (true) { await sleep(20) }'],
    ['a loop that swallows errors', 'while (true) { try { while (true) {} } catch {} }'],
    ['an awaiting loop that swallows errors', 'while (true) { try { await sleep(20) } catch {} }'],
    [
      'a loop over timers that swallows errors',
      'while (true) { try { await new Promise((r) => setTimeout(r, 5)) } catch {} }',
    ],
    ['a microtask loop', 'while (true) { try { await null } catch {} }'],
    ['a promise chain without end', 'await (function next() { return Promise.resolve().then(next) })()'],
    ['a blocking wait', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
    ['a regular expression', '/(a+)+$/.test("a".repeat(60) + "b")'],
    ['a native sort', '[3, 2, 1].sort(() => { while (true) {} })'],
    ['a timer that never returns', 'setInterval(() => { while (true) {} }, 1); await new Promise(() => {})'],
    ['a promise that never settles', 'await new Promise(() => {})'],
    ['a flood of output', 'for (;;) { console.log("x".repeat(1000)); display([1]) }'],
  ])('ends %s, and variables from before live on', async (_name, source) => {
    await kernel.run('const kept = 41');
    const runId = kernel.start(`console.log('running');\n${source}`);
    await kernel.printed(runId, 'running');
    kernel.process.send({ type: 'interrupt' });
    expect((await kernel.end(runId)).status).toBe('interrupted');
    expect((await kernel.run('kept + 1')).outputs).toEqual([{ kind: 'text', text: '42' }]);
  });

  test('shows what finally blocks print while the code unwinds, in order', async () => {
    const runId = kernel.start(`
      async function work() {
        try { await sleep(1e6) } finally { console.log('inner'); display('closing'); process.stderr.write('late') }
      }
      console.log('running');
      try { await work() } finally { console.log('outer') }`);
    await kernel.printed(runId, 'running');
    kernel.process.send({ type: 'interrupt' });
    const { status, outputs } = await kernel.end(runId);
    expect(status).toBe('interrupted');
    expect(
      outputs.map((output) => (output.kind === 'stream' || output.kind === 'text') && output.text),
    ).toEqual(['running\n', 'inner\n', 'closing', 'late', 'outer\n']);
  });

  test('shows a bounded part of what a loop prints that ignores the interrupt, and nothing after its end', async () => {
    const runId = kernel.start(`
      console.log('running');
      try { await sleep(1e6) } finally {
        for (let i = 0; i < 100; i++) console.log('x'.repeat(10_000));
        void Promise.resolve().then(async () => { for (;;) { try { await null } catch {} console.log('more') } });
      }`);
    await kernel.printed(runId, 'running');
    kernel.process.send({ type: 'interrupt' });
    const { outputs } = await kernel.end(runId);
    expect(stdout(outputs).length).toBeLessThanOrEqual(100_008);
    expect((await kernel.run('1')).status).toBe('ok');
    expect(kernel.outputs(runId)).toEqual(outputs);
  });

  test.each([
    ['the cell that runs', ''],
    ['a cell that has ended', 'void sleep(0).then(() => {'],
  ])('cancels a job that %s submits before it hears of the interrupt', async (_name, open) => {
    const seen = kernel.events.length;
    const runId = kernel.start(`${open}
      console.log('running');
      const until = performance.now() + 100;
      while (performance.now() < until);
      sc.range(1).foreach(async () => { await new Promise(() => {}) });
      ${open && '})'}`);
    if (open) await kernel.end(runId);
    await kernel.printed(runId, 'running');
    kernel.process.send({ type: 'interrupt' });
    const end = await kernel.until((events) => events.slice(seen).find((event) => event.type === 'jobEnd'));
    expect(end).toMatchObject({ status: 'cancelled' });
    expect((await kernel.run('1')).status).toBe('ok');
  });

  test('says so when a blocking native call does not end, and goes on when it does', async () => {
    const fifo = join(directory, 'fifo');
    const runId = kernel.start(`
      import { execFileSync } from 'node:child_process';
      execFileSync('mkfifo', [${JSON.stringify(fifo)}]);
      console.log('running');
      execFileSync('cat', [${JSON.stringify(fifo)}])`);
    await kernel.printed(runId, 'running');
    kernel.process.send({ type: 'interrupt' });
    await kernel.until((events) =>
      events.find((event) => event.type === 'kernelStatus' && event.status === 'stuck'),
    );
    writeFileSync(fifo, '');
    expect((await kernel.end(runId)).status).toBe('interrupted');
    expect((await kernel.run('1')).status).toBe('ok');
  });
});

describe('the end of a kernel', () => {
  beforeEach(startKernel);
  afterEach(endKernel);

  test('a driver that outgrows its memory is named, with the limit and the option', async () => {
    const small = new TestKernel(directory, 128 * 1024 ** 2);
    const runId = small.start('const all = []; for (;;) all.push(new Array(1000).fill(Math.random()))');
    const error = await small.exited;
    expect(error?.code).toBe('DRIVER_OUT_OF_MEMORY');
    expect(error?.message).toContain('128 MB (--driver-memory)');
    // V8 may take the whole process along; where only the thread ends, the cell says why.
    const finished = small.events.some((event) => event.type === 'cellFinished');
    expect(small.outputs(runId)).toEqual(finished ? [{ kind: 'error', error }] : []);
  });

  test('rows that are small on the way and large in the driver are refused before its memory is gone', async () => {
    const small = new TestKernel(directory, 64 * 1024 ** 2);
    for (const collect of [
      // A byte a row on the way, eight and more in an array.
      'map(() => true).collect()',
      'map(() => true).take(20_000_000)',
      'map((n): [number, number] => [n, 1]).collectAsMap()',
    ]) {
      const { status, outputs } = await small.run(`await sc.range(0, 20_000_000, 1, 4).${collect}`);
      expect(status).toBe('error');
      expect(outputs).toMatchObject([{ kind: 'error', error: { code: 'RESULT_TOO_LARGE' } }]);
    }
    expect(await small.run('await sc.range(3).collect()')).toMatchObject({ status: 'ok' });
    await small.process.shutdown();
  });

  test('what is added to accumulators is refused before memory is gone, and what was there stays', async () => {
    const small = new TestKernel(directory, 64 * 1024 ** 2);
    const attempt = (job: string) => `
      try {
        ${job}
      } catch ({ code, message }) {
        console.log(code, /^(.*): the driver has no room for what stage \\d+ added/.exec(message)?.[1]);
      }`;
    const loop = 'for (;; jobs++) await sc.range(0, 20_000, 1, 2).foreach((x) => all.add({ x, y: [x] }))';
    const refused = (title: string) => ({
      status: 'ok',
      outputs: [{ kind: 'stream', text: `ACCUMULATED_TOO_MUCH ${title}\n` }],
    });
    for (const [title, cell] of [
      [
        'collectionAccumulator "texts"',
        `const texts = sc.collectionAccumulator('texts');
        ${attempt("await sc.range(0, 1000, 1, 10).foreach((x) => texts.add('é'.repeat(100_000) + x))")}
        if (texts.value.length > 0) console.log('what is only a part was merged');`,
      ],
      [
        'collectionAccumulator "all"',
        `const all = sc.collectionAccumulator('all');
        let jobs = 0;
        ${attempt(loop)}
        if (all.value.length !== jobs * 20_000 || jobs < 3) console.log(jobs, all.value.length);`,
      ],
    ])
      expect(await small.run(cell!)).toMatchObject(refused(title!));
    const afterwards = 'all.reset(); await sc.range(3).foreach((x) => all.add(x)); console.log(...all.value)';
    expect(stdout((await small.run(afterwards)).outputs)).toBe('0 1 2\n');
    await small.process.shutdown();
  });

  test('one large row is refused before it is read, where the cells hold much', async () => {
    const small = new TestKernel(directory, 128 * 1024 ** 2);
    const row =
      'sc.range(0, 1, 1, 1).map(() => Array.from({ length: 900_000 }, (_, i) => ({ i }))).collect()';
    const hold = 'globalThis.held = Array.from({ length: 1_700_000 }, (_, i) => ({ i })); 1';
    expect(await small.run(`(await ${row})[0].length`)).toMatchObject({ status: 'ok' });
    expect(await small.run(hold)).toMatchObject({ status: 'ok' });
    expect(await small.run(`(await ${row})[0].length`)).toMatchObject({
      status: 'error',
      outputs: [{ kind: 'error', error: { code: 'RESULT_TOO_LARGE' } }],
    });
    expect(await small.run('held.length')).toMatchObject({ status: 'ok' });
    await small.process.shutdown();
  });

  test('rows that leave holes in the pages of the heap are refused, too', async () => {
    const small = new TestKernel(directory, 256 * 1024 ** 2);
    // Two texts of such an error fill a page of 256 KB.
    const rows = "sc.range(0, 1500, 1, 4).map(() => new Error('m'.repeat(100_000)))";
    expect(await small.run(`await ${rows}.collect()`)).toMatchObject({
      status: 'error',
      outputs: [{ kind: 'error', error: { code: 'RESULT_TOO_LARGE' } }],
    });
    expect(await small.run(`(await ${rows}.take(100)).length`)).toMatchObject({ status: 'ok' });
    await small.process.shutdown();
  });

  test('a killed kernel is reported with the reason; one that was shut down is not', async () => {
    const lost = new TestKernel(directory);
    await lost.run('1');
    lost.process.kill();
    expect((await lost.exited)?.message).toBe(
      'kernel lost: it was killed (SIGKILL), by someone or because the machine ran out of memory',
    );
    const ended = new TestKernel(directory);
    await ended.process.shutdown();
    expect(await ended.exited).toBeUndefined();
  });

  test('a folder that is not there is named', async () => {
    const nowhere = new TestKernel(join(directory, 'missing'));
    expect((await nowhere.exited)?.message).toContain(join(directory, 'missing'));
  });

  test('an exit by itself tells its last words', () => {
    const config = { driverMemory: 1, directory };
    expect(lossReason(7, null, 'x\nError: out of luck\n  at y', config).message).toBe(
      'kernel lost: it exited with code 7: Error: out of luck',
    );
  });
});

test('a kernel sees only what is listed of the host’s environment', () => {
  const env = kernelEnvironment({ PATH: '/bin', LC_ALL: 'C', STAGELIGHT_TOKEN: 'secret', NODE_ENV: 'test' });
  expect(Object.keys(env).sort()).toEqual(['LC_ALL', 'NODE_COMPILE_CACHE', 'PATH']);
});
