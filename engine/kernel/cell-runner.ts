/**
 * Evaluates cells in the driver thread, one after another, against one scope object.
 *
 * Every method may be terminated at any point by control (an interrupt of code that never yields). Nothing here
 * depends on a promise of its own being settled afterwards: an 'interrupt' message is repeated until answered, and
 * settles whatever run is still open.
 */
import { setImmediate } from 'node:timers';
import { CellInterrupted } from '../closure/cell-runtime.ts';
import type { CellScope, CompileCellOptions, CompiledCell } from '../closure/closure.ts';
import { isInstance } from '../errors.ts';
import type { ErrorData } from '../protocol.ts';
import { currentScope, runInScope } from '../rdd/job-scope.ts';
import { CellRun } from './cell-run.ts';
import type { FromDriver, ToDriver } from './driver-messages.ts';

export interface CellRunnerOptions {
  compile(source: string, options: CompileCellOptions): CompiledCell | Promise<CompiledCell>;
  describe(thrown: unknown): ErrorData;
  /** Shows the value of a cell's last expression. */
  show(value: unknown): void;
  /** Whether control wants this run to end, as seen in shared memory: also known while no message can be read. */
  mustEnd(run: number): boolean;
  post(message: FromDriver): void;
  /** A run has ended; what it declares is known if it was compiled. */
  ended(run: CellRun): void;
  /** Bytes written to the output ring so far. */
  position(): number;
  file: string;
}

/** Finished runs whose late output and errors still find their cell. */
const REMEMBERED_RUNS = 1_000;

export class CellRunner {
  readonly #options: CellRunnerOptions;
  readonly scope: CellScope = {};
  readonly #runs = new Map<string, CellRun>();
  #latest: CellRun | undefined;

  constructor(options: CellRunnerOptions) {
    this.#options = options;
  }

  /** The run the executing code belongs to; code outside any (a callback made by a package) counts to the latest. */
  currentRun = (): CellRun | undefined => {
    const runId = currentScope()?.runId;
    return (runId === undefined ? undefined : this.#runs.get(runId)) ?? this.#latest;
  };

  /** Compiled into cells after every await. */
  check = (): void => {
    const run = this.currentRun();
    if (!run || !(run.interrupted || this.#options.mustEnd(run.number))) return;
    run.interrupted = true;
    throw new CellInterrupted();
  };

  execute({ run: number, cellId, runId, source }: Extract<ToDriver, { type: 'execute' }>): void {
    const run = new CellRun(number, cellId, runId);
    this.#remember(run);
    if (this.#options.mustEnd(number)) {
      this.#finish(run, 'interrupted');
      return;
    }
    runInScope({ cellId, runId }, () => {
      this.#evaluate(run, source).then(
        (value) => this.#evaluated(run, value),
        (thrown) => {
          run.phase = 'evaluated';
          this.fail(run, thrown);
          this.settle(run);
        },
      );
    });
  }

  /** Ends `number`, or for 0 every run whose code still goes on; answers when the loop has turned once. */
  interrupt({ run: number, ping }: Extract<ToDriver, { type: 'interrupt' }>): void {
    const runs = [...this.#runs.values()].filter((run) => number === 0 || run.number === number);
    for (const run of runs) run.interrupt();
    // One turn, in which code unwinds and its `finally` blocks print.
    setImmediate(() => {
      for (const run of runs) this.#finish(run, 'interrupted');
      this.#options.post({ type: 'pong', ping });
    });
  }

  /** Reports a failure in the cell that caused it, also long after the cell finished. */
  fail(run: CellRun, thrown: unknown): void {
    if (isInstance(thrown, CellInterrupted) || run.interrupted) return;
    run.failed = true;
    const error = this.#options.describe(thrown);
    const position = this.#options.position();
    this.#options.post({
      type: 'output',
      run: run.number,
      output: { kind: 'error', error },
      bytes: 0,
      position,
    });
  }

  /** Finishes a run whose code has ended once no job of it runs any more. */
  settle(run: CellRun): void {
    if (run.phase !== 'evaluated' || run.runningJobs > 0) return;
    // One turn, in which continuations may submit further jobs and unhandled rejections are reported.
    setImmediate(() => {
      if (run.runningJobs > 0) return;
      if (run.interrupted) this.#finish(run, 'interrupted');
      else this.#finish(run, run.failed ? 'error' : 'ok');
    });
  }

  async #evaluate(run: CellRun, source: string): Promise<unknown> {
    const compiled = await this.#options.compile(source, {
      cellId: run.cellId,
      file: this.#options.file,
      scopeNames: Object.keys(this.scope),
    });
    run.definitions = compiled.definitions;
    return await compiled.run(this.scope, this.check);
  }

  #evaluated(run: CellRun, value: unknown): void {
    run.phase = 'evaluated';
    try {
      if (!run.interrupted) this.#options.show(value);
    } catch (thrown) {
      this.fail(run, thrown);
    }
    this.settle(run);
  }

  #finish(run: CellRun, status: 'ok' | 'error' | 'interrupted'): void {
    if (run.phase === 'finished') return;
    run.phase = 'finished';
    this.#options.post({ type: 'finished', run: run.number, status, position: this.#options.position() });
    this.#options.ended(run);
  }

  #remember(run: CellRun): void {
    this.#latest = run;
    this.#runs.set(run.runId, run);
    for (const [runId, old] of this.#runs) {
      if (this.#runs.size <= REMEMBERED_RUNS) break;
      if (old.phase === 'finished') this.#runs.delete(runId);
    }
  }
}
