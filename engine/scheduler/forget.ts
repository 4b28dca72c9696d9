/** Frees what belongs to RDDs that user code can no longer reach. */
import { discardAccumulation } from './accumulate.ts';
import type { DagState } from './dag-state.ts';
import { forgetShared, giveUpShared, removeUnread } from './shared-blocks.ts';
import { cancelStage } from './stage-submission.ts';

/** Forgets these RDDs and those put off before, except what running jobs may still touch. */
export function forget(state: DagState, rddIds: number[]): void {
  for (const rddId of rddIds) if (state.rdds.get(rddId)) state.unreachable.add(rddId);
  removeUnread(state);
  if (state.unreachable.size + state.orphans.size === 0) return;
  const jobs = [...state.jobs.values()];
  const stages = state.stages.size;
  for (const [shuffleId, rddId] of [...state.orphans]) {
    if (jobs.some((job) => job.lineage.has(rddId))) continue;
    state.orphans.delete(shuffleId);
    forgetShuffle(state, shuffleId);
  }
  for (const rddId of [...state.unreachable]) {
    if (jobs.some((job) => job.lineage.has(rddId))) continue;
    state.unreachable.delete(rddId);
    forgetRdd(state, rddId);
  }
  if (state.stages.size < stages) forgetParents(state);
}

/** Stages that read a dataset whose rows are kept outlive those that it was computed from. */
function forgetParents({ stages }: DagState): void {
  for (const stage of stages.values())
    if (!stage.parentIds.every((id) => stages.has(id)))
      stage.parentIds = stage.parentIds.filter((id) => stages.has(id));
}

function forgetRdd(state: DagState, rddId: number): void {
  const node = state.rdds.get(rddId);
  if (!node) return;
  for (const dep of node.dependencies) if (dep.kind === 'shuffle') forgetShuffle(state, dep.shuffleId);
  state.rdds.delete(rddId);
  state.prepared.delete(rddId);
  state.epochs.forget(rddId);
  state.order.forget(rddId);
  if (node.storageLevel.name !== 'NONE' || state.cache.count(rddId) > 0) dropRdd(state, rddId);
  else state.lost.removeRdd(rddId);
  forgetShared(state, rddId);
  state.former.forget(rddId);
  state.command({ type: 'rddForgotten', rddId, closures: node.closures });
}

function forgetShuffle(state: DagState, shuffleId: number): void {
  const stage = state.mapStages.get(shuffleId);
  if (!stage) return;
  if (stage.current) cancelStage(state, stage, 'its RDD was forgotten');
  discardAccumulation(state, stage);
  for (const mapStatus of state.outputs.remove(shuffleId))
    state.command({ type: 'deleteMapOutput', mapStatus });
  state.former.delete({ kind: 'outputs', id: shuffleId });
  state.mapStages.delete(shuffleId);
  state.stages.delete(stage.stageId);
  state.order.remade(shuffleId);
}

/** Drops the cached partitions of an RDD wherever they are. */
export function dropRdd(state: DagState, rddId: number): void {
  dropBlocks(state, rddId);
  giveUpShared(state, rddId);
  state.former.delete({ kind: 'cached', id: rddId });
}

/** The same without what all executors share of it. */
export function dropBlocks(state: DagState, rddId: number): void {
  const cached = state.cache.removeRdd(rddId);
  state.lost.removeRdd(rddId);
  state.order.dropped(rddId);
  state.command({ type: 'dropRdd', rddId });
  if (cached) state.emit({ type: 'unpersistRdd', rddId });
}
