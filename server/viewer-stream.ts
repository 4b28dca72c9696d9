/**
 * What the viewers of one notebook receive: events reduced to what is shown, numbered, in batches, the first change
 * sent at once and what follows it gathered for a moment. A viewer that comes back gets the delta, or a snapshot when it is too old.
 */
import { jsonSize } from '../engine/fold/message-size.ts';
import { batchesForViewers, reduceForViewers } from '../engine/fold/reduce-for-viewers.ts';
import { toSnapshot } from '../engine/fold/snapshot.ts';
import type { ViewState } from '../engine/fold/state.ts';
import type { CellOutput, SequencedEvent, StagelightEvent } from '../engine/protocol.ts';
import type { EventBatch } from '../engine/viewer-protocol.ts';
import type { RichOutputs } from './rich-outputs.ts';

/** Half a kernel's beat of 25 ms: its batches pass at once, whatever left just before them. */
const INTERVAL_MS = 12;
/** Events kept for viewers that come back; an older viewer gets a snapshot. */
const KEPT_EVENTS = 2000;
const KEPT_BYTES = 8_000_000;

export type Joined =
  | { ok: true; boot: string; seq: number; snapshot: unknown }
  | { ok: true; boot: string; seq: number; events: SequencedEvent[] };

export interface ViewerStreamOptions {
  view: ViewState;
  outputs: RichOutputs;
  /** Keeps what is about to be shown: no viewer knows what a server that was killed would not know again. */
  keep(events: readonly StagelightEvent[]): void;
  send(batch: EventBatch): void;
}

export class ViewerStream {
  readonly #view: ViewState;
  readonly #options: ViewerStreamOptions;
  #pending: SequencedEvent[] = [];
  #kept: SequencedEvent[] = [];
  #keptBytes = 0;
  /** The last number no longer kept: viewers behind it need a snapshot. */
  #droppedTo: number;
  #timer: NodeJS.Timeout | undefined;
  #lastSent = 0;

  constructor(options: ViewerStreamOptions) {
    this.#options = options;
    this.#view = options.view;
    this.#droppedTo = options.view.seq;
  }

  /** Takes an event that the view has just been folded with, and gives it its number. */
  push(event: StagelightEvent): void {
    this.#pending.push({ seq: ++this.#view.seq, event });
    if (this.#timer) return;
    const wait = this.#lastSent + INTERVAL_MS - performance.now();
    this.#timer = setTimeout(() => this.flush(), Math.max(0, wait));
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.length === 0) return;
    this.#lastSent = performance.now();
    const pending = this.#pending;
    this.#pending = [];
    const reduced = reduceForViewers(this.#view, pending);
    this.#options.keep(reduced.map(({ event }) => event));
    const events = reduced.map((sequenced) => this.#forViewer(sequenced));
    this.#kept.push(...events);
    const { boot } = this.#view;
    for (const batch of batchesForViewers(boot, pending[0]!.seq, pending.at(-1)!.seq, events))
      this.#options.send(batch);
    for (const { event } of events) this.#keptBytes += jsonSize(event);
    if (this.#kept.length > 2 * KEPT_EVENTS || this.#keptBytes > 2 * KEPT_BYTES) this.#dropOldest();
  }

  #forViewer({ seq, event }: SequencedEvent): SequencedEvent {
    if (event.type !== 'cellOutput') return { seq, event };
    return { seq, event: { ...event, output: this.#options.outputs.forViewer(event.output) } };
  }

  #dropOldest(): void {
    let dropped = 0;
    while (this.#kept.length - dropped > KEPT_EVENTS || this.#keptBytes > KEPT_BYTES) {
      const { seq, event } = this.#kept[dropped++]!;
      this.#keptBytes -= jsonSize(event);
      this.#droppedTo = seq;
    }
    this.#kept = this.#kept.slice(dropped);
  }

  join(boot: string | undefined, seq: number | undefined): Joined {
    this.flush();
    const { boot: ownBoot, seq: last } = this.#view;
    if (boot === ownBoot && seq !== undefined && seq <= last && seq >= this.#droppedTo) {
      return { ok: true, boot: ownBoot, seq: last, events: this.#kept.filter((event) => event.seq > seq) };
    }
    const snapshot = toSnapshot(this.#view);
    const forViewer = <T extends { outputs: CellOutput[] }>(holder: T): T => ({
      ...holder,
      outputs: holder.outputs.map((output) => this.#options.outputs.forViewer(output)),
    });
    const cells = snapshot.cells.map(forViewer);
    const bin = snapshot.bin.map((binned) => ({ ...binned, cell: forViewer(binned.cell) }));
    const stashed = snapshot.stashed.map(forViewer);
    return { ok: true, boot: ownBoot, seq: last, snapshot: { ...snapshot, cells, bin, stashed } };
  }
}
