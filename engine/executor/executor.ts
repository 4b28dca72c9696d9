/** The executor process: connects an executor slot to the messages of the process that forked it. */
import { BarrierTaskContext } from './barrier-task-context.ts';
import { ExecutorSlot } from './executor-slot.ts';
import { GcClock } from './gc-clock.ts';
import type { FromExecutor, ToExecutor } from './messages.ts';
import { TaskContext } from './task-context.ts';
import { packMessages } from './task-end-batch.ts';

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

/** Better no executor than one that takes tasks and never tells of their end: what it held is computed again elsewhere. */
function endBroken(error: unknown): void {
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`the executor cannot go on: ${said}\n`);
  process.exit(1);
}

process.on('message', (message: ToExecutor) => {
  switch (message.type) {
    case 'init':
      process.chdir(message.config.workingDirectory);
      slot = new ExecutorSlot(message.config, send, new GcClock(), endBroken);
      send([{ type: 'ready', pid: process.pid }]);
      return;
    case 'shutdown':
      slot?.flush();
      slot?.close();
      process.exit(0);
      return;
    default:
      slot?.receive(message);
  }
});
process.on('disconnect', () => process.exit(0));
process.on('uncaughtException', (error) => slot?.failRunning(error));
process.on('unhandledRejection', (reason) => slot?.failRunning(reason));
process.on('exit', () => slot?.flush());
// A terminal's Ctrl-C goes to the whole process group; control decides when executors end.
process.on('SIGINT', () => {});
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
Object.assign(globalThis, { TaskContext, BarrierTaskContext, sleep });
captureOutput('stdout');
captureOutput('stderr');
setInterval(() => slot?.reportMetrics(), 500).unref();
