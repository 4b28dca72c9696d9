/**
 * How the ends of ordinary tasks travel: those that follow each other in one message as a row of numbers, with the
 * metrics that are not zero. As objects, their names alone are half a kilobyte for every task that counts to one.
 */
import { zeroMetrics } from '../fold/progress.ts';
import { TASK_METRICS } from '../protocol.ts';
import type { TaskEnd } from '../scheduler/backend.ts';
import type { FromExecutor } from './messages.ts';

/** What goes through the channel in place of an array of messages. */
export type Packed = FromExecutor | TaskEndBatch;

export interface TaskEndBatch {
  type: 'taskEnds';
  /** Of each task, in order: see `TaskEndWriter.add`. */
  numbers: Float64Array;
  /** The results' bytes, one after the other. */
  results: Uint8Array;
}

const SUCCESS = { kind: 'success' } as const;
const ABSENT = -1;
/** A larger result is not copied once more. */
const MOST_RESULT_BYTES = 1024;
const FIXED_NUMBERS = 10;

/** All that a batch holds of an end. */
function isOrdinary({ reason, result, mapStatus, accumulators, cachedBlocks }: TaskEnd): boolean {
  if (reason.kind !== 'success' || mapStatus || accumulators || cachedBlocks) return false;
  return result === undefined || ('bytes' in result && result.bytes.byteLength <= MOST_RESULT_BYTES);
}

/** The messages as they are sent: what is no end of an ordinary task stays as it is, and where it is. */
export function packMessages(messages: readonly FromExecutor[]): Packed[] {
  const packed: Packed[] = [];
  const writer = new TaskEndWriter();
  for (const message of messages) {
    if (message.type === 'taskEnded' && isOrdinary(message.end)) {
      writer.add(message.end);
      continue;
    }
    if (writer.count > 0) packed.push(writer.take());
    packed.push(message);
  }
  if (writer.count > 0) packed.push(writer.take());
  return packed;
}

/** Calls with each message in the order in which it was sent. */
export function unpackMessages(packed: readonly Packed[], take: (message: FromExecutor) => void): void {
  for (const message of packed) {
    if (message.type === 'taskEnds') for (const end of readEnds(message)) take({ type: 'taskEnded', end });
    else take(message);
  }
}

class TaskEndWriter {
  #numbers = new Float64Array(512);
  #length = 0;
  #results: Uint8Array[] = [];
  count = 0;

  add({ taskId, startTime, endTime, metrics, rowsByRdd, operatorTimes, result }: TaskEnd): void {
    const byRdd = operatorTimes?.byRdd;
    this.#reserve(FIXED_NUMBERS + TASK_METRICS.length + (rowsByRdd?.length ?? 0) + (byRdd?.length ?? 0));
    const numbers = this.#numbers;
    let at = this.#length;
    numbers[at++] = taskId;
    numbers[at++] = startTime;
    numbers[at++] = endTime;
    const maskAt = at++;
    let mask = 0;
    for (let i = 0; i < TASK_METRICS.length; i++) {
      const value = metrics[TASK_METRICS[i]!];
      if (value === 0) continue;
      mask |= 1 << i;
      numbers[at++] = value;
    }
    numbers[maskAt] = mask;
    numbers[at++] = rowsByRdd?.length ?? ABSENT;
    if (rowsByRdd) for (const rows of rowsByRdd) numbers[at++] = rows;
    numbers[at++] = byRdd?.length ?? ABSENT;
    if (operatorTimes) {
      for (const time of operatorTimes.byRdd) numbers[at++] = time;
      numbers[at++] = operatorTimes.shuffleRead;
      numbers[at++] = operatorTimes.output;
    }
    const bytes = result && 'bytes' in result ? result.bytes : undefined;
    numbers[at++] = bytes?.byteLength ?? ABSENT;
    if (bytes && bytes.byteLength > 0) this.#results.push(bytes);
    this.#length = at;
    this.count++;
  }

  take(): TaskEndBatch {
    const numbers = this.#numbers.slice(0, this.#length);
    const results = Buffer.concat(this.#results);
    this.#length = 0;
    this.#results = [];
    this.count = 0;
    return { type: 'taskEnds', numbers, results };
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#numbers.length) return;
    const larger = new Float64Array(2 * (this.#length + more));
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}

function* readEnds({ numbers, results }: TaskEndBatch): Generator<TaskEnd> {
  let at = 0;
  let resultAt = 0;
  const list = (length: number): number[] => {
    const values: number[] = [];
    for (let i = 0; i < length; i++) values.push(numbers[at++]!);
    return values;
  };
  while (at < numbers.length) {
    const end: TaskEnd = {
      taskId: numbers[at]!,
      reason: SUCCESS,
      metrics: zeroMetrics(),
      startTime: numbers[at + 1]!,
      endTime: numbers[at + 2]!,
    };
    const mask = numbers[at + 3]!;
    at += 4;
    for (let i = 0; mask >>> i > 0; i++) if (mask & (1 << i)) end.metrics[TASK_METRICS[i]!] = numbers[at++]!;
    const rows = numbers[at++]!;
    if (rows !== ABSENT) end.rowsByRdd = list(rows);
    const operators = numbers[at++]!;
    if (operators !== ABSENT) {
      const byRdd = list(operators);
      end.operatorTimes = { byRdd, shuffleRead: numbers[at]!, output: numbers[at + 1]! };
      at += 2;
    }
    const bytes = numbers[at++]!;
    if (bytes !== ABSENT) end.result = { bytes: results.subarray(resultAt, resultAt + bytes) };
    resultAt += Math.max(0, bytes);
    yield end;
  }
}
