/** Reads event logs: line by line as events, or at once as the folded state, from the last keyframe on. */
import { createReadStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { StagelightError } from '../errors.ts';
import { createViewState, fold } from '../fold/fold.ts';
import { KEEP_ALL } from '../fold/fold-options.ts';
import type { ViewState } from '../fold/state.ts';
import type { SequencedEvent } from '../protocol.ts';
import type { OpenedFormat } from './event-log-format.ts';
import { formatOf, lineError } from './event-log-format.ts';
import type { LogLine } from './event-log-lines.ts';
import { readLines } from './event-log-lines.ts';
import { KEYFRAME_INTERVAL, KeyframeWriter, keyframePath } from './keyframes.ts';
import { readKeyframe } from './keyframes-reader.ts';

export interface ReadOptions {
  /** Told what was tolerated, such as a last line cut short by a crash. */
  onWarning?: (message: string) => void;
}

/** Every event of a log in order. Throws a StagelightError that names the file, the line and what is wrong. */
export async function* readEventLog(path: string, options: ReadOptions = {}): AsyncGenerator<SequencedEvent> {
  let format: OpenedFormat | undefined;
  for await (const lines of readLines(chunksOf(path), 0)) {
    for (const line of lines) {
      if (!format) format = openFormat(line, path);
      else yield* decode(format, line, path, options);
    }
  }
  if (!format) throw emptyLog(path);
}

export interface OpenOptions extends ReadOptions {
  /** Only up to this event: for looking back. */
  untilSeq?: number;
  /** Events between rebuilt keyframes. */
  keyframeInterval?: number;
}

/** The whole log folded with task columns, nothing retired. Keyframes are used where they fit, and rebuilt where not. */
export async function openEventLog(path: string, options: OpenOptions = {}): Promise<ViewState> {
  const format = await readHeader(path);
  const untilSeq = options.untilSeq ?? Infinity;
  const keyframe = await readKeyframe(path, format.boot, untilSeq);
  const state = keyframe?.state ?? createViewState(format.boot);
  const rebuilding = keyframe
    ? undefined
    : new KeyframeRebuilding(path, format.boot, options.keyframeInterval ?? KEYFRAME_INTERVAL);
  try {
    let header = keyframe === undefined;
    for await (const lines of readLines(
      chunksOf(path, keyframe?.offset),
      keyframe?.line ?? 0,
      keyframe?.offset,
    )) {
      for (const line of lines) {
        if (header) {
          header = false;
          continue;
        }
        for (const { seq, event } of decode(format, line, path, options)) {
          if (seq > untilSeq) return state;
          if (seq !== state.seq + 1) {
            options.onWarning?.(`${path} line ${line.number}: event ${seq} follows event ${state.seq}`);
          }
          try {
            fold(state, event, KEEP_ALL);
          } catch {
            throw located(lineError(`has a ${event.type} event with missing fields`), line, path);
          }
          state.seq = seq;
        }
        rebuilding?.passed(state, line);
      }
    }
    await rebuilding?.finish();
  } finally {
    await rebuilding?.abandon();
  }
  return state;
}

/** Writes new keyframes on the way, into a file of its own that replaces the old one at the end. */
class KeyframeRebuilding {
  readonly #path: string;
  readonly #boot: string;
  readonly #temporary: string;
  readonly #interval: number;
  #writer: KeyframeWriter | undefined;
  #next: number;
  #failed = false;

  constructor(path: string, boot: string, interval: number) {
    this.#path = path;
    this.#interval = interval;
    this.#next = interval;
    this.#boot = boot;
    this.#temporary = `${keyframePath(path)}.${process.pid}`;
  }

  passed(state: ViewState, line: LogLine): void {
    if (state.seq < this.#next || this.#failed || !line.complete) return;
    this.#next = (Math.floor(state.seq / this.#interval) + 1) * this.#interval;
    try {
      this.#writer ??= new KeyframeWriter(this.#temporary, this.#boot);
      this.#writer.write(state, { path: this.#path, offset: line.end, line: line.number });
    } catch {
      // A folder that cannot be written to: the log is read all the same.
      this.#failed = true;
    }
  }

  async finish(): Promise<void> {
    if (!this.#writer || this.#failed) return;
    this.#writer.close();
    this.#writer = undefined;
    await rename(this.#temporary, keyframePath(this.#path)).catch(() => undefined);
  }

  async abandon(): Promise<void> {
    if (!this.#writer) return;
    this.#writer.close();
    this.#writer = undefined;
    await rm(this.#temporary, { force: true });
  }
}

async function readHeader(path: string): Promise<OpenedFormat> {
  for await (const [first] of readLines(chunksOf(path, 0, 64 * 1024), 0)) {
    if (first) return openFormat(first, path);
  }
  throw emptyLog(path);
}

function openFormat(line: LogLine, path: string): OpenedFormat {
  let first: unknown;
  try {
    first = JSON.parse(line.text);
  } catch {
    first = undefined;
  }
  return formatOf(first, path).open(first as Record<string, unknown>, path);
}

function decode(format: OpenedFormat, line: LogLine, path: string, options: ReadOptions): SequencedEvent[] {
  if (line.text.length === 0) return [];
  try {
    return format.decode(line.text);
  } catch (error) {
    if (!line.complete) {
      options.onWarning?.(`${path} line ${line.number}: the last line is cut short and was left out`);
      return [];
    }
    throw error instanceof StagelightError && error.code === 'EVENT_LOG_LINE'
      ? located(error, line, path)
      : error;
  }
}

function located(error: StagelightError, line: LogLine, path: string): StagelightError {
  return new StagelightError('EVENT_LOG_LINE', `${path} line ${line.number} ${error.message}`, {
    hint: 'The log was damaged after it was written; the lines before this one are good.',
    position: { file: path, line: line.number, column: 1 },
  });
}

function emptyLog(path: string): StagelightError {
  return new StagelightError('EVENT_LOG_FORMAT', `${path} is empty`, {
    hint: "Name a log written by 'stagelight run --events FILE'.",
  });
}

async function* chunksOf(path: string, start = 0, chunkSize = 1 << 20): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { start, highWaterMark: chunkSize }) as AsyncIterable<Buffer>;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new StagelightError('EVENT_LOG_READ', `cannot read ${path}: ${reason}`, {
      hint: 'Check the path and that you may read the file.',
      cause,
    });
  }
}
