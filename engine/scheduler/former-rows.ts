/**
 * What was made of rows that a dataset has no more: it was unpersisted, or was not kept at all, and the rows that are kept now are
 * others. Map outputs, cached partitions and counts for zipWithIndex made of them stay, as in Spark, until a job would read
 * them beside rows of now (`one-life.ts`).
 *
 * A life of a dataset is the time during which its rows are kept, by the number of their generation (`shared-blocks.ts`). What
 * is made is of the present life of all it comes from, unless it is written down here.
 */
import type { RddNode } from '../rdd/plan.ts';
import type { DagState } from './dag-state.ts';
import type { ShuffleMapStage } from './stage.ts';

/** Made while the rows were not kept: of a computation of its own. */
export const UNKEPT = -1;

/** By dataset: which life of it. */
export type Lives = ReadonlyMap<number, number>;

/** Map outputs, cached partitions, and counts for zipWithIndex. */
export interface Made {
  kind: 'outputs' | 'cached' | 'offsets';
  /** Of the shuffle, or else of the dataset. */
  id: number;
  /** Of cached partitions that all executors read: under which they are, now or once. */
  generation?: number;
}

const keyOf = ({ kind, id, generation }: Made) => `${kind} ${id} ${generation ?? ''}`;

export class FormerRows {
  readonly #lives = new Map<string, Map<number, number>>();
  /** By dataset: how much of a former life of it is written down. */
  readonly #counts = new Map<number, number>();

  get size(): number {
    return this.#counts.size;
  }

  of(made: Made): Lives {
    return this.#lives.get(keyOf(made)) ?? NO_LIVES;
  }

  has(made: Made): boolean {
    return this.size > 0 && this.#lives.has(keyOf(made));
  }

  /** Of which datasets something is of a former life. */
  rddIds(): Iterable<number> {
    return this.#counts.keys();
  }

  /** What is known already stands. */
  add(made: Made, lives: Lives): void {
    if (lives.size === 0) return;
    const key = keyOf(made);
    let known = this.#lives.get(key);
    if (!known) this.#lives.set(key, (known = new Map()));
    for (const [rddId, life] of lives) {
      if (known.has(rddId)) continue;
      known.set(rddId, life);
      this.#count(rddId, 1);
    }
  }

  delete(made: Made): void {
    for (const rddId of this.of(made).keys()) this.#count(rddId, -1);
    this.#lives.delete(keyOf(made));
  }

  /** Neither the dataset nor what is made of it is known any more. */
  forget(rddId: number): void {
    for (const kind of ['cached', 'offsets'] as const) this.delete({ kind, id: rddId });
    if (!this.#counts.delete(rddId)) return;
    for (const [key, lives] of this.#lives)
      if (lives.delete(rddId) && lives.size === 0) this.#lives.delete(key);
  }

  #count(rddId: number, by: number): void {
    const count = (this.#counts.get(rddId) ?? 0) + by;
    if (count === 0) this.#counts.delete(rddId);
    else this.#counts.set(rddId, count);
  }
}

export const NO_LIVES: Lives = new Map();

/** Cached partitions that were given up: jobs that began before go on with them, and nobody else. */
export function isLeft({ shared }: DagState, { id, generation }: Made): boolean {
  return generation !== undefined && generation !== shared.current(id);
}

/** Whether it is there, in part at least, or on its way. What is of a former life may come late, even if it is wanted no more. */
export function isMade(state: DagState, made: Made): boolean {
  const { outputs, mapStages, cache, shared, former } = state;
  const { kind, id } = made;
  if (kind === 'offsets') return state.prepared.has(id) || state.preparations.get(id)?.begun === true;
  if (former.has(made) || isLeft(state, made)) return true;
  if (kind === 'outputs') return outputs.isBegun(id) || isAwaited(mapStages.get(id));
  return cache.count(id) + shared.partitions(id).size > 0;
}

/** Tasks of it may run that bring what is taken: those of a job that was cancelled, too, end as they like. */
function isAwaited(stage: ShuffleMapStage | undefined): boolean {
  return stage !== undefined && Math.max(stage.acceptFrom, stage.leftBefore) < stage.nextAttempt;
}

/** The rows that a dataset numbers were counted. */
export function offsetsOf({ rddId, preparation }: RddNode): Made[] {
  return preparation?.finish.kind === 'partitionOffsets' ? [{ kind: 'offsets', id: rddId }] : [];
}

/**
 * All that was made of a dataset is of this life of it, which is over. Cached partitions that were there before rows of
 * the dataset were kept are themselves what was kept first: those stay as they are.
 */
export function lifeOver(state: DagState, rddId: number, life: number): void {
  const { rdds, shared, former } = state;
  const derived = rdds.descendants(rddId);
  const lives = new Map([[rddId, life]]);
  const isOnItsWay = beingCached(state);
  for (const id of derived) {
    const node = rdds.node(id);
    const made = offsetsOf(node);
    for (const dep of node.dependencies)
      if (dep.kind === 'shuffle' && (dep.rddId === rddId || derived.has(dep.rddId)))
        made.push({ kind: 'outputs', id: dep.shuffleId });
    for (const each of made) if (isMade(state, each)) former.add(each, lives);
    if (life === UNKEPT) continue;
    for (const generation of [shared.current(id), ...shared.left(id)]) {
      const cached: Made = { kind: 'cached', id, generation };
      // An executor that died before it could tell may have left files. What none has begun is yet to be made, of what it reads then.
      const isThere =
        generation === undefined ? isOnItsWay.has(id) || isMade(state, cached) : shared.isBegun(generation);
      if (isThere) former.add(cached, lives);
    }
  }
}

function beingCached({ stages }: DagState): Set<number> {
  const rddIds = new Set<number>();
  for (const { current } of stages.values())
    for (const { rddId, storageLevel } of current?.plan.nodes ?? [])
      if (storageLevel.name !== 'NONE') rddIds.add(rddId);
  return rddIds;
}
