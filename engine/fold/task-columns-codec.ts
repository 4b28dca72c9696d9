/** A range of rows of task columns as bytes, and back: what keyframes hold of a stage. */
import { TASK_METRICS } from '../protocol.ts';
import type { TaskColumns } from './task-columns.ts';

const HEADER_BYTES = 8;
/** Everything but the metrics: two times, three 32-bit columns, two 16-bit, one byte. */
const FIXED_ROW_BYTES = 2 * 8 + 3 * 4 + 2 * 2 + 1;

/** In the mask of the metrics: there are tasks of several partitions. */
const SEVERAL_PARTITIONS = 1 << 30;
/** There are second copies of slow tasks. */
const SPECULATIVE = 1 << 29;

function rowsSize(rows: number, mask: number): number {
  let metrics = 0;
  for (let m = 0; m < TASK_METRICS.length; m++) if (mask & (1 << m)) metrics++;
  const several = mask & SEVERAL_PARTITIONS ? 4 : 0;
  const speculative = mask & SPECULATIVE ? 1 : 0;
  return HEADER_BYTES + rows * (FIXED_ROW_BYTES + several + speculative + metrics * 8);
}

/** Rows `from`…`to` (exclusive): a count, a mask of the metrics present, then the columns, widest first. */
export function encodeRows(tasks: TaskColumns, from: number, to: number): Uint8Array<ArrayBuffer> {
  let mask = 0;
  for (let m = 0; m < TASK_METRICS.length; m++) if (tasks.metrics[m]) mask |= 1 << m;
  if (tasks.numPartitions) mask |= SEVERAL_PARTITIONS;
  if (tasks.speculative) mask |= SPECULATIVE;
  const bytes = new Uint8Array(rowsSize(to - from, mask));
  new Uint32Array(bytes.buffer, 0, 2).set([to - from, mask]);
  let at = HEADER_BYTES;
  const append = (
    column: ArrayBufferView & { subarray(from: number, to: number): ArrayBufferView },
  ): void => {
    const part = column.subarray(from, to);
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  };
  append(tasks.launchTime);
  append(tasks.finishTime);
  for (const column of tasks.metrics) if (column) append(column);
  for (const column of [tasks.taskId, tasks.index, tasks.partition]) append(column);
  if (tasks.numPartitions) append(tasks.numPartitions);
  for (const column of [tasks.attempt, tasks.executor]) append(column);
  append(tasks.status);
  if (tasks.speculative) append(tasks.speculative);
  return bytes;
}

/** Writes encoded rows into the columns from row `from` on; returns how many. `tasks.restored` makes them valid. */
export function decodeRows(tasks: TaskColumns, from: number, bytes: Uint8Array): number {
  // A copy of its own: the columns must start at multiples of their widths.
  const buffer = new Uint8Array(bytes).buffer;
  const [rows = 0, mask = 0] = bytes.length >= HEADER_BYTES ? new Uint32Array(buffer, 0, 2) : [];
  if (bytes.length !== rowsSize(rows, mask))
    throw new RangeError(`${bytes.length} bytes are not ${rows} task rows`);
  tasks.reserve(from + rows);
  let at = HEADER_BYTES;
  const take = (width: number): number => {
    const start = at;
    at += rows * width;
    return start;
  };
  tasks.launchTime.set(new Float64Array(buffer, take(8), rows), from);
  tasks.finishTime.set(new Float64Array(buffer, take(8), rows), from);
  for (let m = 0; m < TASK_METRICS.length; m++) {
    if (mask & (1 << m)) tasks.metricColumn(m).set(new Float64Array(buffer, take(8), rows), from);
  }
  tasks.taskId.set(new Uint32Array(buffer, take(4), rows), from);
  tasks.index.set(new Int32Array(buffer, take(4), rows), from);
  tasks.partition.set(new Int32Array(buffer, take(4), rows), from);
  if (mask & SEVERAL_PARTITIONS)
    tasks.numPartitionsColumn().set(new Uint32Array(buffer, take(4), rows), from);
  tasks.attempt.set(new Uint16Array(buffer, take(2), rows), from);
  tasks.executor.set(new Uint16Array(buffer, take(2), rows), from);
  tasks.status.set(new Uint8Array(buffer, take(1), rows), from);
  if (mask & SPECULATIVE) tasks.speculativeColumn().set(new Uint8Array(buffer, take(1), rows), from);
  return rows;
}
