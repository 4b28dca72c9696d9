/** Gathers the tasks of one timeline lane into slices: wide tasks alone, narrow ones merged by the pixels they share. */
import type { TimelineAnswer } from '../viewer-protocol.ts';
import type { StageView } from './state.ts';
import { FAILED, KILLED, RUNNING } from './task-columns.ts';
import type { Lane, LaneVisitor } from './timeline-index.ts';
import { addPhases, BLOCK, PHASES } from './timeline-index.ts';

type Slice = TimelineAnswer['lanes'][number]['slices'][number];

/** One merged slice's numbers while it gathers: start, end, count, failed, running, then the phases. */
const SUM = { start: 0, end: 1, count: 2, failed: 3, running: 4, phases: 5, stride: 5 + PHASES } as const;

/** Serves one lane after another, reusing its buckets. `bucket` is in milliseconds. */
export class LaneReducer implements LaneVisitor {
  readonly #from: number;
  readonly #to: number;
  readonly #bucket: number;
  readonly #now: number;
  readonly #sums: Float64Array;
  /** Buckets in which something is; what they hold is in the lists below, at their numbers. */
  #used: number[] = [];
  /** Whose tasks are in a bucket; undefined when they are of several stages. */
  readonly #stages: (StageView | undefined)[];
  /** The first task of a bucket, which is its only one while it has one; −1 where a block came first. */
  readonly #firstRow: Int32Array;
  #singles: Slice[] = [];
  readonly #phases = new Float64Array(PHASES);
  #stage: StageView | undefined;

  constructor(from: number, to: number, bucket: number, now: number) {
    this.#from = from;
    this.#to = to;
    this.#bucket = bucket;
    this.#now = now;
    const buckets = Math.floor((to - from) / bucket) + 1;
    this.#sums = new Float64Array(buckets * SUM.stride);
    this.#stages = new Array(buckets).fill(undefined);
    this.#firstRow = new Int32Array(buckets);
  }

  add(stage: StageView, lane: Lane): void {
    this.#stage = stage;
    lane.visit(this.#from, this.#to, this.#now, this);
  }

  takeBlock(numbers: Float64Array, at: number, count: number): boolean {
    if (numbers[at + BLOCK.maxDuration]! >= this.#bucket) return false;
    const bucket = this.#bucketOf(numbers[at + BLOCK.first]!);
    if (bucket !== this.#bucketOf(numbers[at + BLOCK.last]!)) return false;
    const sum = this.#open(bucket, numbers[at + BLOCK.first]!, numbers[at + BLOCK.maxEnd]!, count, -1);
    this.#sums[sum + SUM.failed]! += numbers[at + BLOCK.failed]!;
    for (let phase = 0; phase < PHASES; phase++) {
      this.#sums[sum + SUM.phases + phase]! += numbers[at + BLOCK.phases + phase]!;
    }
    return true;
  }

  row(row: number, end: number): void {
    const tasks = this.#stage!.tasks!;
    const start = tasks.launchTime[row]!;
    const status = tasks.status[row];
    if (end - start >= this.#bucket) {
      this.#phases.fill(0);
      addPhases(tasks, row, this.#now, this.#phases, 0);
      this.#singles.push({
        start: rounded(start),
        end: rounded(end),
        count: 1,
        failed: status === FAILED ? 1 : 0,
        running: status === RUNNING ? 1 : 0,
        phases: roundedPhases(this.#phases, 0),
        stage: this.#stage!.key,
        task: taskOf(this.#stage!, row),
      });
      return;
    }
    const sum = this.#open(this.#bucketOf(start), start, end, 1, row);
    if (status === FAILED) this.#sums[sum + SUM.failed]! += 1;
    if (status === RUNNING) this.#sums[sum + SUM.running]! += 1;
    addPhases(tasks, row, this.#now, this.#sums, sum + SUM.phases);
  }

  /** The slices gathered since the last call, in start order. */
  take(): Slice[] {
    const slices = this.#singles;
    const sums = this.#sums;
    for (const bucket of this.#used) {
      const at = bucket * SUM.stride;
      const slice: Slice = {
        start: rounded(sums[at + SUM.start]!),
        end: rounded(sums[at + SUM.end]!),
        count: sums[at + SUM.count]!,
        failed: sums[at + SUM.failed]!,
        running: sums[at + SUM.running]!,
        phases: roundedPhases(sums, at + SUM.phases),
      };
      const stage = this.#stages[bucket];
      const row = this.#firstRow[bucket]!;
      if (stage) slice.stage = stage.key;
      if (stage && slice.count === 1 && row >= 0) slice.task = taskOf(stage, row);
      slices.push(slice);
      sums.fill(0, at, at + SUM.stride);
    }
    this.#singles = [];
    this.#used = [];
    return slices.sort((a, b) => a.start - b.start || a.end - b.end);
  }

  #bucketOf(start: number): number {
    return Math.max(0, Math.floor((start - this.#from) / this.#bucket));
  }

  /** Where the sums of a bucket stand, with `count` further tasks of which `row` is one. */
  #open(bucket: number, start: number, end: number, count: number, row: number): number {
    const at = bucket * SUM.stride;
    const sums = this.#sums;
    if (sums[at + SUM.count] === 0) {
      this.#used.push(bucket);
      this.#stages[bucket] = this.#stage;
      this.#firstRow[bucket] = row;
      sums[at + SUM.start] = start;
      sums[at + SUM.end] = end;
    } else {
      if (this.#stages[bucket] !== this.#stage) this.#stages[bucket] = undefined;
      if (start < sums[at + SUM.start]!) sums[at + SUM.start] = start;
      if (end > sums[at + SUM.end]!) sums[at + SUM.end] = end;
    }
    sums[at + SUM.count]! += count;
    return at;
  }
}

function taskOf({ tasks, info }: StageView, row: number): NonNullable<Slice['task']> {
  const numPartitions = tasks!.partitionsOf(row);
  return {
    taskId: tasks!.taskId[row]!,
    stageId: info.stageId,
    stageAttempt: info.attempt,
    partition: tasks!.partition[row]!,
    attempt: tasks!.attempt[row]!,
    ...(numPartitions > 1 ? { numPartitions } : {}),
    ...(tasks!.isSpeculative(row) ? { speculative: true as const } : {}),
    ...(tasks!.status[row] === KILLED ? { killed: true as const } : {}),
  };
}

function roundedPhases(numbers: Float64Array, at: number): number[] {
  const phases: number[] = [];
  for (let phase = at; phase < at + PHASES; phase++) phases.push(rounded(numbers[phase]!));
  return phases;
}

/** A hundredth of a millisecond is far below a pixel, and keeps answers short. */
function rounded(time: number): number {
  return Math.round(time * 100) / 100;
}
