/** Why the tasks of a stage attempt compute what was there before: collected where losses are found, told when it starts. */
import { MAX_RECOMPUTED, type Recomputation, type RecomputeCause } from '../fault-protocol.ts';
import { parentPartitions } from '../rdd/plan.ts';
import { readersOf } from './cache-readers.ts';
import type { DagState } from './dag-state.ts';
import { isThere } from './shared-blocks.ts';
import type { Stage, StageAttempt } from './stage.ts';

/** Causes that wait for the next attempt of a stage. */
export class PendingCauses {
  /** By partition: the first cause stands. */
  readonly #ofPartition = new Map<number, RecomputeCause>();
  #ofStage: RecomputeCause | undefined;

  /** One partition of the stage is lost. */
  partition(partition: number, cause: RecomputeCause): void {
    if (!this.#ofPartition.has(partition)) this.#ofPartition.set(partition, cause);
  }

  /** Everything that the stage still has to compute starts again. */
  stage(cause: RecomputeCause): void {
    this.#ofStage ??= cause;
  }

  /** What is to be said of these partitions; nothing waits afterwards. */
  take(partitions: readonly number[]): Map<number, RecomputeCause> {
    const causes = new Map<number, RecomputeCause>();
    for (const partition of partitions) {
      const cause = this.#ofPartition.get(partition) ?? this.#ofStage;
      if (cause) causes.set(partition, cause);
    }
    this.#ofPartition.clear();
    this.#ofStage = undefined;
    return causes;
  }
}

/** For the event of a stage attempt that computes these partitions; undefined when none was there before. */
export function recomputations(
  state: DagState,
  stage: Stage,
  partitions: readonly number[],
): Recomputation[] | undefined {
  const causes = stage.causes.take(partitions);
  if (state.lost.size > 0) {
    for (const partition of partitions) {
      if (causes.size >= MAX_RECOMPUTED) break;
      const cause = causes.has(partition) ? undefined : lostBehind(state, stage, partition);
      if (cause) causes.set(partition, cause);
    }
  }
  return shareCauses(causes);
}

/**
 * What a running attempt has still to compute of cached partitions that an executor has just taken with it: the tasks that
 * were to read them, wherever they run now, make them from their parents. Undefined when it is none.
 */
export function lostMeanwhile(
  state: DagState,
  stage: Stage,
  lost: readonly { rddId: number; partition: number }[],
): Recomputation[] | undefined {
  const { current } = stage;
  if (!current) return undefined;
  const readers = readersOf(current.plan.nodes, lost);
  if (readers.size === 0) return undefined;
  const requested = stage.kind === 'result' ? state.jobs.get(stage.jobId)?.submission.partitions : undefined;
  const now = new Set(lost.map(({ rddId, partition }) => `${rddId} ${partition}`));
  const causes = new Map<number, RecomputeCause>();
  const isPending = stillComputes(current, requested);
  for (const partition of readers) {
    if (causes.size >= MAX_RECOMPUTED) break;
    const cause = isPending(partition) ? lostBehind(state, stage, partition) : undefined;
    // Nearer to it another may be there, or have been lost before.
    if (cause?.code === 'CACHED_BLOCK_LOST' && now.has(`${cause.rddId} ${cause.rddPartition}`))
      causes.set(partition, cause);
  }
  return shareCauses(causes)?.map((recomputation) => ({ ...recomputation, since: state.now }));
}

/** Whether the attempt has still to compute a partition. */
function stillComputes(
  attempt: StageAttempt,
  requested: readonly number[] | undefined,
): (partition: number) => boolean {
  const { pending } = attempt;
  attempt.positions ??= requested?.some((partition, position) => partition !== position)
    ? Map.groupBy(requested.keys(), (position) => requested[position]!)
    : 'in place';
  const { positions } = attempt;
  if (positions === 'in place') return (partition) => pending.has(partition);
  return (partition) => positions.get(partition)?.some((position) => pending.has(position)) ?? false;
}

/** Partitions by their causes. */
function shareCauses(causes: ReadonlyMap<number, RecomputeCause>): Recomputation[] | undefined {
  if (causes.size === 0) return undefined;
  const shared = new Map<RecomputeCause, number[]>();
  let told = 0;
  for (const [partition, cause] of causes) {
    if (told++ >= MAX_RECOMPUTED) break;
    const known = shared.get(cause);
    if (known) known.push(partition);
    else shared.set(cause, [partition]);
  }
  return [...shared].map(([cause, of]) => ({ partitions: of, cause }));
}

/** The nearest cached partition that computing this one would have read, had it not been lost. */
function lostBehind(state: DagState, stage: Stage, partition: number): RecomputeCause | undefined {
  const seen = new Set<string>();
  const queue = [{ rddId: stage.rddId, partition }];
  for (const at of queue) {
    const key = `${at.rddId} ${at.partition}`;
    if (seen.has(key) || isThere(state, at.rddId, at.partition)) continue;
    seen.add(key);
    const node = stage.broadcast?.nodes.get(at.rddId) ?? state.rdds.node(at.rddId);
    const lost = state.lost.get(at.rddId, at.partition);
    if (lost && node.storageLevel.name !== 'NONE') {
      return {
        code: 'CACHED_BLOCK_LOST',
        rddId: at.rddId,
        rddName: node.name,
        rddPartition: at.partition,
        ...lost,
      };
    }
    for (const dep of node.dependencies) {
      if (dep.kind === 'shuffle') continue;
      for (const parent of parentPartitions(dep, at.partition))
        queue.push({ rddId: dep.rddId, partition: parent });
    }
  }
  return undefined;
}
