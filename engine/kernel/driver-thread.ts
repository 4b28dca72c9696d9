/** Control's handle of the driver thread: its port, its output ring, and the termination of what it executes. */
import { Session } from 'node:inspector';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { errorToData } from '../errors.ts';
import type { ErrorData } from '../protocol.ts';
import {
  type DriverConfig,
  type FromDriver,
  SIGNAL,
  SIGNAL_SLOTS,
  type ToDriver,
} from './driver-messages.ts';
import { driverOutOfMemory } from './kernel-loss.ts';
import { createRing, RingReader, type RingRecord } from './output-ring.ts';

export interface DriverListener {
  message(message: FromDriver): void;
  /** Console output, in order with the messages. */
  output(records: RingRecord[], dropped: number): void;
  /** A termination took effect. */
  terminated(): void;
  /** The thread ended by itself, as it was told to when nothing is left to wait for; with `process.exitCode`. */
  drained(exitCode: number): void;
  /** The thread is gone. */
  lost(error: ErrorData): void;
}

const RING_BYTES = 4 * 1024 * 1024;
/** Pause between two readings of the ring: short enough to look immediate, long enough to gather lines. */
const DRAIN_INTERVAL_MS = 20;
/** A driver that displays in a loop must not keep control from its other work. */
const MAX_MESSAGES_PER_DRAIN = 10_000;

export class DriverThread {
  readonly signals: Int32Array;
  readonly #listener: DriverListener;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #ring: RingReader;
  #session: Session | undefined;
  #sessionId: string | undefined;
  #closed = false;
  #draining = false;

  constructor(config: Omit<DriverConfig, 'ring' | 'signals'>, memory: number, listener: DriverListener) {
    this.#listener = listener;
    const ring = createRing(RING_BYTES);
    const signals = new SharedArrayBuffer(4 * SIGNAL_SLOTS);
    this.signals = new Int32Array(signals);
    this.#ring = new RingReader(ring);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const driverConfig: DriverConfig = { ...config, ring, signals };
    const entry = import.meta.url.endsWith('.ts') ? './driver.ts' : './driver.js';
    this.#worker = new Worker(new URL(entry, import.meta.url), {
      name: 'driver',
      workerData: { config: driverConfig, port: port2 },
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: Math.max(64, Math.floor(memory / 1024 ** 2)) },
      stdout: true,
      stderr: true,
    });
    this.#worker.on('error', (error: Error & { code?: string }) => {
      const outOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.#lose(outOfMemory ? driverOutOfMemory(memory) : errorToData(error));
    });
    this.#worker.on('exit', (code) => {
      if (this.#draining && !this.#closed) {
        this.drain();
        this.#listener.drained(code);
        return;
      }
      this.#lose({
        code: 'KERNEL_LOST',
        name: 'StagelightError',
        message: `the driver thread ended with code ${code}`,
      });
    });
    port1.on('message', (message: FromDriver) => this.#receive(message));
    void this.#readRing();
  }

  send(message: ToDriver): void {
    if (message.type === 'drain') this.#draining = true;
    this.#port.postMessage(message);
  }

  /** Ends what the thread executes now; if it executes nothing, what it executes next. */
  terminateExecution(): void {
    this.#attach();
    if (this.#sessionId === undefined) return;
    this.#session!.post('NodeWorker.sendMessageToWorker', {
      sessionId: this.#sessionId,
      message: JSON.stringify({ id: 1, method: 'Runtime.terminateExecution' }),
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#port.close();
    this.#session?.disconnect();
    await this.#worker.terminate();
  }

  /** Takes everything the driver has written and sent so far, in order. */
  drain(): void {
    // What lies before this position was written before any message that is not in the port by now.
    const written = this.#ring.written;
    for (let taken = 0; taken < MAX_MESSAGES_PER_DRAIN; taken++) {
      const next = receiveMessageOnPort(this.#port);
      if (!next) {
        this.#show(written);
        return;
      }
      this.#receive(next.message as FromDriver);
    }
  }

  #receive(message: FromDriver): void {
    if ('position' in message) this.#show(message.position);
    if (message.type === 'output') Atomics.sub(this.signals, SIGNAL.displayBacklog, message.bytes);
    this.#listener.message(message);
  }

  #show(position: number): void {
    const records = this.#ring.read(position);
    const dropped = this.#ring.takeDropped();
    if (records.length > 0 || dropped > 0) this.#listener.output(records, dropped);
  }

  async #readRing(): Promise<void> {
    while (!this.#closed) {
      const seen = this.#ring.written;
      this.drain();
      await this.#ring.waitForWrite(seen);
      if (!this.#closed) this.drain();
      await new Promise((resolve) => setTimeout(resolve, DRAIN_INTERVAL_MS));
    }
  }

  #attach(): void {
    if (this.#session) return;
    const session = new Session();
    this.#session = session;
    session.connect();
    session.on('NodeWorker.attachedToWorker', ({ params }) => {
      this.#sessionId = params.sessionId;
    });
    session.on('NodeWorker.receivedMessageFromWorker', () => this.#listener.terminated());
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  }

  #lose(error: ErrorData): void {
    if (this.#closed) return;
    this.drain();
    this.#closed = true;
    this.#listener.lost(error);
  }
}
