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
  readonly #used: Set<number> = new Set();
  /** The only task of a bucket that has one. */
  readonly #only = new Map<number, Slice['task']>();
  /** Key of the one stage whose tasks share a bucket; undefined when there are several. */
  readonly #stages = new Map<number, string | undefined>();
  #singles: Slice[] = [];
  #stage: StageView | undefined;

  constructor(from: number, to: number, bucket: number, now: number) {
    this.#from = from;
    this.#to = to;
    this.#bucket = bucket;
    this.#now = now;
    this.#sums = new Float64Array((Math.floor((to - from) / bucket) + 1) * SUM.stride);
  }

  add(stage: StageView, lane: Lane): void {
    this.#stage = stage;
    lane.visit(this.#from, this.#to, this.#now, this);
  }

  takeBlock(numbers: Float64Array, at: number, count: number): boolean {
    if (numbers[at + BLOCK.maxDuration]! >= this.#bucket) return false;
    const bucket = this.#bucketOf(numbers[at + BLOCK.first]!);
    if (bucket !== this.#bucketOf(numbers[at + BLOCK.last]!)) return false;
    const sum = this.#open(bucket, numbers[at + BLOCK.first]!, numbers[at + BLOCK.maxEnd]!, count);
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
      const phases = new Float64Array(PHASES);
      addPhases(tasks, row, this.#now, phases, 0);
      this.#singles.push({
        start: rounded(start),
        end: rounded(end),
        count: 1,
        failed: status === FAILED ? 1 : 0,
        running: status === RUNNING ? 1 : 0,
        phases: Array.from(phases, rounded),
        stage: this.#stage!.key,
        task: this.#taskOf(row),
      });
      return;
    }
    const bucket = this.#bucketOf(start);
    const fresh = !this.#used.has(bucket);
    const sum = this.#open(bucket, start, end, 1);
    if (fresh) this.#only.set(bucket, this.#taskOf(row));
    if (status === FAILED) this.#sums[sum + SUM.failed]! += 1;
    if (status === RUNNING) this.#sums[sum + SUM.running]! += 1;
    addPhases(tasks, row, this.#now, this.#sums, sum + SUM.phases);
  }

  /** The slices gathered since the last call, in start order. */
  take(): Slice[] {
    const slices = this.#singles;
    for (const bucket of this.#used) {
      const at = bucket * SUM.stride;
      const slice: Slice = {
        start: rounded(this.#sums[at + SUM.start]!),
        end: rounded(this.#sums[at + SUM.end]!),
        count: this.#sums[at + SUM.count]!,
        failed: this.#sums[at + SUM.failed]!,
        running: this.#sums[at + SUM.running]!,
        phases: Array.from(this.#sums.subarray(at + SUM.phases, at + SUM.stride), rounded),
      };
      const stage = this.#stages.get(bucket);
      if (stage !== undefined) slice.stage = stage;
      const only = this.#only.get(bucket);
      if (slice.count === 1 && only) slice.task = only;
      slices.push(slice);
    }
    this.#singles = [];
    this.#used.clear();
    this.#only.clear();
    this.#stages.clear();
    return slices.sort((a, b) => a.start - b.start || a.end - b.end);
  }

  #bucketOf(start: number): number {
    return Math.max(0, Math.floor((start - this.#from) / this.#bucket));
  }

  #open(bucket: number, start: number, end: number, count: number): number {
    const at = bucket * SUM.stride;
    const sums = this.#sums;
    const { key } = this.#stage!;
    if (!this.#used.has(bucket)) {
      this.#used.add(bucket);
      this.#stages.set(bucket, key);
      sums.fill(0, at, at + SUM.stride);
      sums[at + SUM.start] = start;
      sums[at + SUM.end] = end;
    } else {
      if (this.#stages.get(bucket) !== key) this.#stages.set(bucket, undefined);
      sums[at + SUM.start] = Math.min(sums[at + SUM.start]!, start);
      sums[at + SUM.end] = Math.max(sums[at + SUM.end]!, end);
    }
    sums[at + SUM.count]! += count;
    return at;
  }

  #taskOf(row: number): NonNullable<Slice['task']> {
    const { tasks, info } = this.#stage!;
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
}

/** A hundredth of a millisecond is far below a pixel, and keeps answers short. */
function rounded(time: number): number {
  return Math.round(time * 100) / 100;
}
