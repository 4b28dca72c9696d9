/** The executor process: connects an executor slot to the messages of the process that forked it. */
import { writeSync } from 'node:fs';
import { BarrierTaskContext } from './barrier-task-context.ts';
import { ExecutorSlot } from './executor-slot.ts';
import { GcClock } from './gc-clock.ts';
import { BROKEN_EXIT_CODE, type ExecutorConfig, type FromExecutor, type ToExecutor } from './messages.ts';
import { TaskContext } from './task-context.ts';
import { packMessages } from './task-end-batch.ts';

const STDERR = 2;

let slot: ExecutorSlot | undefined;

const sendToParent = process.send!.bind(process);
// The channel is the engine's: what user code or a package sent through it would be taken for the executor's word.
Object.assign(process, { send: undefined, disconnect: undefined });

function send(messages: FromExecutor[]): void {
  // The parent may be gone at any time; 'disconnect' says so.
  if (process.connected) sendToParent(packMessages(messages), undefined, undefined, () => {});
}

/** User code writes to the cell, not to this process's pipes. */
function captureOutput(stream: 'stdout' | 'stderr'): void {
  const write = (chunk: unknown, encoding?: unknown, callback?: unknown): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('utf8');
    slot?.write(stream, text);
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') process.nextTick(() => done());
    return true;
  };
  process[stream].write = write as typeof process.stdout.write;
}

/**
 * Better no executor than one that never says it is ready, or takes tasks and never tells of their end: what it held is
 * computed again elsewhere. Its last words go down the pipe itself: nobody captures them before there is a slot.
 */
function endBroken(error: unknown): void {
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  try {
    writeSync(STDERR, `the executor cannot go on: ${said}\n`);
  } catch {
    // Nobody reads them.
  }
  process.exit(BROKEN_EXIT_CODE);
}

/** What fails of the engine's own fails no task by itself: whatever the tasks wait for would never come. */
function orEnd(step: () => void): void {
  try {
    step();
  } catch (error) {
    endBroken(error);
  }
}

function start(config: ExecutorConfig): void {
  try {
    process.chdir(config.workingDirectory);
    slot = new ExecutorSlot(config, send, new GcClock(), endBroken);
  } catch (error) {
    endBroken(error);
  }
  send([{ type: 'ready', pid: process.pid }]);
}

/** What falls outside of any call is a task's, or else the executor's own. */
function fell(error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void {
  if (slot === undefined) endBroken(error);
  else slot.failRunning(error, origin);
}

process.on('message', (message: ToExecutor) => {
  switch (message.type) {
    case 'init':
      start(message.config);
      return;
    case 'shutdown':
      orEnd(() => slot?.flush());
      slot?.close();
      process.exit(0);
      return;
    default:
      orEnd(() => slot?.receive(message));
  }
});
process.on('disconnect', () => process.exit(0));
process.on('uncaughtException', fell);
process.on('unhandledRejection', (error) => fell(error, 'unhandledRejection'));
process.on('exit', () => {
  try {
    slot?.flush();
  } catch {
    // It ends as it was to end, with the exit code that says why.
  }
});
// A terminal's Ctrl-C goes to the whole process group; control decides when executors end.
process.on('SIGINT', () => {});
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
Object.assign(globalThis, { TaskContext, BarrierTaskContext, sleep });
captureOutput('stdout');
captureOutput('stderr');
setInterval(() => orEnd(() => slot?.reportMetrics()), 500).unref();
