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

/** Made while the rows were not kept: of a computation of its own. */
export const UNKEPT = -1;

/** By dataset: which life of it. */
export type Lives = ReadonlyMap<number, number>;

/** By shuffle, by dataset, by dataset that numbers its rows, and by generation: cached partitions given up that jobs go on with. */
export type MadeKind = 'outputs' | 'cached' | 'offsets' | 'left';

export interface Made {
  kind: MadeKind;
  id: number;
}

export class FormerRows {
  readonly #lives: Record<MadeKind, Map<number, Map<number, number>>> = {
    outputs: new Map(),
    cached: new Map(),
    offsets: new Map(),
    left: new Map(),
  };
  /** By dataset: how much of a former life of it is written down. */
  readonly #counts = new Map<number, number>();

  get size(): number {
    return this.#counts.size;
  }

  of({ kind, id }: Made): Lives {
    return this.#lives[kind].get(id) ?? NO_LIVES;
  }

  /** Of which datasets something is of a former life. */
  rddIds(): Iterable<number> {
    return this.#counts.keys();
  }

  /** What is known already stands. */
  add({ kind, id }: Made, lives: Lives): void {
    if (lives.size === 0) return;
    let known = this.#lives[kind].get(id);
    if (!known) this.#lives[kind].set(id, (known = new Map()));
    for (const [rddId, life] of lives) {
      if (known.has(rddId)) continue;
      known.set(rddId, life);
      this.#count(rddId, 1);
    }
  }

  delete({ kind, id }: Made): void {
    for (const rddId of this.of({ kind, id }).keys()) this.#count(rddId, -1);
    this.#lives[kind].delete(id);
  }

  /** Cached partitions are given up, and go under the generation that they are of. */
  leave(rddId: number, generation: number): void {
    const cached: Made = { kind: 'cached', id: rddId };
    this.add({ kind: 'left', id: generation }, this.of(cached));
    this.delete(cached);
  }

  /** Neither the dataset nor what is made of it is known any more. */
  forget(rddId: number): void {
    this.delete({ kind: 'cached', id: rddId });
    this.delete({ kind: 'offsets', id: rddId });
    if (!this.#counts.delete(rddId)) return;
    for (const made of Object.values(this.#lives))
      for (const [id, lives] of made) if (lives.delete(rddId) && lives.size === 0) made.delete(id);
  }

  #count(rddId: number, by: number): void {
    const count = (this.#counts.get(rddId) ?? 0) + by;
    if (count === 0) this.#counts.delete(rddId);
    else this.#counts.set(rddId, count);
  }
}

export const NO_LIVES: Lives = new Map();

/** Whether it is there, in part at least, or on its way. What is of a former life may come late, even if it is wanted no more. */
export function isMade(state: DagState, made: Made): boolean {
  const { outputs, mapStages, cache, shared, former } = state;
  const { kind, id } = made;
  if (kind === 'left' || (kind !== 'offsets' && former.of(made).size > 0)) return true;
  if (kind === 'outputs') return outputs.isBegun(id) || mapStages.get(id)?.current !== undefined;
  if (kind === 'cached') return cache.count(id) + shared.partitions(id).size > 0;
  return state.prepared.has(id) || state.preparations.get(id)?.begun === true;
}

/** What a dataset is made of, or makes, that stays for later jobs. */
export function madeAt({ rddId, preparation }: RddNode): Made[] {
  const made: Made[] = [{ kind: 'cached', id: rddId }];
  if (preparation?.finish.kind === 'partitionOffsets') made.push({ kind: 'offsets', id: rddId });
  return made;
}

/**
 * All that was made of a dataset is of this life of it, which is over. Cached partitions that were there before rows of
 * the dataset were kept are themselves what was kept first: those stay as they are.
 */
export function lifeOver(state: DagState, rddId: number, life: number): void {
  const derived = state.rdds.descendants(rddId);
  const lives = new Map([[rddId, life]]);
  const isOnItsWay = beingCached(state);
  for (const id of derived) {
    const node = state.rdds.node(id);
    const made = [...madeAt(node), ...leftOf(state, id)];
    for (const dep of node.dependencies)
      if (dep.kind === 'shuffle' && (dep.rddId === rddId || derived.has(dep.rddId)))
        made.push({ kind: 'outputs', id: dep.shuffleId });
    for (const each of made) {
      const isCached = each.kind === 'cached' || each.kind === 'left';
      if (isCached && life === UNKEPT) continue;
      // An executor that died before it could tell may have left files.
      const mayBeThere = isCached && (state.shared.current(id) !== undefined || isOnItsWay.has(id));
      if (mayBeThere || isMade(state, each)) state.former.add(each, lives);
    }
  }
}

function leftOf({ shared }: DagState, rddId: number): Made[] {
  return shared.left(rddId).map((id): Made => ({ kind: 'left', id }));
}

function beingCached({ stages }: DagState): Set<number> {
  const rddIds = new Set<number>();
  for (const { current } of stages.values())
    for (const { rddId, storageLevel } of current?.plan.nodes ?? [])
      if (storageLevel.name !== 'NONE') rddIds.add(rddId);
  return rddIds;
}
