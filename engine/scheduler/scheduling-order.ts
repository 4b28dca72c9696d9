/**
 * Which task set gets the next free executor. FIFO: the oldest job first, in it the first stage. FAIR: first the pools
 * that have less than their minimum share, then those that have least for their weight (Spark's FairSchedulingAlgorithm);
 * inside a pool either way.
 */
import type { TaskSet } from './events.ts';
import {
  DEFAULT_POOL,
  POOL_DEFAULTS,
  type PoolOptions,
  type SchedulingOptions,
} from './scheduling-options.ts';
import type { TaskSetState } from './task-set.ts';

interface Share {
  running: number;
  minShare: number;
  weight: number;
}

interface Pool extends Share {
  name: string;
  options: PoolOptions;
  /** In FIFO order. */
  sets: TaskSetState[];
}

/** Who is served first: negative for `a`. */
export function compareFair(a: Share, b: Share): number {
  const aNeedy = a.running < a.minShare;
  const bNeedy = b.running < b.minShare;
  if (aNeedy !== bNeedy) return aNeedy ? -1 : 1;
  if (aNeedy) return a.running / Math.max(a.minShare, 1) - b.running / Math.max(b.minShare, 1);
  return a.running / a.weight - b.running / b.weight;
}

function compareFifo(a: TaskSet, b: TaskSet): number {
  return a.jobId - b.jobId || a.stageId - b.stageId || a.attempt - b.attempt;
}

function shareOf(set: TaskSetState): Share {
  return { running: set.executing, minShare: 0, weight: 1 };
}

export class SchedulingOrder {
  readonly #options: Pick<SchedulingOptions, 'mode' | 'pools'>;
  /** In FIFO order. */
  readonly #sets: TaskSetState[] = [];

  constructor(options: Pick<SchedulingOptions, 'mode' | 'pools'>) {
    this.#options = options;
  }

  get size(): number {
    return this.#sets.length;
  }

  /** The order changes with every launch. */
  get isFair(): boolean {
    return this.#options.mode === 'FAIR';
  }

  /** All sets, oldest job first: a copy, so that sets may be removed meanwhile. */
  all(): TaskSetState[] {
    return [...this.#sets];
  }

  hasStage(stageId: number): boolean {
    return this.#sets.some(({ taskSet }) => taskSet.stageId === stageId);
  }

  add(set: TaskSetState): void {
    let at = this.#sets.length;
    while (at > 0 && compareFifo(this.#sets[at - 1]!.taskSet, set.taskSet) > 0) at--;
    this.#sets.splice(at, 0, set);
  }

  /** False when it was not among them. */
  remove(set: TaskSetState): boolean {
    const at = this.#sets.indexOf(set);
    if (at < 0) return false;
    this.#sets.splice(at, 1);
    return true;
  }

  /** In the order in which they are served now; by shares it is found as far as somebody asks for it. */
  served(): Iterable<TaskSetState> {
    if (!this.isFair) return this.#sets;
    // Shares matter only between sets that have tasks to hand out: mostly there is one, or none.
    const runnable = this.#sets.filter((set) => set.runnable);
    return runnable.length > 1 ? this.#fair() : runnable;
  }

  *#fair(): Generator<TaskSetState, void> {
    const pools = new Map<string, Pool>();
    for (const set of this.#sets) {
      const name = set.taskSet.pool ?? DEFAULT_POOL;
      let pool = pools.get(name);
      if (!pool) {
        const options = Object.hasOwn(this.#options.pools, name) ? this.#options.pools[name]! : POOL_DEFAULTS;
        const { minShare, weight } = options;
        pools.set(name, (pool = { name, options, minShare, weight, running: 0, sets: [] }));
      }
      pool.running += set.executing;
      pool.sets.push(set);
    }
    // Were others served in between, what is saved up would stay idle for as long as they have tasks. So it does for as
    // long as the tasks take that run now.
    for (const set of this.#sets) if (set.savesUp) yield set;
    const ordered = [...pools.values()].sort((a, b) => compareFair(a, b) || (a.name < b.name ? -1 : 1));
    for (const { options, sets } of ordered) {
      const rest = sets.filter((set) => !set.savesUp);
      yield* options.schedulingMode === 'FIFO' ? rest : byShares(rest);
    }
  }
}

/** Mostly the first is all that is asked for: the others are put in order when it is not. */
function* byShares(sets: TaskSetState[]): Generator<TaskSetState, void> {
  let first = 0;
  for (let at = 1; at < sets.length; at++) if (compareShares(sets[at]!, sets[first]!) < 0) first = at;
  if (sets.length === 0) return;
  yield sets[first]!;
  sets.splice(first, 1);
  yield* sets.sort(compareShares);
}

function compareShares(a: TaskSetState, b: TaskSetState): number {
  return compareFair(shareOf(a), shareOf(b)) || compareFifo(a.taskSet, b.taskSet);
}
