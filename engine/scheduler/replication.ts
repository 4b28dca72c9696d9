/**
 * Who gets the copies of partitions cached at a replicated level, and who is told of them. A task gives copies to
 * executors it was told of; where they are too few, because executors came late or were lost, more are made between
 * tasks (Spark's proactive replication).
 */
import type { RddNode, StagePlan, StorageLevel } from '../rdd/plan.ts';
import type { CachedBlock } from './backend.ts';
import type { DagState } from './dag-state.ts';
import type { DagEvent } from './events.ts';

/** How many copies besides the first the tasks of a stage may have to make of a partition. */
export function copiesOf(plan: StagePlan): number {
  return plan.nodes.reduce((most, { storageLevel }) => Math.max(most, storageLevel.replication - 1), 0);
}

/** The executors in the order they came, each with others for the copies of what its tasks cache. */
export class PeerRing {
  #ids: string[] = [];
  readonly #places = new Map<string, number>();

  add(executorId: string): void {
    this.#places.set(executorId, this.#ids.push(executorId) - 1);
  }

  remove(executorId: string): void {
    this.#places.delete(executorId);
    this.#ids = this.#ids.filter((id) => id !== executorId);
    for (const [place, id] of this.#ids.entries()) this.#places.set(id, place);
  }

  /**
   * Other executors for the copies of one task: the next ones, starting elsewhere for each partition, so that no executor
   * gets the copies of all that another one holds. Costs as many steps as there are copies.
   */
  peersOf(executorId: string, copies: number, partition: number): string[] {
    const own = this.#places.get(executorId) ?? this.#ids.length;
    const others = this.#ids.length - (own < this.#ids.length ? 1 : 0);
    return Array.from({ length: Math.min(copies, others) }, (_, i) => {
      const place = (partition + i) % others;
      return this.#ids[place < own ? place : place + 1]!;
    });
  }
}

/** An executor that was lost since has lost its copies. */
export function withLiveReplicas(
  blocks: CachedBlock[],
  isAlive: (executorId: string) => boolean,
): CachedBlock[] {
  return blocks.map((block) =>
    block.replicas === undefined ? block : { ...block, replicas: block.replicas.filter(isAlive) },
  );
}

/** A job that comes before it is taken in is already sent there; viewers are told of it once it is. */
export function adoptReplica(
  state: DagState,
  from: string,
  block: { rddId: number; partition: number; level: StorageLevel },
  executorId: string,
): void {
  state.cache.add(block.rddId, block.partition, executorId);
  const onDisk = state.rdds.get(block.rddId)?.op.kind === 'localCheckpoint';
  state.command({ type: 'adoptReplica', executorId, replica: { ...block, from, ...(onDisk && { onDisk }) } });
}

/**
 * A replicated dataset is a local checkpoint now: all copies must be readable by other executors, as that of the executor
 * which wrote it is. They are made once more, for they may be in memory alone.
 */
export function keepCopiesOnDisk(state: DagState, { rddId, op }: RddNode): void {
  if (op.kind !== 'localCheckpoint') return;
  for (const partition of state.cache.partitions(rddId)) {
    const [writer] = op.holders[partition] ?? [];
    const holders = state.cache.locations(rddId, partition) ?? [];
    if (writer === undefined || !holders.includes(writer)) continue;
    for (const to of holders)
      if (to !== writer) state.command({ type: 'makeReplica', executorId: writer, rddId, partition, to });
    // Until now all could read it where it was shared.
    replicateAgain(state, rddId, partition);
  }
}

/** Of a local checkpoint also the executors that hold copies which were made since. */
export function withHolders(state: DagState, node: RddNode): RddNode {
  const { op, rddId, storageLevel } = node;
  if (op.kind !== 'localCheckpoint' || storageLevel.replication === 1) return node;
  const holders = op.holders.map((known, partition) => [
    ...new Set([...known, ...(state.cache.locations(rddId, partition) ?? [])]),
  ]);
  return { ...node, op: { ...op, holders } };
}

/** Has a cached partition copied if fewer executors hold it than its level wants, as far as there are others; not one that all can read. */
export function replicateAgain(state: DagState, rddId: number, partition: number): void {
  const replication = state.rdds.get(rddId)?.storageLevel.replication ?? 1;
  if (replication === 1 || state.shared.has(rddId, partition)) return;
  const holders = state.cache.locations(rddId, partition) ?? [];
  const [from] = holders;
  if (from === undefined) return;
  const copies = replication - holders.length;
  if (copies <= 0) return;
  const others = [...state.executors].filter((id) => !holders.includes(id));
  for (let i = 0; i < Math.min(copies, others.length); i++) {
    const to = others[(partition + i) % others.length]!;
    state.command({ type: 'makeReplica', executorId: from, rddId, partition, to });
  }
}

/** The same for all: an executor has come or gone. */
export function replicateAll(state: DagState): void {
  for (const rddId of state.cache.rddIds()) {
    if ((state.rdds.get(rddId)?.storageLevel.replication ?? 1) === 1) continue;
    for (const partition of state.cache.partitions(rddId)) replicateAgain(state, rddId, partition);
  }
}

export function replicaMade(
  state: DagState,
  { executorId, rddId, partition, to }: Extract<DagEvent, { type: 'replicaMade' }>,
): void {
  if (!state.executors.has(to)) return;
  const level = state.rdds.get(rddId)?.storageLevel;
  // The first may have been dropped since, for want of memory or because its rows were rolled back.
  const isKept = level && state.cache.locations(rddId, partition)?.includes(executorId);
  if (isKept) adoptReplica(state, executorId, { rddId, partition, level }, to);
  else
    state.command({ type: 'dropReplica', executorId: to, replica: { rddId, partition, from: executorId } });
}
