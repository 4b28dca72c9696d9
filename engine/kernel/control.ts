/** The control thread of a kernel: joins driver, scheduler, executors and event log. Never runs user code. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../clock.ts';
import type { ErrorData } from '../protocol.ts';
import {
  createBlockDirectory,
  removeBlockDirectory,
  sweepStaleBlockDirectories,
} from '../shuffle/block-directory.ts';
import { CellDesk } from './cell-desk.ts';
import { type FromDriver, SIGNAL } from './driver-messages.ts';
import { DriverThread } from './driver-thread.ts';
import type { EventLog } from './event-log.ts';
import { EventStream } from './event-stream.ts';
import type { JobDesk } from './job-desk.ts';
import type { FromKernel, KernelConfig, ToKernel } from './messages.ts';
import { packageVersion } from './package-version.ts';

export interface ControlHost {
  send(message: FromKernel): void;
  /** Ends the process. */
  exit(code: number): void;
}

/** Source that is likely to run a job. One that does without is none the worse: jobs start the executors, too. */
const NAMES_A_CONTEXT = /\b(?:sc|spark)\b/;
/** From a cell's result to the start of the executors: what comes at once after it, the next cell or the end, goes first. */
const SETTLE_MS = 50;

export class Control {
  readonly #host: ControlHost;
  readonly #log: EventLog | undefined;
  readonly #events: EventStream;
  readonly #driver: DriverThread;
  readonly #cells: CellDesk;
  readonly #blockDirectory: string;
  readonly #config: KernelConfig;
  /** With the executors; see `#openJobs`. */
  #jobs: Promise<JobDesk> | undefined;
  /** Set while the executors are to start soon; cancels it. */
  #starting: (() => void) | undefined;
  /** No cell follows: nothing is started for one. */
  #ending = false;
  #stopping = false;

  constructor(config: KernelConfig, boot: string, host: ControlHost, log?: EventLog) {
    this.#host = host;
    this.#log = log;
    this.#config = config;
    this.#events = new EventStream(boot, systemClock, (batch) => host.send(batch), log, config.keyframes);
    const appId = `app-${randomUUID()}`;
    const { executors, executorMemory, directory, file, args, name } = config;
    this.#blockDirectory = createBlockDirectory(appId);
    this.#driver = new DriverThread(
      {
        file,
        directory,
        executors,
        args,
        blockDirectory: this.#blockDirectory,
        keepAllOutput: config.limitOutput === false,
      },
      config.driverMemory,
      {
        message: (message) => this.#fromDriver(message),
        output: (records, dropped) => this.#cells.console(records, dropped),
        terminated: () => this.#cells.terminated(),
        drained: (exitCode) => {
          this.#host.send({ type: 'drained', exitCode });
          void this.stop(0);
        },
        lost: (error) => this.#lost(error),
      },
    );
    this.#cells = new CellDesk(this.#driver, {
      clock: systemClock,
      emit: (event) => this.#events.emit(event),
      cancelJobs: (runId) => void this.#jobs?.then((jobs) => jobs.cancelRun(runId)),
      settled: () => this.#settled(),
      limitOutput: config.limitOutput ?? true,
    });
    host.send({ type: 'ready', boot, pid: process.pid });
    const version = packageVersion();
    const time = systemClock.now();
    this.#events.emit({ type: 'applicationStart', appId, name, time, executors, executorMemory, version });
  }

  receive(message: Exclude<ToKernel, { type: 'start' }>): void {
    switch (message.type) {
      case 'execute':
        if (!this.#ending && NAMES_A_CONTEXT.test(message.source)) void this.#openJobs();
        this.#cells.execute(message);
        return;
      case 'interrupt':
        this.#cells.interrupt();
        return;
      case 'cancelJob':
        // Without a scheduler there is no job and no executor that this could mean.
        void this.#jobs?.then((jobs) => jobs.cancelJob(message.jobId, 'cancelled by the user'));
        return;
      case 'killExecutor':
        void this.#jobs?.then((jobs) => jobs.killExecutor(message.executorId));
        return;
      case 'fault':
        this.#withJobs((jobs) => {
          const { id, order } = message;
          this.#host.send({ type: 'faultAnswered', id, answer: jobs.fault(order) });
        });
        return;
      case 'drain':
        // Most that ends so ends at once.
        this.#end();
        this.#driver.send(message);
        return;
      case 'inspect':
      case 'persistVariable':
        this.#driver.send(message);
        return;
      case 'shutdown':
        void this.stop(0);
        return;
      default:
        message satisfies never;
    }
  }

  /** Aborts what runs, ends the executors, writes what is known and leaves. */
  async stop(code: number): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#end();
    this.#driver.drain();
    this.#cells.close(undefined);
    await Promise.allSettled([this.#driver.close(), this.#jobs?.then((jobs) => jobs.stop())]);
    this.#events.emit({ type: 'applicationEnd', time: systemClock.now() });
    this.#events.flush();
    this.#log?.close();
    removeBlockDirectory(this.#blockDirectory);
    this.#host.exit(code);
  }

  /**
   * Loads the scheduler and starts the executors, once. Beside the start of the driver thread where a job is likely to
   * come first: the two need the same time. Else when the first cell has shown its result, which on a machine of few
   * cores comes a third sooner without them.
   */
  #openJobs(): Promise<JobDesk> {
    if (!this.#jobs) {
      this.#jobs = this.#startJobs();
      this.#jobs.catch((error) => this.#lost({ code: 'KERNEL_LOST', name: 'Error', message: String(error) }));
    }
    return this.#jobs;
  }

  #settled(): void {
    if (this.#jobs || this.#starting || this.#ending) return;
    // The result is on its way before the processes are forked.
    this.#events.flush();
    this.#starting = systemClock.after(SETTLE_MS, () => void this.#openJobs());
  }

  #end(): void {
    this.#ending = true;
    this.#starting?.();
  }

  async #startJobs(): Promise<JobDesk> {
    const { JobDesk } = await import('./job-desk.ts');
    const jobs = new JobDesk({
      config: this.#config,
      blockDirectory: this.#blockDirectory,
      nextJobId: () => Atomics.add(this.#driver.signals, SIGNAL.nextJobId, 1),
      emit: (event) => this.#events.emit(event),
      taskOutput: ({ runId, stream, text, dropped }) => this.#cells.taskOutput(runId, stream, text, dropped),
      toDriver: (message) => this.#driver.send(message),
    });
    // Not before the executors are on their way: it reads folders.
    sweepStaleBlockDirectories();
    return jobs;
  }

  /** In order, also while the scheduler is still being loaded. */
  #withJobs(use: (jobs: JobDesk) => void): void {
    // A driver that ends may still ask for something: nobody would end executors made for that.
    if (this.#stopping && !this.#jobs) return;
    void this.#openJobs().then(use);
  }

  #fromDriver(message: FromDriver): void {
    switch (message.type) {
      case 'ready':
        this.#cells.driverReady();
        return;
      case 'output':
        this.#cells.output(message);
        return;
      case 'finished':
        this.#cells.finished(message);
        return;
      case 'variables':
        this.#events.emit({ ...message.report, time: systemClock.now() });
        return;
      case 'inspected':
        this.#host.send(message);
        return;
      case 'pong':
        this.#cells.pong(message.ping);
        return;
      case 'submitJob':
      case 'askResults':
      case 'askStatus':
      case 'cancelJob':
      case 'persist':
      case 'setName':
      case 'replan':
      case 'forget':
      case 'dropBroadcast':
      case 'letGo':
      case 'accumulated':
        this.#withJobs((jobs) => jobs.receive(message));
        return;
      default:
        message satisfies never;
    }
  }

  #lost(error: ErrorData): void {
    if (this.#stopping) return;
    this.#cells.close(error);
    this.#host.send({ type: 'fatal', error });
    void this.stop(1);
  }
}
