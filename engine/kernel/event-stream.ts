/** Numbers the events of one kernel, writes them to the log, and sends them on in batches. */

import type { Clock } from '../clock.ts';
import type { EventType, StagelightEvent } from '../protocol.ts';
import { stringifyEvent } from './event-log-format.ts';
import type { KernelEvents } from './kernel-process.ts';

/** Where events go besides the host: one JSON text per event, in order. */
export interface EventSink {
  append(lines: readonly string[], events?: readonly StagelightEvent[]): void;
}

const BATCH_INTERVAL_MS = 25;
const MAX_BATCH_CHARACTERS = 250_000;
/** Rare, and someone waits for them: the next cell, or the reader of a status. */
const AT_ONCE: ReadonlySet<EventType> = new Set(['cellStarted', 'cellFinished', 'kernelStatus', 'jobEnd']);

/**
 * After a pause the first event leaves at the end of the current turn of the loop, the following ones every 25 ms,
 * those in `AT_ONCE` always at once; each event is stringified once, for the log and for the host.
 */
export class EventStream {
  readonly boot: string;
  readonly #clock: Clock;
  readonly #send: (batch: KernelEvents) => void;
  readonly #sink: EventSink | undefined;
  #pending: string[] = [];
  /** Kept for a sink that reads them too. */
  #pendingEvents: StagelightEvent[] | undefined;
  #seq = 0;
  #lastFlush = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(
    boot: string,
    clock: Clock,
    send: (batch: KernelEvents) => void,
    sink?: EventSink,
    sinkReadsEvents = false,
  ) {
    this.boot = boot;
    this.#clock = clock;
    this.#send = send;
    this.#sink = sink;
    if (sinkReadsEvents) this.#pendingEvents = [];
  }

  emit(event: StagelightEvent): void {
    this.#pending.push(stringifyEvent(event));
    this.#pendingEvents?.push(event);
    if (AT_ONCE.has(event.type)) {
      this.#cancel?.();
      this.#cancel = this.#clock.after(0, () => this.flush());
      return;
    }
    const due = Math.max(0, this.#lastFlush + BATCH_INTERVAL_MS - this.#clock.now());
    this.#cancel ??= this.#clock.after(due, () => this.flush());
  }

  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#lastFlush = this.#clock.now();
    const lines = this.#pending;
    if (lines.length === 0) return;
    this.#pending = [];
    this.#sink?.append(lines, this.#pendingEvents);
    if (this.#pendingEvents) this.#pendingEvents = [];
    for (let start = 0; start < lines.length; ) {
      let end = start;
      let characters = 0;
      do {
        characters += lines[end]!.length + 1;
        end += 1;
      } while (end < lines.length && characters + lines[end]!.length < MAX_BATCH_CHARACTERS);
      const from = this.#seq + 1;
      this.#seq += end - start;
      this.#send({
        type: 'events',
        boot: this.boot,
        from,
        to: this.#seq,
        events: `[${lines.slice(start, end).join(',')}]`,
      });
      start = end;
    }
  }
}
