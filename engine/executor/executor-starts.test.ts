/** Executors that cannot be started for want of something: each is a failed start, tried again, of which nothing is left. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import type { BackendEvent } from '../scheduler/backend.ts';
import { ExecutorPool, type ExecutorPoolOptions } from './executor-pool.ts';

const STAND_IN = `
process.on('message', ({ type }) => {
  if (type === 'init') process.send([{ type: 'ready', pid: process.pid }]);
  if (type === 'shutdown') process.exit(0);
});
process.on('disconnect', () => process.exit(0));
`;

/** Starts a pool with so many descriptors free, then frees the others; in a process that may have 96. */
const FEW_DESCRIPTORS = `
import { closeSync, mkdirSync, openSync, readdirSync } from 'node:fs';
const { ExecutorPool } = await import(process.argv[2]);
const root = process.argv[3];
const clock = { now: () => 0, after: (ms, callback) => { if (ms < 2_000) setImmediate(callback); return () => {}; } };
const open = () => readdirSync('/dev/fd').length;
let before;
for (const free of [0, 6, 12, 13, 20]) {
  const held = [];
  mkdirSync(root + '/blocks', { recursive: true });
  try { for (;;) held.push(openSync('/dev/null')); } catch {}
  for (let i = 0; i < free; i++) closeSync(held.pop());
  const pool = new ExecutorPool({
    executors: 1, memory: 1 << 26, blockDirectory: root + '/blocks', workingDirectory: root, entry: root + '/stand-in.mjs', clock,
  });
  const failures = [];
  await new Promise((resolve) => {
    pool.start((event) => {
      if (event.type === 'executorsUnavailable') failures.push(event.error.message);
      if (event.type === 'executorAdded') resolve();
      // It has been tried five times by then.
      if (failures.length === 1) for (const fd of held.splice(0)) closeSync(fd);
    });
  });
  for (const fd of held) closeSync(fd);
  await pool.stop();
  // The shell that ends left executors goes by itself.
  before ??= open();
  while (open() > before) await new Promise((resolve) => setTimeout(resolve, 1));
  console.log(JSON.stringify({ free, failures: failures.slice(0, 1) }));
}
`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'executor-starts-'));
  mkdirSync(join(root, 'blocks'));
  writeFileSync(join(root, 'stand-in.mjs'), STAND_IN);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const descriptors = () => readdirSync('/dev/fd').length;

/** A pool whose clock the test winds, and what it reports, one after the other. */
function started(options: Partial<ExecutorPoolOptions> = {}) {
  const clock = new ManualClock(0);
  const events: BackendEvent[] = [];
  let wake = () => {};
  const pool = new ExecutorPool({
    ...{ executors: 1, memory: 1 << 26, blockDirectory: join(root, 'blocks'), workingDirectory: root, clock },
    ...{ entry: join(root, 'stand-in.mjs'), ...options },
  });
  const next = async <T extends BackendEvent['type']>(
    type: T,
  ): Promise<Extract<BackendEvent, { type: T }>> => {
    for (;;) {
      const event = events.shift();
      if (event?.type === type) return event as Extract<BackendEvent, { type: T }>;
      if (event) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  pool.start((event) => {
    events.push(event);
    wake();
  });
  return { pool, clock, next };
}

test('without a folder for its files it is tried again later, and said after five times', async () => {
  const { pool, clock, next } = started();
  const { executorId } = await next('executorAdded');
  rmSync(join(root, 'blocks'), { recursive: true });
  pool.killExecutor(executorId);
  await next('executorRemoved');
  const before = descriptors();
  for (const ms of [100, 200, 400, 800]) clock.advance(ms);
  const { error } = await next('executorsUnavailable');
  expect(error.code).toBe('EXECUTOR_START_FAILED');
  expect(error.message).toMatch(
    /^no executor could be started in 5 attempts: the last could not be: ENOENT: .*tasks\.5'$/,
  );
  // One for each attempt would be five.
  expect(descriptors()).toBeLessThan(before + 5);
  mkdirSync(join(root, 'blocks'));
  clock.advance(5_000);
  await next('executorAdded');
  await pool.stop();
});

test('of a process that the system refuses no file and no descriptor is left', async () => {
  // No name may hold a zero: the call throws, as it does when memory is short.
  const { pool, clock, next } = started({ workingDirectory: 'a\0b' });
  const before = descriptors();
  for (const ms of [100, 200, 400, 800]) clock.advance(ms);
  const { error } = await next('executorsUnavailable');
  expect(error.message).toContain('in 5 attempts: the last could not be: The property');
  // One for each attempt would be five.
  expect(descriptors()).toBeLessThan(before + 5);
  expect(readdirSync(join(root, 'blocks'))).toEqual([]);
  await pool.stop();
});

test('with too few descriptors it is tried again, whichever it is that lacks, and none is lost', () => {
  writeFileSync(join(root, 'few.mjs'), FEW_DESCRIPTORS);
  const pool = new URL('./executor-pool.ts', import.meta.url).href;
  const script = 'ulimit -n 96; exec "$0" "$@"';
  const args = ['--disable-warning=ExperimentalWarning', join(root, 'few.mjs'), pool, root];
  const lines = execFileSync('/bin/sh', ['-c', script, process.execPath, ...args], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toHaveLength(5);
  expect(lines[0].failures[0]).toMatch(
    /^no executor could be started in 5 attempts: the last could not be: EMFILE: /,
  );
  // So many are enough, if not before.
  expect(lines.at(-1).failures).toEqual([]);
  for (const { failures } of lines) for (const message of failures) expect(message).toContain('EMFILE');
});
