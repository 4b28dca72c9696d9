/**
 * Control's side of cells: which run is executing, where output belongs, and the interrupt of the current run.
 * Emits the cell and kernel-status events.
 */
import type { Clock } from '../clock.ts';
import type { CellOutput, ErrorData, KernelStatus, StagelightEvent } from '../protocol.ts';
import { type FromDriver, SIGNAL } from './driver-messages.ts';
import type { DriverThread } from './driver-thread.ts';
import { Interrupter } from './interrupter.ts';
import type { ToKernel } from './messages.ts';
import type { RingRecord } from './output-ring.ts';
import { RunOutput } from './run-output.ts';

type Execute = Extract<ToKernel, { type: 'execute' }>;

interface Run {
  number: number;
  cellId: string;
  runId: string;
  output: RunOutput;
  /** Set while a report of what was kept back is due; cancels it. */
  telling?: (() => void) | undefined;
}

export interface CellDeskOptions {
  clock: Clock;
  emit(event: StagelightEvent): void;
  /** Cancels what the run has submitted; without one, what any has. */
  cancelJobs(runId: string | undefined): void;
  /** A cell has ended, or the driver is ready before there is one. */
  settled(): void;
  limitOutput: boolean;
}

/** Runs whose late output still finds its cell. */
const REMEMBERED_RUNS = 1_000;
const TELL_DROPPED_MS = 100;

export class CellDesk {
  readonly #options: CellDeskOptions;
  readonly #driver: DriverThread;
  readonly #interrupter: Interrupter;
  readonly #runs = new Map<number, Run>();
  readonly #runsById = new Map<string, Run>();
  #waiting: Execute[] = [];
  #current: Run | undefined;
  #lastNumber = 0;
  #ready = false;
  #closed = false;

  constructor(driver: DriverThread, options: CellDeskOptions) {
    this.#driver = driver;
    this.#options = options;
    this.#interrupter = new Interrupter(
      {
        ask: (run, ping) => driver.send({ type: 'interrupt', run, ping }),
        terminate: () => driver.terminateExecution(),
        status: (status) => this.#status(status),
        done: (run) => this.#interrupted(run),
      },
      options.clock,
    );
  }

  driverReady(): void {
    this.#ready = true;
    if (this.#waiting.length === 0) {
      this.#status('idle');
      this.#options.settled();
    }
    this.#next();
  }

  execute(message: Execute): void {
    this.#waiting.push(message);
    this.#next();
  }

  /** Ends the current run; with none, whatever earlier cells left running. Variables live on. */
  interrupt(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { cellId, runId } of waiting) this.#emitFinished(cellId, runId, 'aborted');
    // Before the driver is ready it loads the engine, which a termination would break for good.
    if (!this.#ready || this.#closed) return;
    const run = this.#current;
    if (run) Atomics.store(this.#driver.signals, SIGNAL.interruptedRun, run.number);
    this.#options.cancelJobs(run?.runId);
    this.#interrupter.start(run?.number ?? 0);
  }

  terminated(): void {
    this.#interrupter.terminated();
  }

  pong(ping: number): void {
    this.#interrupter.pong(ping);
  }

  finished(message: Extract<FromDriver, { type: 'finished' }>): void {
    const run = this.#current;
    if (run?.number !== message.run) return;
    this.#finish(run, message.status);
  }

  output(message: Extract<FromDriver, { type: 'output' }>): void {
    const run = this.#runs.get(message.run);
    if (!run) return;
    if (run.output.admits(message.output, message.bytes)) this.#show(run, message.output);
    else this.#tellDropped(run);
  }

  console(records: RingRecord[], dropped: number): void {
    for (const { run: number, stream, text } of records) {
      const run = this.#runs.get(number) ?? this.#current;
      if (run) this.#stream(run, stream, text, 0);
    }
    const run = this.#current ?? this.#runs.get(this.#lastNumber);
    if (dropped > 0 && run) this.#stream(run, 'stdout', '', dropped);
  }

  /** Console output of a task, shown in the cell whose job it belongs to. */
  taskOutput(runId: string | undefined, stream: 'stdout' | 'stderr', text: string, dropped: number): void {
    const run = (runId === undefined ? undefined : this.#runsById.get(runId)) ?? this.#current;
    if (run) this.#stream(run, stream, text, dropped);
  }

  /** The driver is gone: what runs has failed, what waits never starts. */
  close(error: ErrorData | undefined): void {
    this.#closed = true;
    const run = this.#current;
    if (run) {
      if (error) this.#show(run, { kind: 'error', error });
      this.#finish(run, error ? 'error' : 'aborted');
    }
    for (const { cellId, runId } of this.#waiting) this.#emitFinished(cellId, runId, 'aborted');
    this.#waiting = [];
  }

  #next(): void {
    if (!this.#ready || this.#closed || this.#current || this.#interrupter.active) return;
    const message = this.#waiting.shift();
    if (!message) return;
    const { cellId, runId, source, executionCount, label } = message;
    const number = ++this.#lastNumber;
    const run = {
      number,
      cellId,
      runId,
      output: new RunOutput(this.#options.clock, this.#options.limitOutput),
    };
    this.#current = run;
    this.#runs.set(number, run);
    this.#runsById.set(runId, run);
    const oldest = this.#runs.get(number - REMEMBERED_RUNS);
    if (oldest) {
      this.#runs.delete(oldest.number);
      this.#runsById.delete(oldest.runId);
    }
    this.#status('busy');
    const time = this.#options.clock.now();
    this.#options.emit({ type: 'cellStarted', cellId, runId, time, executionCount, source });
    this.#driver.send({ type: 'execute', run: number, cellId, runId, source, label });
  }

  #interrupted(number: number): void {
    // What the driver submitted before it heard of the interrupt has arrived by now.
    this.#options.cancelJobs(this.#runs.get(number)?.runId);
    // The driver answers 'finished' before it answers the ping; a run it never began ends here.
    if (this.#current) this.#finish(this.#current, 'interrupted');
    this.#status('idle');
    this.#next();
  }

  #finish(run: Run, status: 'ok' | 'error' | 'interrupted' | 'aborted'): void {
    this.#current = undefined;
    this.#showDropped(run);
    this.#emitFinished(run.cellId, run.runId, status);
    if (this.#closed) return;
    if (!this.#interrupter.active) {
      if (this.#waiting.length === 0) this.#status('idle');
      this.#next();
    }
    this.#options.settled();
  }

  #emitFinished(cellId: string, runId: string, status: 'ok' | 'error' | 'interrupted' | 'aborted'): void {
    this.#options.emit({ type: 'cellFinished', cellId, runId, time: this.#options.clock.now(), status });
  }

  #stream(run: Run, stream: 'stdout' | 'stderr', text: string, dropped: number): void {
    const shown = run.output.stream(text);
    if (shown !== '') this.#show(run, { kind: 'stream', stream, text: shown });
    run.output.drop(dropped);
    if (dropped > 0 || shown.length < text.length) this.#tellDropped(run);
  }

  /** Says how much was kept back: not for every output of a flood, but now and then. */
  #tellDropped(run: Run): void {
    run.telling ??= this.#options.clock.after(TELL_DROPPED_MS, () => this.#showDropped(run));
  }

  #showDropped(run: Run): void {
    run.telling?.();
    run.telling = undefined;
    const dropped = run.output.takeDropped();
    if (dropped > 0) this.#show(run, { kind: 'stream', stream: 'stdout', text: '', dropped });
  }

  #show({ cellId, runId }: Run, output: CellOutput): void {
    this.#options.emit({ type: 'cellOutput', cellId, runId, output });
  }

  #status(status: KernelStatus): void {
    this.#options.emit({ type: 'kernelStatus', status, time: this.#options.clock.now(), pid: process.pid });
  }
}
