/**
 * A lost map output was recomputed with other rows. Whatever was made from the first rows must not meet the new ones:
 * all succeeding stages start over, and a job that already has some of its results fails rather than be wrong.
 */
import type { DagState } from './dag-state.ts';
import { otherRowsRecomputed } from './failure.ts';
import { dropRdd } from './forget.ts';
import { failJob } from './job-end.ts';
import type { ShuffleMapStage, Stage } from './stage.ts';
import { cancelStage, submitStages } from './stage-submission.ts';

export function rollBack(state: DagState, source: ShuffleMapStage, mapIndex: number): void {
  const again: Stage[] = [];
  for (const stage of succeedingStages(state, source)) {
    if (!state.stages.has(stage.stageId)) continue;
    for (const node of state.rdds.chain(stage.rddId)) {
      const derived = state.rdds.lineage(node.rddId).has(source.rddId) && node.rddId !== source.rddId;
      if (derived && state.cache.count(node.rddId) > 0) dropRdd(state, node.rddId);
    }
    const job = stage.kind === 'result' ? state.jobs.get(stage.jobId) : undefined;
    if (stage.kind === 'result' && job && job.finished > 0) {
      failJob(state, job, otherRowsRecomputed(job, stage, source, mapIndex));
      continue;
    }
    if (startOver(state, stage, source)) again.push(stage);
  }
  submitStages(
    state,
    again.filter((stage) => state.stages.has(stage.stageId)),
  );
}

/** True when the stage was at work and has to be submitted again. */
function startOver(state: DagState, stage: Stage, source: Stage): boolean {
  const busy = stage.current !== undefined || state.waiting.has(stage) || state.failed.has(stage);
  const reason = `stage ${source.stageId} (${source.name}) was recomputed with other rows`;
  if (stage.current) cancelStage(state, stage, reason);
  stage.acceptFrom = stage.nextAttempt;
  stage.reason = reason;
  if (stage.kind === 'shuffleMap') {
    for (const mapStatus of state.outputs.reset(stage.dependency.shuffleId)) {
      state.command({ type: 'deleteMapOutput', mapStatus });
    }
  }
  return busy;
}

/** All stages that read the source's outputs, directly or through others; in the order of their ids. */
function succeedingStages(state: DagState, source: Stage): Stage[] {
  const found = new Set<number>([source.stageId]);
  const ordered = [...state.stages.values()].sort((a, b) => a.stageId - b.stageId);
  for (let grown = true; grown; ) {
    grown = false;
    for (const stage of ordered) {
      if (found.has(stage.stageId) || !stage.parentIds.some((id) => found.has(id))) continue;
      found.add(stage.stageId);
      grown = true;
    }
  }
  return ordered.filter((stage) => stage !== source && found.has(stage.stageId));
}
