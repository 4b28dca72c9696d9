/** A real kernel process, driven as its host drives it. "While running" is always known by something the cell printed. */
import { join } from 'node:path';
import type { CellOutput, ErrorData, RunStatus, StagelightEvent } from '../protocol.ts';
import { KernelProcess } from './kernel-process.ts';

export interface Result {
  status: RunStatus;
  outputs: CellOutput[];
}

export class TestKernel {
  readonly events: StagelightEvent[] = [];
  readonly exited: Promise<ErrorData | undefined>;
  readonly process: KernelProcess;
  #watchers: (() => void)[] = [];
  #runs = 0;

  constructor(directory: string, driverMemory = 512 * 1024 ** 2) {
    let exit: (error: ErrorData | undefined) => void = () => {};
    this.exited = new Promise((resolve) => {
      exit = resolve;
    });
    this.process = new KernelProcess(
      {
        name: 'test',
        directory,
        file: join(directory, 'test.ts'),
        executors: 2,
        executorMemory: 256 * 1024 ** 2,
        driverMemory,
        args: ['one', 'two'],
      },
      {
        events: ({ events }) => {
          this.events.push(...(JSON.parse(events) as StagelightEvent[]));
          for (const watcher of [...this.#watchers]) watcher();
        },
        exited: exit,
      },
    );
  }

  /** Resolves once the events fulfil the condition. */
  until<T>(find: (events: StagelightEvent[]) => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const watcher = () => {
        const found = find(this.events);
        if (found === undefined) return;
        this.#watchers = this.#watchers.filter((other) => other !== watcher);
        resolve(found);
      };
      this.#watchers.push(watcher);
      watcher();
    });
  }

  start(source: string): string {
    const runId = `r${++this.#runs}`;
    this.process.send({
      type: 'execute',
      cellId: `c${this.#runs}`,
      runId,
      source,
      executionCount: this.#runs,
      label: 'cell',
    });
    return runId;
  }

  outputs(runId: string): CellOutput[] {
    return this.events.flatMap((event) =>
      event.type === 'cellOutput' && event.runId === runId ? [event.output] : [],
    );
  }

  async end(runId: string): Promise<Result> {
    const status = await this.until((events) => {
      const end = events.find((event) => event.type === 'cellFinished' && event.runId === runId);
      return end?.type === 'cellFinished' ? end.status : undefined;
    });
    return { status, outputs: this.outputs(runId) };
  }

  run(source: string): Promise<Result> {
    return this.end(this.start(source));
  }

  /** The run has printed this. */
  printed(runId: string, text: string): Promise<true> {
    return this.until(() => (stdout(this.outputs(runId)).includes(text) ? true : undefined));
  }
}

export function stdout(outputs: CellOutput[]): string {
  return outputs
    .map((output) => (output.kind === 'stream' && output.stream === 'stdout' ? output.text : ''))
    .join('');
}

export function errorOf({ outputs }: Result): ErrorData {
  const output = outputs.find(({ kind }) => kind === 'error');
  if (output?.kind !== 'error') throw new Error(`no error among ${JSON.stringify(outputs)}`);
  return output.error;
}
