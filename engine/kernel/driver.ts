/** The driver thread: user code runs here, and nothing of the engine that must not be interrupted. */
import { setTimeout as nativeSetTimeout } from 'node:timers';
import { type MessagePort, workerData } from 'node:worker_threads';
import { systemClock } from '../clock.ts';
import { compileCell } from '../closure/compile-cell.ts';
import { withUserPosition } from '../closure/stack-frames.ts';
import { Context } from '../context.ts';
import { BarrierTaskContext } from '../executor/barrier-task-context.ts';
import { TaskContext } from '../executor/task-context.ts';
import type { CellOutput } from '../protocol.ts';
import { CellRunner } from './cell-runner.ts';
import { makeDisplay } from './display.ts';
import { DriverJobRunner } from './driver-job-runner.ts';
import { type DriverConfig, type FromDriver, SIGNAL, type ToDriver } from './driver-messages.ts';
import { RingWriter } from './output-ring.ts';
import { makePlot } from './plot/plot.ts';
import { installRunTimers } from './run-timers.ts';
import { inspectVariable, persistVariable } from './scope-inspector.ts';
import { installUserProcess } from './user-process.ts';
import { type VariablesReport, VariableWatch } from './variable-watch.ts';

/** Bytes of displayed outputs control may lag behind before more are dropped. */
const MAX_DISPLAY_BACKLOG = 16_000_000;
/** What a message costs besides its text. */
const MESSAGE_COST = 200;

const { config, port } = workerData as { config: DriverConfig; port: MessagePort };
const signals = new Int32Array(config.signals);
const ring = new RingWriter(config.ring, config.keepAllOutput);
let draining = false;

const post = (message: FromDriver) => {
  // The last of a plot's updates is shown before its run is over.
  if (message.type === 'finished') plots.flush();
  port.postMessage(message);
  if (message.type === 'submitJob') port.ref();
};

function sizeOf(output: CellOutput): number {
  if (output.kind !== 'table') return MESSAGE_COST + JSON.stringify(output).length;
  let size = MESSAGE_COST;
  for (const row of output.rows) for (const cell of row) size += typeof cell === 'string' ? cell.length : 8;
  return size;
}

function show(output: CellOutput): void {
  const run = cells.currentRun();
  if (!run) return;
  const bytes = sizeOf(output);
  if (!run.admits(bytes)) return;
  if (Atomics.add(signals, SIGNAL.displayBacklog, bytes) > MAX_DISPLAY_BACKLOG) {
    Atomics.sub(signals, SIGNAL.displayBacklog, bytes);
    ring.drop(bytes);
    return;
  }
  post({ type: 'output', run: run.number, output, bytes, position: ring.position });
}

const display = makeDisplay(show, withUserPosition);
const plots = makePlot({ clock: systemClock, show });
const cells: CellRunner = new CellRunner({
  compile: compileCell,
  describe: withUserPosition,
  show: display,
  mustEnd: (run) => Atomics.load(signals, SIGNAL.interruptedRun) === run,
  post,
  ended: (run) => reportVariables(variables.look(run)),
  position: () => ring.position,
  file: config.file,
});
const variables = new VariableWatch(cells.scope);
const jobs = new DriverJobRunner(config, post, cells.currentRun, (run) => cells.settle(run));

function reportVariables(report: VariablesReport | undefined): void {
  if (report) post({ type: 'variables', report });
}

function sleep(ms: number): Promise<void> {
  const wait = (resolve: () => void) => void nativeSetTimeout(resolve, ms);
  const run = cells.currentRun();
  return run ? run.interruptible<void>(wait) : new Promise(wait);
}

/** The port alone does not keep a draining driver; a job does, until its result has come through the port. */
function endIfDrained(): void {
  if (draining && jobs.waiting === 0) port.unref();
}

function receive(message: ToDriver): void {
  switch (message.type) {
    case 'execute':
      cells.execute(message);
      return;
    case 'interrupt':
      cells.interrupt(message);
      return;
    case 'inspect':
      post({ type: 'inspected', id: message.id, answer: inspectVariable(cells.scope, message.question) });
      return;
    case 'persistVariable':
      persistVariable(cells.scope, message);
      reportVariables(variables.look());
      return;
    case 'accumulated':
      jobs.merge(message.added);
      return;
    case 'status':
      jobs.tellStatus(message);
      return;
    case 'resultsSoFar':
      jobs.tellResults(message);
      return;
    case 'letGo':
      void jobs.letGo();
      return;
    case 'jobSucceeded':
    case 'jobFailed':
      jobs.settle(message);
      endIfDrained();
      return;
    case 'drain':
      draining = true;
      endIfDrained();
      return;
    default:
      message satisfies never;
  }
}

installUserProcess((stream, text) => {
  const run = cells.currentRun();
  if (!run || run.admits(text.length)) ring.write(run?.number ?? 0, stream, text);
});
installRunTimers(cells.currentRun);
Object.assign(globalThis, {
  sc: new Context(jobs),
  display,
  plot: plots.plot,
  sleep,
  args: config.args,
  TaskContext,
  BarrierTaskContext,
});

const report = (thrown: unknown) => {
  const run = cells.currentRun();
  if (run) cells.fail(run, thrown);
};
process.on('unhandledRejection', report);
process.on('uncaughtException', report);

port.on('message', receive);
post({ type: 'ready' });
