/**
 * Keyframes of an event log: every so many events the folded state, so that opening is the last keyframe and the lines
 * after it. A file of records, each with a CRC: rows of task columns, written once when all of their tasks have
 * ended, and frames that refer to them. A file that does not fit its log is of no use and of no harm.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { SNAPSHOT_VERSION, toSnapshot } from '../fold/snapshot.ts';
import type { ViewState } from '../fold/state.ts';
import { RUNNING, type TaskColumns } from '../fold/task-columns.ts';
import { encodeRows } from '../fold/task-columns-codec.ts';
import type { ErrorData } from '../protocol.ts';
import { PROTOCOL_VERSION, TASK_METRICS } from '../protocol.ts';

export const KEYFRAME_INTERVAL = 50_000;
export const MAGIC = Buffer.from('SLKEYFR1');
/** Kind, length and CRC before each record's bytes. */
export const RECORD_HEADER_BYTES = 12;
export const ROWS_RECORD = 1;
export const FRAME_RECORD = 2;
/** So many bytes of the log before a keyframe's place are checked to be those it was made of. */
const LOG_PROBE_BYTES = 4_096;
const CHUNK_ROWS = 4_096;

export interface KeyframeFileHeader {
  schema: string;
  boot: string;
}

/** Where in the log a keyframe stands: `offset` is that of the next line, `line` the number of the last one read. */
export interface LogPlace {
  path: string;
  offset: number;
  line: number;
}

export interface FrameStage {
  key: string;
  length: number;
  executorIds: string[];
  errors: [number, ErrorData][];
  reasons: [number, string][];
  /** File offsets of the row records, in row order. */
  parts: number[];
}

export interface Frame {
  seq: number;
  offset: number;
  line: number;
  logCrc: number;
  snapshot: unknown;
  stages: FrameStage[];
}

/** Any change of what keyframes hold changes this, and older files are rebuilt. */
export const KEYFRAME_SCHEMA = `4.${PROTOCOL_VERSION}.${SNAPSHOT_VERSION}.${TASK_METRICS.join()}`;

export function keyframePath(logPath: string): string {
  return `${logPath}.keyframes`;
}

export function logProbe(path: string, offset: number): number {
  const length = Math.min(LOG_PROBE_BYTES, offset);
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    const read = readSync(file, bytes, 0, length, offset - length);
    return crc32(bytes.subarray(0, read));
  } finally {
    closeSync(file);
  }
}

/** What was last written of one stage's columns. */
interface Written {
  version: number;
  parts: number[];
  /** How many leading entries of each part's chunk are final. */
  final: boolean[];
}

export class KeyframeWriter {
  readonly #file: number;
  readonly #written = new WeakMap<TaskColumns, Written>();
  #offset = 0;

  constructor(path: string, boot: string) {
    this.#file = openSync(path, 'w');
    const header: KeyframeFileHeader = { schema: KEYFRAME_SCHEMA, boot };
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.length);
    this.#append(Buffer.concat([MAGIC, length, json]));
  }

  /** Writes the state as a keyframe; everything up to `place.offset` must be in the log already. */
  write(state: ViewState, place: LogPlace): void {
    const stages: FrameStage[] = [];
    for (const { key, tasks } of state.stages.values()) {
      if (!tasks) continue;
      stages.push({
        key,
        length: tasks.length,
        executorIds: tasks.executorIds,
        errors: [...tasks.errors],
        reasons: [...tasks.reasons],
        parts: this.#rows(tasks),
      });
    }
    const frame: Frame = {
      seq: state.seq,
      offset: place.offset,
      line: place.line,
      logCrc: logProbe(place.path, place.offset),
      snapshot: toSnapshot(state, Infinity),
      stages,
    };
    this.#record(FRAME_RECORD, Buffer.from(JSON.stringify(frame)));
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Writes the chunks of rows that changed or were not final the last time; returns the places of all. */
  #rows(tasks: TaskColumns): number[] {
    const before = this.#written.get(tasks);
    if (before?.version === tasks.version) return before.parts;
    const written: Written = { version: tasks.version, parts: [], final: [] };
    for (let from = 0, chunk = 0; from < tasks.length; from += CHUNK_ROWS, chunk++) {
      const known = before?.final[chunk] ? before.parts[chunk] : undefined;
      const to = Math.min(from + CHUNK_ROWS, tasks.length);
      written.parts.push(known ?? this.#record(ROWS_RECORD, encodeRows(tasks, from, to)));
      written.final.push(known !== undefined || (to === from + CHUNK_ROWS && allEnded(tasks, from, to)));
    }
    this.#written.set(tasks, written);
    return written.parts;
  }

  #record(kind: number, payload: Uint8Array): number {
    const at = this.#offset;
    const header = Buffer.alloc(RECORD_HEADER_BYTES);
    header.writeUInt32LE(kind, 0);
    header.writeUInt32LE(payload.length, 4);
    header.writeUInt32LE(crc32(payload), 8);
    this.#append(header);
    this.#append(payload);
    return at;
  }

  #append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    this.#offset += bytes.length;
  }
}

function allEnded(tasks: TaskColumns, from: number, to: number): boolean {
  for (let row = from; row < to; row++) if (tasks.status[row] === RUNNING) return false;
  return true;
}
