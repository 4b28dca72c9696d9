/** The state of one task set: what is pending and for whom, what runs, and how often each task has failed. */
import type { TaskSet } from './events.ts';
import { SetExclusion } from './exclusion.ts';
import { copiesOf } from './replication.ts';
import type { SchedulingOptions } from './scheduling-options.ts';
import { SetSpeculation, type SlowTask } from './speculation.ts';
import type { GroupProgress, TaskGroup } from './task-group.ts';

export const PENDING = 0;
export const RUNNING = 1;
export const DONE = 2;

/** Tasks shorter than this are handed out in batches, or the way to the executor costs more than the work. */
const TINY_TASK_MS = 5;
/** The work of tiny tasks that an executor may hold at once, milliseconds, and in how many tasks. */
const QUEUED_MS = 10;
const LEAST_WINDOW = 16;
export const MAX_WINDOW = 256;
/** Weight of the latest task in the running mean. */
const RECENT = 0.2;

/** More than a partition is ever cut into. */
const MOST_PIECES = 1_024;

export class TaskSetState {
  readonly taskSet: TaskSet;
  /** By position in the set. */
  readonly status: Uint8Array;
  readonly attempts: Uint32Array;
  /** Attempts that run now: two where one is speculative. */
  readonly copies: Uint8Array;
  readonly #failures = new Map<number, number>();
  /** Executors lost under a task that was not to blame: not failures, but not endless either. */
  readonly #losses = new Map<number, number>();
  /** Positions worth a second copy, and why in words. */
  readonly #speculatable = new Map<number, string>();
  /** Executors that have run or run an attempt of a position; kept only where there may be several attempts. */
  readonly #ranOn = new Map<number, Set<string>>();
  readonly speculation: SetSpeculation | undefined;
  readonly exclusion: SetExclusion | undefined;
  /** Why a task is tried again, where it is. */
  readonly retryReasons = new Map<number, string>();
  /** Executors besides its own to which a task is to give copies of what it caches. */
  readonly replicas: number;
  /** Tasks that are launched from now on take in rows one at a time. */
  careful: boolean;
  mode: 'active' | 'retired' | 'cancelled' = 'active';
  /** Executors are kept idle for it until there are enough: it keeps its turn, whatever the shares say meanwhile. */
  savesUp = false;
  running = 0;
  /** Executors whose first task is one of this set: what shares are counted in. */
  executing = 0;
  pending: number;
  #meanDuration = Number.POSITIVE_INFINITY;
  /** Stacks whose top is next; an entry may be out of date, `status` tells. */
  readonly #anywhere: number[] = [];
  readonly #near = new Map<string, number[]>();
  /** Executors out of which a position may run on one only, and those that wait for each. */
  readonly #boundTo = new Map<number, string>();
  readonly #only = new Map<string, number[]>();
  /** Since when an executor has found nothing near it; an end to that for one does not make another wait longer. */
  readonly #waiting = new Map<string, number>();
  #positions: Map<number, number> | undefined;
  /** Of groups of several partitions, by where they begin. */
  readonly #groups = new Map<number, GroupProgress>();

  constructor(
    taskSet: TaskSet,
    isAlive: (executorId: string) => boolean,
    { speculation, exclusion }: Pick<SchedulingOptions, 'speculation' | 'exclusion'> = {},
  ) {
    this.taskSet = taskSet;
    this.careful = taskSet.careful === true;
    this.replicas = copiesOf(taskSet.plan);
    const size = taskSet.indices.length;
    this.speculation =
      taskSet.barrier || taskSet.staysNear
        ? undefined
        : speculation && new SetSpeculation(speculation, taskSet.groupStarts?.length ?? size);
    this.exclusion = exclusion && new SetExclusion(exclusion);
    this.copies = new Uint8Array(size);
    this.status = new Uint8Array(size);
    this.attempts = new Uint32Array(size);
    this.pending = size;
    for (let position = size - 1; position >= 0; position--) this.#enqueue(position, isAlive);
  }

  /** From now on it runs on that executor as long as it lives; false when it has already, or it must not. */
  bind(position: number, executorId: string, isAlive: (executorId: string) => boolean): boolean {
    if (this.#boundTo.get(position) === executorId || !isAlive(executorId)) return false;
    if (this.excludes(position, executorId)) return false;
    this.#boundTo.set(position, executorId);
    return true;
  }

  #enqueue(position: number, isAlive: (executorId: string) => boolean): void {
    const only = this.#boundTo.get(position);
    if (only !== undefined && isAlive(only) && !this.excludes(position, only)) {
      push(this.#only, only, position);
      return;
    }
    let near = false;
    for (const executorId of this.taskSet.preferred?.[position] ?? []) {
      if (!isAlive(executorId) || this.excludes(position, executorId)) continue;
      near = true;
      push(this.#near, executorId, position);
    }
    if (!near) this.#anywhere.push(position);
  }

  /** How many tasks each of so many executors may hold at once. */
  window(executors: number): number {
    if (this.taskSet.barrier || this.taskSet.oneByOne) return 1;
    const mean = this.#meanDuration;
    if (mean >= TINY_TASK_MS) return 1;
    const window = Math.max(LEAST_WINDOW, Math.min(MAX_WINDOW, Math.floor(QUEUED_MS / mean)));
    return Math.min(window, this.speculation?.window(executors) ?? window);
  }

  get runnable(): boolean {
    return this.mode === 'active' && (this.pending > 0 || this.#speculatable.size > 0);
  }

  /** How often a task has failed by now. */
  failed(position: number): number {
    return countUp(this.#failures, position);
  }

  /** How many executors it has lost by now. */
  lostExecutor(position: number): number {
    return countUp(this.#losses, position);
  }

  took(ms: number): void {
    const mean = this.#meanDuration;
    this.#meanDuration = mean === Number.POSITIVE_INFINITY ? ms : mean + (ms - mean) * RECENT;
  }

  /** Where the group of a position begins. */
  groupOf(position: number): number {
    return this.#groupRange(position)[0];
  }

  /** From its first position to before the first of the next. */
  #groupRange(position: number): [start: number, end: number] {
    const starts = this.taskSet.groupStarts;
    if (!starts) return [position, position + 1];
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (starts[middle]! <= position) low = middle;
      else high = middle - 1;
    }
    return [starts[low]!, starts[low + 1] ?? this.status.length];
  }

  /** The rest of the group that is pending goes with a position that was taken. */
  takeGroup(position: number): number[] {
    const taken = [position];
    const [start, end] = this.#groupRange(position);
    for (let at = start; at < end; at++) {
      if (this.status[at] !== PENDING) continue;
      this.status[at] = RUNNING;
      this.pending--;
      taken.push(at);
    }
    return taken.sort((a, b) => a - b);
  }

  /** Of the same group those that run in one copy, as a second one. */
  copyGroup(position: number): number[] {
    const [start, end] = this.#groupRange(position);
    const all = Array.from({ length: end - start }, (_, i) => start + i);
    return all.filter((at) => this.status[at] === RUNNING && this.copies[at] === 1);
  }

  /** Of the group of several partitions that the position is in; undefined when it is alone. */
  groupProgress(position: number): GroupProgress | undefined {
    const [start, end] = this.#groupRange(position);
    if (end - start === 1) return undefined;
    let progress = this.#groups.get(start);
    if (!progress) this.#groups.set(start, (progress = {}));
    return progress;
  }

  /** True when all of the group has ended well; `isDone`: so has just this position. */
  isGroupDone(position: number, isDone: boolean): boolean {
    const [start, end] = this.#groupRange(position);
    for (let at = start; at < end; at++)
      if (this.status[at] !== DONE && !(isDone && at === position)) return false;
    return true;
  }

  /** The first pending position of a group. */
  pendingIn(position: number): number | undefined {
    const [start, end] = this.#groupRange(position);
    for (let at = start; at < end; at++) if (this.status[at] === PENDING) return at;
    return undefined;
  }

  /** A group fails as the one task that it is: none of it may run where some of it failed too often. */
  excludes(position: number, executorId: string): boolean {
    return this.exclusion?.excludes(this.groupOf(position), executorId) ?? false;
  }

  /** The next task for this executor: one near it, else of those that are near to nobody the one after so many. */
  take(executorId: string, after = 0): number | undefined {
    const bound = this.#pop(this.#only.get(executorId), executorId);
    if (bound !== undefined) return bound;
    const near = this.#pop(this.#near.get(executorId), executorId);
    if (near !== undefined) this.#waiting.delete(executorId);
    return near ?? this.#pop(this.#anywhere, executorId, after);
  }

  /** The next task of which this executor may run a second copy: it has run none of its attempts. */
  takeCopy(executorId: string): { position: number; reason: string } | undefined {
    for (const [position, reason] of this.#speculatable) {
      if (this.status[position] !== RUNNING || this.copies[position] !== 1) {
        this.#speculatable.delete(position);
        continue;
      }
      if (this.#ranOn.get(position)?.has(executorId) || this.excludes(position, executorId)) continue;
      this.#speculatable.delete(position);
      return { position, reason };
    }
    return undefined;
  }

  /** Tasks to be run twice; those that are already are none. */
  speculate(slow: SlowTask[]): SlowTask[] {
    return slow.filter(({ task: { position, info }, reason }) => {
      if (this.copies[position] !== 1 || this.status[position] !== RUNNING) return false;
      if (this.#speculatable.has(position)) return false;
      this.#speculatable.set(position, reason);
      this.#attemptedOn(position, info.executorId);
      return true;
    });
  }

  #attemptedOn(position: number, executorId: string): void {
    const executors = this.#ranOn.get(position);
    if (executors) executors.add(executorId);
    else this.#ranOn.set(position, new Set([executorId]));
  }

  /** For an executor that found nothing to take: since when. */
  waitingSince(executorId: string, now: number): number {
    const since = this.#waiting.get(executorId);
    if (since === undefined) this.#waiting.set(executorId, now);
    return since ?? now;
  }

  /** Any task, near or far, except those that stay near, or are bound to, an executor which `keeps` them. */
  takeFar(executorId: string, keeps: (executorId: string) => boolean = () => false): number | undefined {
    for (const [near, stack] of this.#near) {
      if (this.taskSet.staysNear && keeps(near)) continue;
      const position = this.#pop(stack, executorId);
      if (position !== undefined) return position;
    }
    // The task fails then, rather than wait for ever.
    for (const [only, stack] of this.#only) {
      if (keeps(only)) continue;
      const position = this.#pop(stack, executorId);
      if (position !== undefined) return position;
    }
    return undefined;
  }

  /** The first that may be taken from so deep in the stack on; where there is none, from its top. */
  #pop(stack: number[] | undefined, executorId: string, depth = 0): number | undefined {
    if (!stack) return undefined;
    for (let at = Math.max(0, stack.length - 1 - depth); at >= 0; at--) {
      const position = stack[at]!;
      const isPending = this.status[position] === PENDING;
      // Those that this executor may not run stay for others.
      if (isPending && this.excludes(position, executorId)) continue;
      stack.splice(at, 1);
      if (!isPending) continue;
      this.status[position] = RUNNING;
      this.pending--;
      return position;
    }
    return depth > 0 ? this.#pop(stack, executorId) : undefined;
  }

  /** Back into the queue, from where it was tried. False when it is done, another copy of it runs, or nothing more is launched. */
  requeue(
    position: number,
    reason: string,
    executorId: string | undefined,
    isAlive: (executorId: string) => boolean,
  ): boolean {
    if (this.speculation && executorId !== undefined) this.#attemptedOn(position, executorId);
    if (this.status[position] !== RUNNING || this.mode !== 'active' || this.copies[position]! > 0)
      return false;
    this.#speculatable.delete(position);
    this.status[position] = PENDING;
    this.pending++;
    this.retryReasons.set(position, reason);
    this.#enqueue(position, isAlive);
    return true;
  }

  /** All of a task of several partitions has ended: what failed of it is tried again, as one. False when nothing is. */
  groupEnded(group: TaskGroup, isAlive: (executorId: string) => boolean): boolean {
    if (!group.failed) return false;
    const pending = this.pending;
    for (const { position: again, reason, executorId } of group.again)
      this.requeue(again, reason, executorId, isAlive);
    return this.pending > pending;
  }

  /** True when all tasks have ended well. */
  get succeeded(): boolean {
    return this.status.every((status) => status === DONE);
  }

  /** True the first time. */
  finish(position: number): boolean {
    this.#ranOn.delete(position);
    this.#speculatable.delete(position);
    if (this.status[position] === DONE) return false;
    if (this.status[position] === PENDING) this.pending--;
    this.status[position] = DONE;
    return true;
  }

  /** By its position in the whole stage; without a piece all of the partition. */
  finishIndex(index: number, piece?: number): void {
    const { indices, pieces } = this.taskSet;
    if (pieces && piece === undefined) {
      for (const [position, at] of indices.entries()) if (at === index) this.finish(position);
      return;
    }
    const key = (at: number, number: number) => at * MOST_PIECES + number;
    this.#positions ??= new Map(
      indices.map((at, position) => [key(at, pieces?.[position]?.number ?? 0), position]),
    );
    const position = this.#positions.get(key(index, piece ?? 0));
    if (position !== undefined) this.finish(position);
  }

  /** What waited for this executor may run anywhere. */
  executorLost(executorId: string, isAlive: (executorId: string) => boolean): void {
    const stack = [...(this.#near.get(executorId) ?? []), ...(this.#only.get(executorId) ?? [])];
    this.#near.delete(executorId);
    this.#only.delete(executorId);
    for (const position of stack) if (this.status[position] === PENDING) this.#enqueue(position, isAlive);
  }
}

function push(stacks: Map<string, number[]>, executorId: string, position: number): void {
  const stack = stacks.get(executorId);
  if (stack) stack.push(position);
  else stacks.set(executorId, [position]);
}

/** Most tasks never fail: what is counted takes room, not what is not. */
function countUp(counts: Map<number, number>, position: number): number {
  const count = (counts.get(position) ?? 0) + 1;
  counts.set(position, count);
  return count;
}
