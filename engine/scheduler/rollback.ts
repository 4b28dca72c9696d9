/**
 * A lost map output was recomputed with other rows. Whatever was made from the first rows must not meet the new ones:
 * cached partitions go, all succeeding stages start over, and a job that already has some of its results, or whose
 * rows are numbered by the first ones, fails rather than be wrong.
 */
import type { DagState } from './dag-state.ts';
import { otherRowsRecomputed } from './failure.ts';
import { dropRdd } from './forget.ts';
import { failJob } from './job-end.ts';
import { forgetKept } from './shared-blocks.ts';
import type { ShuffleMapStage, Stage } from './stage.ts';
import { submitStages } from './stage-submission.ts';
import { startOver } from './start-over.ts';

export function rollBack(state: DagState, source: ShuffleMapStage, mapIndex: number): void {
  const again: Stage[] = [];
  const derived = state.rdds.descendants(source.rddId);
  for (const rddId of new Set([...state.cache.rddIds(), ...state.shared.rddIds()]))
    if (derived.has(rddId)) dropRdd(state, rddId);
  // What tasks of before still cache, those of ended jobs too, is of the first rows.
  state.epochs.rollBack(derived);
  forgetKept(state, derived);
  const succeeding = succeedingStages(state, source);
  forgetOffsets(state, derived, source, mapIndex);
  for (const stage of succeeding) {
    if (!state.stages.has(stage.stageId)) continue;
    const job = stage.kind === 'result' ? state.jobs.get(stage.jobId) : undefined;
    if (stage.kind === 'result' && job && job.finished > 0) {
      const since = `${job.finished} of ${job.results.length} results were made from the first ones`;
      failJob(state, job, otherRowsRecomputed(stage, source, mapIndex, since));
      continue;
    }
    if (startAgain(state, stage, source, mapIndex)) again.push(stage);
  }
  submitStages(
    state,
    again.filter((stage) => state.stages.has(stage.stageId)),
  );
}

/** Range bounds fit any rows, only not as evenly; offsets of zipWithIndex are counts of the first rows. */
function forgetOffsets(
  state: DagState,
  derived: ReadonlySet<number>,
  source: ShuffleMapStage,
  mapIndex: number,
): void {
  // Those that are about to be put together are counts of the first rows, too.
  for (const [rddId, running] of state.preparations)
    if (derived.has(rddId) && running.finishing !== undefined && isOffsets(state, rddId))
      running.isOutdated = true;
  for (const rddId of [...state.prepared.keys()]) {
    const { name } = state.rdds.node(rddId);
    if (!derived.has(rddId) || !isOffsets(state, rddId)) continue;
    state.prepared.delete(rddId);
    for (const job of [...state.jobs.values()]) {
      if (job.mode.kind !== 'running' || !job.lineage.has(rddId)) continue;
      const result = state.stage(job.mode.resultStageId);
      failJob(
        state,
        job,
        otherRowsRecomputed(result, source, mapIndex, `${name} had counted the first ones`),
      );
    }
  }
}

function isOffsets(state: DagState, rddId: number): boolean {
  return state.rdds.node(rddId).preparation?.finish.kind === 'partitionOffsets';
}

/** True when the stage was at work and has to be submitted again. */
function startAgain(state: DagState, stage: Stage, source: Stage, mapIndex: number): boolean {
  const busy = stage.current !== undefined || state.waiting.has(stage) || state.failed.has(stage);
  stage.causes.stage({ code: 'OTHER_ROWS', sourceStageId: source.stageId, mapPartition: mapIndex });
  startOver(state, stage, `stage ${source.stageId} (${source.name}) was recomputed with other rows`);
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
