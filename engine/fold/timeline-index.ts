/**
 * The multi-resolution index behind the timeline: per lane the rows of a stage in launch order, and over them levels
 * of blocks with summed phases, so that a zoomed-out view reads blocks instead of tasks. A block is summed
 * once, when all of its tasks have ended; a running one is read task by task.
 */
import type { TaskColumns } from './task-columns.ts';
import { FAILED, RUNNING } from './task-columns.ts';

export const PHASES = 7;
const RUN_TIME = 3;
const SHUFFLE_READ = 2;
const SHUFFLE_WRITE = 4;

/**
 * Of each level so many make a block of the next. Where two pixels meet, the blocks of both levels are opened, down to
 * tasks: with larger blocks most views of a minute read every task.
 */
const FAN_OUT = 16;
const LEVELS = 3;
/** Tasks in a block of each level. */
const SIZES = Array.from({ length: LEVELS }, (_, level) => FAN_OUT ** (level + 1));
/** A block's numbers: first and last launch, latest end, longest duration, failed tasks, then the phases. */
export const BLOCK = {
  first: 0,
  last: 1,
  maxEnd: 2,
  maxDuration: 3,
  failed: 4,
  phases: 5,
  stride: 5 + PHASES,
} as const;

/** Adds a row's seven phases at `at`. Of a running task only the time so far is known: it counts as computing. */
export function addPhases(
  tasks: TaskColumns,
  row: number,
  now: number,
  into: Float64Array,
  at: number,
): void {
  if (tasks.status[row] === RUNNING) {
    into[at + RUN_TIME]! += Math.max(0, now - tasks.launchTime[row]!);
    return;
  }
  for (let phase = 0; phase < PHASES; phase++) into[at + phase]! += tasks.metrics[phase]?.[row] ?? 0;
  // The run time is Spark's whole run; shuffle reading and writing are drawn as phases of their own.
  const run = tasks.metric(RUN_TIME, row);
  const shuffling = tasks.metric(SHUFFLE_READ, row) + tasks.metric(SHUFFLE_WRITE, row);
  into[at + RUN_TIME]! -= Math.min(run, shuffling);
}

/** Receives what a walk over a lane finds in its range: whole blocks, or single rows. */
export interface LaneVisitor {
  /** True takes the block whole; false has its parts visited. Only offered inside the range. */
  takeBlock(numbers: Float64Array, at: number, count: number): boolean;
  row(row: number, end: number): void;
}

/** What a walk visits: what ends at `from` or later, of the positions before `stop`. */
interface Range {
  from: number;
  stop: number;
  now: number;
}

export class Lane {
  readonly #tasks: TaskColumns;
  #rows = new Int32Array(16);
  #sorted = true;
  length = 0;
  /** Per level: numbers of each block, and whether they are final. */
  readonly #numbers = SIZES.map(() => new Float64Array(0));
  readonly #sealed = SIZES.map(() => new Uint8Array(0));

  /** When the last task ended, once none runs, and of which version of the columns that is said. */
  #ended: { version: number; at: number } | undefined;

  constructor(tasks: TaskColumns) {
    this.#tasks = tasks;
  }

  push(row: number): void {
    if (this.length === this.#rows.length) {
      const rows = new Int32Array(this.length * 2);
      rows.set(this.#rows);
      this.#rows = rows;
    }
    const last = this.length > 0 ? this.#launch(this.length - 1) : -Infinity;
    if (this.#tasks.launchTime[row]! < last) this.#sorted = false;
    this.#rows[this.length++] = row;
  }

  /** Brings order and room for blocks after a series of pushes. */
  settle(): void {
    if (!this.#sorted) {
      const launch = this.#tasks.launchTime;
      this.#rows.subarray(0, this.length).sort((a, b) => launch[a]! - launch[b]! || a - b);
      for (const sealed of this.#sealed) sealed.fill(0);
      this.#sorted = true;
    }
    for (let level = 0; level < LEVELS; level++) {
      const blocks = Math.floor(this.length / SIZES[level]!);
      if (blocks <= this.#sealed[level]!.length) continue;
      const numbers = new Float64Array(blocks * 2 * BLOCK.stride);
      numbers.set(this.#numbers[level]!);
      this.#numbers[level] = numbers;
      const sealed = new Uint8Array(blocks * 2);
      sealed.set(this.#sealed[level]!);
      this.#sealed[level] = sealed;
    }
  }

  #launch(position: number): number {
    return this.#tasks.launchTime[this.#rows[position]!]!;
  }

  get firstLaunch(): number {
    return this.length > 0 ? this.#launch(0) : Infinity;
  }

  lastEnd(now: number): number {
    const { version } = this.#tasks;
    if (this.#ended?.version === version) return this.#ended.at;
    const { status } = this.#tasks;
    let end = -Infinity;
    let running = false;
    this.visit(-Infinity, Infinity, now, {
      takeBlock(numbers, at) {
        end = Math.max(end, numbers[at + BLOCK.maxEnd]!);
        return true;
      },
      row(row, rowEnd) {
        running ||= status[row] === RUNNING;
        end = Math.max(end, rowEnd);
      },
    });
    if (!running) this.#ended = { version, at: end };
    return end;
  }

  /** Visits every task that overlaps `from`…`to`, in launch order. */
  visit(from: number, to: number, now: number, visitor: LaneVisitor): void {
    const stop = this.#upperBound(to);
    this.#visitLevel(LEVELS - 1, 0, stop, { from, stop, now }, visitor);
  }

  /** Visits the positions `start`…`end` by blocks of `level`, and what of those must be opened by the level below. */
  #visitLevel(level: number, start: number, end: number, range: Range, visitor: LaneVisitor): void {
    if (level < 0) {
      for (let position = start; position < end; position++)
        this.#visitRow(position, range.from, range.now, visitor);
      return;
    }
    const size = SIZES[level]!;
    for (let at = start; at < end; at += size) {
      if (!this.#visitBlock(level, at / size, range, visitor))
        this.#visitLevel(level - 1, at, Math.min(at + size, end), range, visitor);
    }
  }

  #visitRow(position: number, from: number, now: number, visitor: LaneVisitor): void {
    const row = this.#rows[position]!;
    const running = this.#tasks.status[row] === RUNNING;
    const end = running ? Math.max(now, this.#tasks.launchTime[row]!) : this.#tasks.finishTime[row]!;
    if (end >= from) visitor.row(row, end);
  }

  /** True when the block needs no closer look. */
  #visitBlock(level: number, block: number, { from, stop }: Range, visitor: LaneVisitor): boolean {
    const size = SIZES[level]!;
    if ((block + 1) * size > this.length || !this.#seal(level, block)) return false;
    const numbers = this.#numbers[level]!;
    const at = block * BLOCK.stride;
    if (numbers[at + BLOCK.maxEnd]! < from) return true;
    if ((block + 1) * size > stop || numbers[at + BLOCK.first]! < from) return false;
    return visitor.takeBlock(numbers, at, size);
  }

  /** Positions launched at or before `time`. */
  #upperBound(time: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#launch(middle) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #seal(level: number, block: number): boolean {
    if (this.#sealed[level]![block] === 1) return true;
    const sealed = level === 0 ? this.#sumRows(block) : this.#sumBlocks(level, block);
    if (sealed) this.#sealed[level]![block] = 1;
    return sealed;
  }

  #sumRows(block: number): boolean {
    const tasks = this.#tasks;
    const start = block * FAN_OUT;
    for (let i = start; i < start + FAN_OUT; i++) if (tasks.status[this.#rows[i]!] === RUNNING) return false;
    const numbers = this.#numbers[0]!;
    const at = block * BLOCK.stride;
    numbers.fill(0, at, at + BLOCK.stride);
    numbers[at + BLOCK.first] = this.#launch(start);
    numbers[at + BLOCK.last] = this.#launch(start + FAN_OUT - 1);
    numbers[at + BLOCK.maxEnd] = -Infinity;
    for (let i = start; i < start + FAN_OUT; i++) {
      const row = this.#rows[i]!;
      const end = tasks.finishTime[row]!;
      numbers[at + BLOCK.maxEnd] = Math.max(numbers[at + BLOCK.maxEnd]!, end);
      numbers[at + BLOCK.maxDuration] = Math.max(
        numbers[at + BLOCK.maxDuration]!,
        end - tasks.launchTime[row]!,
      );
      if (tasks.status[row] === FAILED) numbers[at + BLOCK.failed]! += 1;
      addPhases(tasks, row, 0, numbers, at + BLOCK.phases);
    }
    return true;
  }

  #sumBlocks(level: number, block: number): boolean {
    const start = block * FAN_OUT;
    for (let i = start; i < start + FAN_OUT; i++) if (!this.#seal(level - 1, i)) return false;
    const fine = this.#numbers[level - 1]!;
    const numbers = this.#numbers[level]!;
    const at = block * BLOCK.stride;
    numbers.fill(0, at, at + BLOCK.stride);
    numbers[at + BLOCK.first] = fine[start * BLOCK.stride + BLOCK.first]!;
    numbers[at + BLOCK.last] = fine[(start + FAN_OUT - 1) * BLOCK.stride + BLOCK.last]!;
    numbers[at + BLOCK.maxEnd] = -Infinity;
    for (let i = start; i < start + FAN_OUT; i++) {
      const part = i * BLOCK.stride;
      for (const field of [BLOCK.maxEnd, BLOCK.maxDuration]) {
        numbers[at + field] = Math.max(numbers[at + field]!, fine[part + field]!);
      }
      for (let field: number = BLOCK.failed; field < BLOCK.stride; field++) {
        numbers[at + field]! += fine[part + field]!;
      }
    }
    return true;
  }
}

/** The lanes of one stage attempt under one way of assigning rows to lanes; catches up with new rows when asked. */
class LaneIndex {
  readonly lanes = new Map<number, Lane>();
  readonly #tasks: TaskColumns;
  readonly #laneOf: (row: number) => number;
  #indexed = 0;

  constructor(tasks: TaskColumns, laneOf: (row: number) => number) {
    this.#tasks = tasks;
    this.#laneOf = laneOf;
  }

  catchUp(): void {
    if (this.#indexed === this.#tasks.length) return;
    const touched = new Set<Lane>();
    for (; this.#indexed < this.#tasks.length; this.#indexed++) {
      const key = this.#laneOf(this.#indexed);
      let lane = this.lanes.get(key);
      if (!lane) this.lanes.set(key, (lane = new Lane(this.#tasks)));
      lane.push(this.#indexed);
      touched.add(lane);
    }
    for (const lane of touched) lane.settle();
  }
}

const indexes = new WeakMap<TaskColumns, Map<string, LaneIndex>>();

/** The index of a stage by executor, or by runs of `bandSize` partitions; built on first use and kept with the columns. */
export function laneIndex(tasks: TaskColumns, by: 'executor' | number): LaneIndex {
  let known = indexes.get(tasks);
  if (!known) indexes.set(tasks, (known = new Map()));
  const key = String(by);
  let index = known.get(key);
  if (!index) {
    index = new LaneIndex(
      tasks,
      by === 'executor' ? (row) => tasks.executor[row]! : (row) => Math.floor(tasks.partition[row]! / by),
    );
    // One banding is in use at a time; an earlier one would only hold memory.
    if (by !== 'executor') for (const other of known.keys()) if (other !== 'executor') known.delete(other);
    known.set(key, index);
  }
  index.catchUp();
  return index;
}
