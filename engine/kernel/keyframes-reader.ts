/** Finds and restores the keyframe to start from; anything wrong with the file means there is none. */
import type { FileHandle } from 'node:fs/promises';
import { open, stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { fromSnapshot } from '../fold/snapshot.ts';
import type { ViewState } from '../fold/state.ts';
import { TaskColumns } from '../fold/task-columns.ts';
import { decodeRows } from '../fold/task-columns-codec.ts';
import type { Frame, FrameStage, KeyframeFileHeader } from './keyframes.ts';
import {
  FRAME_RECORD,
  KEYFRAME_SCHEMA,
  keyframePath,
  logProbe,
  MAGIC,
  RECORD_HEADER_BYTES,
  ROWS_RECORD,
} from './keyframes.ts';

export interface RestoredKeyframe {
  state: ViewState;
  offset: number;
  line: number;
}

/** The last keyframe at or before `untilSeq`, or undefined. */
export async function readKeyframe(
  logPath: string,
  boot: string,
  untilSeq = Infinity,
): Promise<RestoredKeyframe | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(keyframePath(logPath), 'r');
    const logSize = (await stat(logPath)).size;
    const frames = await frameOffsets(file, boot);
    for (const at of frames.reverse()) {
      const frame = JSON.parse((await readRecord(file, at, FRAME_RECORD)).toString()) as Frame;
      if (frame.seq > untilSeq) continue;
      if (frame.offset > logSize || logProbe(logPath, frame.offset) !== frame.logCrc) return undefined;
      return await restore(file, frame);
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}

async function readExactly(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { size } = await file.stat();
  if (at + length > size) throw new RangeError('the file ends before the record does');
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  if (bytesRead !== length) throw new RangeError('the file ends before the record does');
  return bytes;
}

/** Offsets of the frames whose records are complete; a writer that died leaves a torn last one. */
async function frameOffsets(file: FileHandle, boot: string): Promise<number[]> {
  const start = await readExactly(file, 0, MAGIC.length + 4);
  if (!start.subarray(0, MAGIC.length).equals(MAGIC)) throw new TypeError('not a keyframe file');
  const headerLength = start.readUInt32LE(MAGIC.length);
  const header = JSON.parse(
    (await readExactly(file, start.length, headerLength)).toString(),
  ) as KeyframeFileHeader;
  if (header.schema !== KEYFRAME_SCHEMA || header.boot !== boot)
    throw new TypeError('keyframes of another log');
  const { size } = await file.stat();
  const frames: number[] = [];
  let at = start.length + headerLength;
  while (at + RECORD_HEADER_BYTES <= size) {
    const record = await readExactly(file, at, RECORD_HEADER_BYTES);
    const next = at + RECORD_HEADER_BYTES + record.readUInt32LE(4);
    if (record.readUInt32LE(0) === FRAME_RECORD && next <= size) frames.push(at);
    at = next;
  }
  return frames;
}

async function readRecord(file: FileHandle, at: number, kind: number): Promise<Buffer> {
  const header = await readExactly(file, at, RECORD_HEADER_BYTES);
  if (header.readUInt32LE(0) !== kind) throw new TypeError('a record of another kind');
  const payload = await readExactly(file, at + RECORD_HEADER_BYTES, header.readUInt32LE(4));
  if (crc32(payload) !== header.readUInt32LE(8)) throw new TypeError('a damaged record');
  return payload;
}

async function restore(file: FileHandle, frame: Frame): Promise<RestoredKeyframe> {
  const state = fromSnapshot(frame.snapshot);
  for (const stage of frame.stages) {
    const view = state.stages.get(stage.key);
    if (!view) throw new TypeError('rows of an unknown stage');
    view.tasks = await restoreColumns(file, stage);
    state.taskRows += view.tasks.length;
  }
  return { state, offset: frame.offset, line: frame.line };
}

async function restoreColumns(file: FileHandle, stage: FrameStage): Promise<TaskColumns> {
  const tasks = new TaskColumns();
  for (const executorId of stage.executorIds) tasks.executorIndex(executorId);
  let rows = 0;
  for (const part of stage.parts) rows += decodeRows(tasks, rows, await readRecord(file, part, ROWS_RECORD));
  if (rows !== stage.length) throw new RangeError('rows are missing');
  tasks.restored(rows);
  for (const [row, error] of stage.errors) tasks.errors.set(row, error);
  for (const [row, reason] of stage.reasons) tasks.reasons.set(row, reason);
  return tasks;
}
