/** `stagelight run FILE`: a script or notebook without a page, through the same kernel as one with. */
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { StagelightError } from '../engine/errors.ts';
import { KernelProcess } from '../engine/kernel/kernel-process.ts';
import type { CellOutput, ErrorData, RunStatus, StagelightEvent } from '../engine/protocol.ts';
import { placeCells } from './cell-places.ts';
import { type CellPlace, errorText } from './error-text.ts';
import { outputText } from './output-text.ts';
import type { ProgressBar } from './progress-bar.ts';
import { parseRunOptions, RUN_USAGE, type RunOptions } from './run-options.ts';

type EndStatus = Exclude<RunStatus, 'queued' | 'running'>;
/** As a shell reports a process ended by SIGINT. */
const EXIT_INTERRUPTED = 130;
const EXIT_TERMINATED = 143;

export async function runJob(argv: string[]): Promise<number> {
  const options = parseRunOptions(argv);
  if (!options) {
    process.stdout.write(`${RUN_USAGE}\n`);
    return 0;
  }
  return await new HeadlessRun(options).run();
}

class HeadlessRun {
  readonly #options: RunOptions;
  readonly #cells: CellPlace[];
  readonly #kernel: KernelProcess;
  #bar: ProgressBar | undefined;
  #watch: ((event: StagelightEvent) => void) | undefined;
  #cellEnded: ((status: EndStatus) => void) | undefined;
  #failure: ErrorData | undefined;
  #errorShown = false;
  /** Plots of the running cell, by key. */
  readonly #plots = new Map<string, CellOutput>();
  #interrupts = 0;
  #ending = false;

  constructor(options: RunOptions) {
    this.#options = options;
    const file = resolve(options.file);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      throw new StagelightError('INPUT_NOT_FOUND', `there is no file ${options.file}`, {
        hint: 'Name a .ts script or notebook.',
      });
    }
    const { executors, executorMemory, adaptive, driverMemory, args, events, scheduling } = options;
    // Started before the file is read: its process needs the time.
    this.#kernel = new KernelProcess(
      {
        name: basename(file, '.ts'),
        directory: dirname(file),
        file,
        executors,
        executorMemory,
        adaptive,
        driverMemory,
        args,
        scheduling,
        limitOutput: false,
        ...(events === undefined ? {} : { eventLog: events, keyframes: true }),
        ...(options.faults === undefined ? {} : { faults: options.faults }),
      },
      {
        events: (batch) => {
          for (const event of JSON.parse(batch.events) as StagelightEvent[]) this.#take(event);
        },
        exited: (error) => {
          this.#failure = error;
          this.#cellEnded?.('aborted');
        },
      },
    );
    this.#cells = placeCells(readFileSync(file, 'utf8'), file);
  }

  async run(): Promise<number> {
    const onInterrupt = () => this.#interrupt();
    const onTerminate = () => {
      this.#ending = true;
      this.#cellEnded?.('aborted');
      void this.#kernel.shutdown();
    };
    process.on('SIGINT', onInterrupt);
    process.on('SIGTERM', onTerminate);
    if (this.#options.progress ?? process.stderr.isTTY) await this.#showProgress();
    try {
      const code = await this.#runCells();
      return code === 0 ? await this.#drain() : code;
    } finally {
      this.#bar?.stop();
      if (!this.#failure) await this.#kernel.shutdown();
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    }
  }

  async #runCells(): Promise<number> {
    for (const [index, { cellId, source }] of this.#cells.entries()) {
      const status = await new Promise<EndStatus>((ended) => {
        this.#cellEnded = ended;
        if (this.#failure || this.#ending) return ended('aborted');
        const executionCount = index + 1;
        this.#kernel.send({
          type: 'execute',
          cellId,
          runId: `run-${executionCount}`,
          source,
          executionCount,
          label: `cell ${executionCount}`,
        });
      });
      if (this.#failure && this.#interrupts > 1) return EXIT_INTERRUPTED;
      if (this.#failure) {
        this.#printError(this.#failure);
        return 1;
      }
      if (this.#ending) return EXIT_TERMINATED;
      if (status === 'interrupted') process.stderr.write('interrupted\n');
      if (status === 'interrupted' || this.#interrupts > 0) return EXIT_INTERRUPTED;
      if (status !== 'ok') return 1;
    }
    return 0;
  }

  /** A script ends as Node's do: when nothing it started is left. What fails by then fails the run. */
  async #drain(): Promise<number> {
    const exitCode = await this.#kernel.drain();
    this.#showPlots();
    if (this.#interrupts > 0) return EXIT_INTERRUPTED;
    if (this.#ending) return EXIT_TERMINATED;
    if (this.#failure) this.#printError(this.#failure);
    return this.#failure || this.#errorShown ? 1 : exitCode;
  }

  async #showProgress(): Promise<void> {
    const [{ ProgressBar }, { createViewState, fold }] = await Promise.all([
      import('./progress-bar.ts'),
      import('../engine/fold/fold.ts'),
    ]);
    const state = createViewState('');
    this.#watch = (event) => fold(state, event);
    this.#bar = new ProgressBar(state);
    this.#bar.start(this.#options.progress === true);
  }

  /** The first Ctrl-C ends the cell in order, the second everything at once. */
  #interrupt(): void {
    this.#interrupts += 1;
    if (this.#interrupts === 1) this.#kernel.send({ type: 'interrupt' });
    else this.#kernel.kill();
  }

  #take(event: StagelightEvent): void {
    this.#watch?.(event);
    if (event.type === 'cellOutput') {
      const { output } = event;
      if (output.kind === 'error' && !output.displayed) this.#errorShown = true;
      if (output.kind === 'plot') this.#plots.set(output.key, output);
      else this.#show(output);
    }
    if (event.type === 'cellFinished') {
      this.#showPlots();
      this.#cellEnded?.(event.status);
    }
    if (event.type === 'kernelStatus' && event.status === 'stuck') {
      process.stderr.write('the script does not react; press Ctrl-C again to kill it\n');
    }
  }

  /** A plot is updated in place; how often depends on the time, so only its last state is printed. */
  #showPlots(): void {
    for (const plot of this.#plots.values()) this.#show(plot);
    this.#plots.clear();
  }

  #show(output: CellOutput): void {
    if (this.#bar) this.#bar.print(() => this.#print(output));
    else this.#print(output);
  }

  #print(output: CellOutput): void {
    if (output.kind === 'error') {
      this.#printError(output.error);
      return;
    }
    if (output.kind !== 'stream') {
      process.stdout.write(outputText(output));
      return;
    }
    (output.stream === 'stdout' ? process.stdout : process.stderr).write(output.text);
    if (output.dropped) process.stderr.write(`… ${output.dropped} characters dropped\n`);
  }

  #printError(error: ErrorData): void {
    process.stderr.write(errorText(error, this.#options.file, this.#cells));
  }
}
