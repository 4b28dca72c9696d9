/** Writes a kernel's event log: a header line, then one line per event, and keyframes beside it when it is given events. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import { errorToData, StagelightError } from '../errors.ts';
import { createViewState, fold } from '../fold/fold.ts';
import { KEEP_ALL } from '../fold/fold-options.ts';
import type { ViewState } from '../fold/state.ts';
import type { ErrorData, EventLogHeader, StagelightEvent } from '../protocol.ts';
import { PROTOCOL_VERSION } from '../protocol.ts';
import { mostBytes, writeLogLine } from './event-log-format.ts';
import { KEYFRAME_INTERVAL, KeyframeWriter, keyframePath } from './keyframes.ts';

export interface EventLogOptions {
  path: string;
  boot: string;
  clock?: Clock;
  /** The log ends, with whole lines, before it grows past this. */
  maxBytes?: number | undefined;
  /** Events between keyframes. */
  keyframeInterval?: number;
  /** Called once, when writing fails (a full disk); the kernel goes on without its log. */
  onError?: (error: ErrorData) => void;
}

const FLUSH_BYTES = 64 * 1024;
/** Of what is gathered; more only for a line that takes more. */
const GATHERED_BYTES = 256 * 1024;
const FLUSH_INTERVAL_MS = 50;

/**
 * Writes are synchronous, a batch at a time: about 0.3 µs per event, in order whatever happens next, and nothing is
 * left to be lost in a promise when the process must exit.
 */
export class EventLog {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #onError: ((error: ErrorData) => void) | undefined;
  readonly #view: ViewState;
  readonly #keyframeInterval: number;
  readonly #maxBytes: number;
  #file: number | undefined;
  #keyframes: KeyframeWriter | undefined;
  #seq = 0;
  /** Bytes written, those gathered not included. */
  #offset = 0;
  #gathered = Buffer.allocUnsafe(GATHERED_BYTES);
  #used = 0;
  #cancel: (() => void) | undefined;

  constructor(options: EventLogOptions) {
    this.#path = options.path;
    this.#clock = options.clock ?? systemClock;
    this.#onError = options.onError;
    this.#view = createViewState(options.boot);
    this.#maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
    this.#keyframeInterval = options.keyframeInterval ?? KEYFRAME_INTERVAL;
    try {
      this.#file = openSync(options.path, 'w');
      rmSync(keyframePath(options.path), { force: true });
    } catch (cause) {
      throw new StagelightError(
        'EVENT_LOG_WRITE',
        `cannot write the event log ${options.path}: ${(cause as Error).message}`,
        { hint: 'Name a file in an existing folder that you may write to.', cause },
      );
    }
    const header: EventLogHeader = {
      type: 'logStart',
      format: 'stagelight-events',
      version: PROTOCOL_VERSION,
      boot: options.boot,
      time: this.#clock.now(),
    };
    this.#used = this.#gathered.write(`${JSON.stringify(header)}\n`);
    this.flush();
  }

  /** Appends events as their JSON; with `events`, the same parsed, keyframes are written too. */
  append(lines: readonly string[], events?: readonly StagelightEvent[]): void {
    for (let i = 0; i < lines.length; i++) {
      // It may end on the way.
      if (this.#file === undefined) return;
      const line = lines[i]!;
      this.#makeRoom(mostBytes(line));
      this.#used = writeLogLine(this.#gathered, this.#used, ++this.#seq, line);
      if (this.#used >= FLUSH_BYTES) this.flush();
      const event = events?.[i];
      if (event) this.#observe(event);
    }
    if (this.#used > 0) {
      this.#cancel ??= this.#clock.after(FLUSH_INTERVAL_MS, () => {
        this.#cancel = undefined;
        this.flush();
      });
    }
  }

  #observe(event: StagelightEvent): void {
    fold(this.#view, event, KEEP_ALL);
    this.#view.seq = this.#seq;
    if (this.#seq % this.#keyframeInterval !== 0) return;
    this.flush();
    if (this.#file === undefined) return;
    this.#attempt(() => {
      this.#keyframes ??= new KeyframeWriter(keyframePath(this.#path), this.#view.boot);
      this.#keyframes.write(this.#view, { path: this.#path, offset: this.#offset, line: this.#seq + 1 });
    });
  }

  #makeRoom(bytes: number): void {
    if (this.#used + bytes <= this.#gathered.length) return;
    this.flush();
    if (bytes > this.#gathered.length) this.#gathered = Buffer.allocUnsafe(bytes);
  }

  flush(): void {
    if (this.#file === undefined || this.#used === 0) return;
    const bytes = this.#gathered.subarray(0, this.#used);
    this.#used = 0;
    if (this.#gathered.length > GATHERED_BYTES) this.#gathered = Buffer.allocUnsafe(GATHERED_BYTES);
    if (this.#offset + bytes.length > this.#maxBytes) {
      this.#end();
      return;
    }
    this.#attempt(() => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file!, bytes, at);
      this.#offset += bytes.length;
    });
  }

  close(): void {
    this.flush();
    this.#end();
  }

  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#end();
      this.#onError?.({
        ...errorToData(error),
        code: 'EVENT_LOG_WRITE',
        message: `the event log ${this.#path} ends here: ${(error as Error).message}`,
        hint: 'Free space on its disk; the run itself goes on.',
      });
    }
  }

  #end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#keyframes?.close();
    this.#keyframes = undefined;
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
