/**
 * Cached partitions of a dataset that became a checkpoint. A task of the job that wrote it may have run elsewhere than where the
 * partition was cached, for that executor was busy or had just died: then it computed the partition once more, and where
 * that can give other rows, those in memory are not those that were written. All that follows reads what was written.
 */
import { mayDiffer, type RddNode, repeats } from '../rdd/plan.ts';
import type { DagState } from './dag-state.ts';
import { dropRdd } from './forget.ts';
import { lifeOver, UNKEPT } from './former-rows.ts';
import { giveUpFiles } from './shared-blocks.ts';

/** Drops what may differ; tasks that cache it from now on have read the checkpoint. `before` is the plan of until now. */
export function dropOtherRows(state: DagState, before: RddNode, { rddId, op }: RddNode): void {
  const { storageLevel } = before;
  // Written from a computation of its own.
  if (mayDiffer(before) && state.shared.current(rddId) === undefined) lifeOver(state, rddId, UNKEPT);
  if (repeats(before) || storageLevel.name === 'NONE') return;
  // They are the rows that were shared.
  giveUpFiles(state, rddId);
  if (op.kind === 'checkpoint') dropRdd(state, rddId);
  // All copies of the others are made once more, of those that the writer has.
  else if (op.kind !== 'localCheckpoint' || storageLevel.replication > 1) return;
  else dropAllBut(state, rddId, op.holders);
  // What tasks of before, of other jobs too, still cache was computed from what is forgotten.
  state.epochs.rollBack([rddId]);
}

/** Of each partition only those executors keep it that wrote it. */
function dropAllBut(state: DagState, rddId: number, writers: readonly string[][]): void {
  for (const partition of state.cache.partitions(rddId)) {
    for (const executorId of state.cache.locations(rddId, partition) ?? []) {
      if (writers[partition]?.includes(executorId)) continue;
      state.cache.remove(rddId, partition, executorId);
      state.command({ type: 'dropBlock', executorId, rddId, partition });
    }
  }
}
