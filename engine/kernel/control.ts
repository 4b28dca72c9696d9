/** The control thread of a kernel: joins driver, scheduler, executors and event log. Never runs user code. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../clock.ts';
import type { ErrorData } from '../protocol.ts';
import { CellDesk } from './cell-desk.ts';
import type { FromDriver } from './driver-messages.ts';
import { DriverThread } from './driver-thread.ts';
import { EventStream } from './event-stream.ts';
import type { FromKernel, KernelConfig, ToKernel } from './messages.ts';

export interface ControlHost {
  send(message: FromKernel): void;
  exit(code: number): void;
}

export class Control {
  readonly #host: ControlHost;
  readonly #events: EventStream;
  readonly #driver: DriverThread;
  readonly #desk: CellDesk;
  #stopping = false;

  constructor(config: KernelConfig, host: ControlHost) {
    this.#host = host;
    this.#driver = new DriverThread(
      {
        file: config.file,
        directory: config.directory,
        blockDirectory: '',
        executors: config.executors,
        args: config.args,
      },
      config.driverMemory,
      {
        message: (message) => this.#fromDriver(message),
        output: (records, dropped) => this.#desk.console(records, dropped),
        terminated: () => this.#desk.terminated(),
        lost: (error) => this.#lost(error),
      },
    );
    this.#events = new EventStream(randomUUID(), systemClock, (batch) => host.send(batch));
    this.#desk = new CellDesk(this.#driver, {
      clock: systemClock,
      emit: (event) => this.#events.emit(event),
      cancelJobs: () => {},
      limitOutput: true,
    });
    host.send({ type: 'ready', boot: this.#events.boot, pid: process.pid });
  }

  receive(message: Exclude<ToKernel, { type: 'start' }>): void {
    switch (message.type) {
      case 'execute':
        return this.#desk.execute(message);
      case 'interrupt':
        return this.#desk.interrupt();
      case 'cancelJob':
        return;
      case 'killExecutor':
        return;
      case 'shutdown':
        return void this.stop(0);
      default:
        message satisfies never;
    }
  }

  async stop(code: number): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#desk.close(undefined);
    await this.#driver.close();
    this.#events.flush();
    this.#host.exit(code);
  }

  #fromDriver(message: FromDriver): void {
    switch (message.type) {
      case 'ready':
        return this.#desk.driverReady();
      case 'output':
        return this.#desk.output(message);
      case 'finished':
        return this.#desk.finished(message);
      case 'pong':
        return this.#desk.pong(message.ping);
      case 'submitJob':
      case 'cancelJob':
      case 'persist':
      case 'setName':
      case 'forget':
        return;
      default:
        message satisfies never;
    }
  }

  #lost(error: ErrorData): void {
    this.#desk.close(error);
    this.#host.send({ type: 'fatal', error });
    void this.stop(1);
  }
}
