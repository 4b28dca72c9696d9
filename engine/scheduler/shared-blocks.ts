/**
 * Cached partitions whose rows would be others if they were computed again. The executor that has computed one leaves it as a
 * file as well, which every executor reads and which outlives it (`executor/shared-blocks.ts`); so it is there as long as
 * the dataset is persisted.
 *
 * When the rows of a dataset are given up, because it was unpersisted or its input was rolled back, those cached next are of
 * another generation: what tasks of before still leave is under the old one, where only tasks of before look.
 */
import { mayDiffer, type RddNode, type StorageLevel } from '../rdd/plan.ts';
import type { CachedBlock } from './backend.ts';
import type { DagState } from './dag-state.ts';
import { dropRdd } from './forget.ts';
import { lifeOver, UNKEPT } from './former-rows.ts';
import type { Stage } from './stage.ts';

interface SharedRdd {
  /** Of what is cached now; undefined until the next plan. */
  generation: number | undefined;
  /** At which it is cached: the node that was submitted may have another by now. */
  storageLevel: StorageLevel;
  numPartitions: number;
  /** Partitions that are known to be there. */
  readonly partitions: Set<number>;
}

interface Generation {
  rddId: number;
  generation: number;
}

interface LeftGeneration extends Generation {
  /** All partitions were there when it was given up. */
  isWhole: boolean;
}

export class SharedBlocks {
  readonly #rdds = new Map<number, SharedRdd>();
  /** Given up, and perhaps still read by jobs that run. */
  #left: LeftGeneration[] = [];
  /** Generations that tasks have been told to compute: files may be there that nobody has told of yet. */
  readonly #begun = new Set<number>();
  /** By generation: of which datasets tasks that nobody waits for may still make which generations of it. */
  readonly #late = new Map<number, Map<number, number>>();
  #generations = 0;

  get size(): number {
    return this.#rdds.size + this.#left.length + this.#begun.size + this.#late.size;
  }

  rddIds(): number[] {
    return [...this.#rdds.keys()];
  }

  /** The generation under which partitions cached from now on are shared. */
  generation({ rddId, storageLevel, numPartitions }: RddNode): number {
    let rdd = this.#rdds.get(rddId);
    if (!rdd) {
      rdd = { generation: undefined, storageLevel, numPartitions, partitions: new Set() };
      this.#rdds.set(rddId, rdd);
    }
    if (rdd.generation === undefined) rdd.storageLevel = storageLevel;
    return (rdd.generation ??= this.#generations++);
  }

  level(rddId: number): StorageLevel | undefined {
    return this.#rdds.get(rddId)?.storageLevel;
  }

  /** Undefined where nothing is to be shared. */
  current(rddId: number): number | undefined {
    return this.#rdds.get(rddId)?.generation;
  }

  add(rddId: number, partition: number): void {
    this.#rdds.get(rddId)?.partitions.add(partition);
  }

  has(rddId: number, partition: number): boolean {
    return this.#rdds.get(rddId)?.partitions.has(partition) ?? false;
  }

  partitions(rddId: number): ReadonlySet<number> {
    return this.#rdds.get(rddId)?.partitions ?? NONE;
  }

  /** What is shared of it is wanted no more, except by jobs that run. */
  giveUp(rddId: number): void {
    const rdd = this.#rdds.get(rddId);
    if (rdd?.generation === undefined) return;
    const isWhole = rdd.partitions.size === rdd.numPartitions;
    this.#left.push({ rddId, generation: rdd.generation, isWhole });
    rdd.generation = undefined;
    rdd.partitions.clear();
  }

  /** A generation that is given up from the first: only jobs that have it read it. */
  leave(rddId: number): number {
    const generation = this.#generations++;
    this.#left.push({ rddId, generation, isWhole: false });
    return generation;
  }

  /** The generations of it that were given up. */
  left(rddId: number): number[] {
    return this.#left.filter((left) => left.rddId === rddId).map(({ generation }) => generation);
  }

  /** Tasks are about to compute it. */
  begin(generation: number): void {
    this.#begun.add(generation);
  }

  isBegun(generation: number): boolean {
    return this.#begun.has(generation);
  }

  /** Tasks that nobody waits for may read the one when its files are gone, and make the other of rows that they have computed. */
  addLate(generation: number, rddId: number, made: number): void {
    const late = this.#late.get(generation);
    if (late) late.set(rddId, made);
    else this.#late.set(generation, new Map([[rddId, made]]));
  }

  /** What is not whole of what such tasks make of it. */
  takeLate(generation: number): number[] {
    const late = [...(this.#late.get(generation) ?? [])];
    this.#late.delete(generation);
    const isLate = (rddId: number, made: number): boolean => {
      const rdd = this.#rdds.get(rddId);
      return rdd?.generation === made && this.isBegun(made) && rdd.partitions.size < rdd.numPartitions;
    };
    return late.filter(([rddId, made]) => isLate(rddId, made)).map(([rddId]) => rddId);
  }

  isLeftWhole(generation: number): boolean {
    return this.#left.some((left) => left.generation === generation && left.isWhole);
  }

  get leftOver(): boolean {
    return this.#left.length > 0;
  }

  isLeft(rddId: number, generation: number): boolean {
    return this.#left.some((left) => left.rddId === rddId && left.generation === generation);
  }

  /** Those given up that nobody reads; they are told once. */
  takeUnread(isRead: (rddId: number) => boolean): Generation[] {
    const unread = this.#left.filter(({ rddId }) => !isRead(rddId));
    if (unread.length > 0) this.#left = this.#left.filter(({ rddId }) => isRead(rddId));
    for (const { generation } of unread) this.#begun.delete(generation);
    return unread.map(({ rddId, generation }) => ({ rddId, generation }));
  }

  /** True when anything was ever shared of it. */
  forget(rddId: number): boolean {
    for (const generation of [this.current(rddId), ...this.left(rddId)])
      if (generation !== undefined) {
        this.#begun.delete(generation);
        this.#late.delete(generation);
      }
    this.#left = this.#left.filter((left) => left.rddId !== rddId);
    return this.#rdds.delete(rddId);
  }
}

const NONE: ReadonlySet<number> = new Set();

export function isCheckpoint({ op }: RddNode): boolean {
  return op.kind === 'checkpoint' || op.kind === 'localCheckpoint';
}

/** What is kept as a checkpoint has files of its own. */
export function isShared(node: RddNode): boolean {
  return mayDiffer(node) && node.storageLevel.name !== 'NONE' && !isCheckpoint(node);
}

/** The generation under which its partitions are shared from now on. What was made of it before, while it was not kept, is of other rows. */
export function beginLife(state: DagState, node: RddNode): number {
  if (state.shared.current(node.rddId) === undefined) lifeOver(state, node.rddId, UNKEPT);
  return state.shared.generation(node);
}

/** The node as the tasks of a stage that is submitted now for this job are to compute it. */
export function withShared(state: DagState, node: RddNode, jobId: number): RddNode {
  const { shared, jobs } = state;
  const before = jobs.get(jobId)?.unpersisted?.get(node.rddId);
  if (before) return { ...node, ...before };
  if (!isShared(node)) return node;
  const generation = beginLife(state, node);
  const isWhole = shared.partitions(node.rddId).size === node.numPartitions;
  return { ...node, shared: generation, ...(isWhole && { sharedWhole: true }) };
}

/** A dataset is about to be unpersisted: jobs that have read some of its rows do not read others. */
export function keepForJobs(state: DagState, rddId: number): void {
  const shared = state.shared.current(rddId);
  const storageLevel = state.shared.level(rddId);
  if (shared === undefined || storageLevel === undefined) return;
  for (const job of state.jobs.values())
    if (job.lineage.has(rddId) && !job.unpersisted?.has(rddId))
      (job.unpersisted ??= new Map()).set(rddId, { storageLevel, shared });
}

/** The input of these datasets was rolled back: no job goes on with rows of before. */
export function forgetKept(state: DagState, rddIds: Iterable<number>): void {
  for (const rddId of rddIds) for (const job of state.jobs.values()) job.unpersisted?.delete(rddId);
}

/** The rows of an RDD are wanted no more: their files go when no job runs that may read them. */
export function giveUpShared(state: DagState, rddId: number): void {
  const life = state.shared.current(rddId);
  if (life !== undefined) lifeOver(state, rddId, life);
  giveUpFiles(state, rddId);
}

/** Its rows are kept elsewhere. */
export function giveUpFiles(state: DagState, rddId: number): void {
  state.shared.giveUp(rddId);
  removeUnread(state);
}

/** Removes files of rows that were given up and may be read by no running job any more. */
export function removeUnread(state: DagState): void {
  if (!state.shared.leftOver) return;
  const jobs = [...state.jobs.values()];
  const late: number[] = [];
  for (const unread of state.shared.takeUnread((rddId) => jobs.some((job) => job.lineage.has(rddId)))) {
    state.former.delete({ kind: 'cached', id: unread.rddId, generation: unread.generation });
    state.countedBlocks.forget(unread);
    state.command({ type: 'dropShared', ...unread });
    late.push(...state.shared.takeLate(unread.generation));
  }
  for (const rddId of late) dropRdd(state, rddId);
}

/**
 * A stage is cancelled, but its tasks end as they like. The rows that they are to read may be given up before: then no job has them,
 * their files go, and such a task computes others. So what it brings is not taken, and what it caches is given up with those rows.
 */
export function leaveTasks(state: DagState, stage: Stage): void {
  const kept = (stage.current?.plan.nodes ?? []).filter(({ shared }) => shared !== undefined);
  if (kept.length === 0) return;
  stage.leftBefore = stage.nextAttempt;
  // What is made of a dataset stands behind it.
  for (const { rddId, shared } of kept.slice(0, -1)) {
    const derived = state.rdds.descendants(rddId);
    for (const made of kept)
      if (derived.has(made.rddId)) state.shared.addLate(shared!, made.rddId, made.shared!);
  }
}

export function forgetShared(state: DagState, rddId: number): void {
  for (const generation of state.shared.left(rddId))
    state.former.delete({ kind: 'cached', id: rddId, generation });
  state.countedBlocks.forgetRdd(rddId);
  if (state.shared.forget(rddId)) state.command({ type: 'dropShared', rddId });
}

/** False for a block of rows that were given up meanwhile; its file goes with them, or at once. */
export function takeShared(state: DagState, { rddId, partition, shared }: CachedBlock): boolean {
  if (shared === undefined) return true;
  if (state.shared.current(rddId) === shared) {
    state.shared.add(rddId, partition);
    return true;
  }
  dropLate(state, rddId, shared);
  return false;
}

/** Whether its blocks may still be read. */
export function isKnownGeneration({ shared }: DagState, rddId: number, generation: number): boolean {
  return shared.current(rddId) === generation || shared.isLeft(rddId, generation);
}

/** A task of before has left a file of rows that were given up. */
export function dropLate(state: DagState, rddId: number, generation: number | undefined): void {
  if (generation !== undefined && !isKnownGeneration(state, rddId, generation))
    state.command({ type: 'dropShared', rddId, generation });
}

/** Whether reading the partition needs no computation, here or there. */
export function isThere({ cache, shared }: DagState, rddId: number, partition: number): boolean {
  return cache.locations(rddId, partition) !== undefined || shared.has(rddId, partition);
}

/** How many partitions of it are there. */
export function countThere({ cache, shared }: DagState, rddId: number): number {
  const everywhere = shared.partitions(rddId);
  if (everywhere.size === 0) return cache.count(rddId);
  return everywhere.size + cache.partitions(rddId).filter((partition) => !everywhere.has(partition)).length;
}

/** Whether an executor alone has a partition of it, which others could only compute. */
export function isHeldAlone({ cache, shared }: DagState, rddId: number): boolean {
  if (cache.count(rddId) === 0) return false;
  return cache.partitions(rddId).some((partition) => !shared.has(rddId, partition));
}
