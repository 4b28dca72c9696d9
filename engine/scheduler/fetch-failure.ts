/** A reduce task could not read a map output: that output is made again, then what was reading it. */
import type { RecomputeCause, TaskPlace } from '../fault-protocol.ts';
import type { ShuffleInput, StagePlan } from '../rdd/plan.ts';
import { hasResultsOut, resultsOut, stopAttempt } from './barrier-stage.ts';
import type { DagState } from './dag-state.ts';
import type { DagEvent } from './events.ts';
import { fetchFailedTooOften } from './failure.ts';
import { failJob } from './job-end.ts';
import { isRunning, type Stage, type StageAttempt } from './stage.ts';
import { jobsNeeding } from './stage-graph.ts';
import { failAttempt, submitStages } from './stage-submission.ts';

type FetchFailed = Extract<DagEvent, { type: 'fetchFailed' }>;

export function fetchFailed(state: DagState, { stageId, attempt, index, reason }: FetchFailed): void {
  const stage = state.stages.get(stageId);
  const current = stage?.current;
  // A failure of an older attempt tells of outputs that have been looked after since.
  if (!stage || !current || current.attempt !== attempt) return;
  const source = state.mapStages.get(reason.shuffleId);
  const first = current.mode === 'running';
  if (first) {
    failAttempt(state, stage, reason.message);
    state.command({ type: 'retireTaskSet', stageId, attempt });
    if (stage.barrier) stopAttempt(state, stage, reason.message);
    // Two stages that read one shuffle would else use up each other's attempts with the nets they cast.
    if (!isLookedAfter(state, current, reason)) stage.failedAttempts++;
  }
  const reader = { stageId, stageAttempt: attempt, partition: partitionOf(state, stage, index) };
  const path = state.outputs.output(reason.shuffleId, reason.mapIndex)?.path ?? '';
  const faultId = state.damaged.get(path);
  const found = { reader, message: reason.message, ...(faultId !== undefined && { faultId }) };
  unregisterLost(state, stage, current, reason, found);
  if (source) {
    stage.required.add(source.stageId);
    const { mapIndex: mapPartition } = reason;
    stage.causes.stage({ code: 'INPUT_LOST', sourceStageId: source.stageId, mapPartition, ...found });
  }
  stage.reason = reason.message;
  if (first && hasResultsOut(state, stage)) {
    const error = resultsOut(stage, reason.message);
    for (const job of jobsNeeding(state, stage)) failJob(state, job, error);
    return;
  }
  if (first && stage.failedAttempts >= state.options.maxStageAttempts) {
    const error = fetchFailedTooOften(stage, stage.failedAttempts, reason);
    for (const job of jobsNeeding(state, stage)) failJob(state, job, error);
    return;
  }
  if (state.failed.size === 0) state.command({ type: 'startResubmitTimer', ms: state.options.resubmitDelay });
  state.failed.add(stage);
  // A running attempt of the source ends short of what was lost meanwhile, and is then submitted again.
  if (!source || isRunning(source)) return;
  source.reason ??= `its output was lost: ${reason.message}`;
  state.failed.add(source);
}

/** The output was dropped since the attempt began, for the failure of another stage: that it is gone is nothing new. */
function isLookedAfter(
  state: DagState,
  { plan }: StageAttempt,
  { shuffleId, mapIndex }: FetchFailed['reason'],
): boolean {
  const output = state.outputs.output(shuffleId, mapIndex);
  const paths = new Set([output, ...(output?.more ?? [])].map((part) => part?.path));
  return partsOf(mapsRead(plan, shuffleId), mapIndex).some(({ path }) => !paths.has(path));
}

/** The map outputs of a shuffle as an attempt was told of them. */
function mapsRead({ shuffleInputs }: StagePlan, shuffleId: number): ShuffleInput['maps'] {
  return shuffleInputs.find((input) => input.shuffleId === shuffleId)?.maps ?? [];
}

function partitionOf(state: DagState, stage: Stage, index: number): number {
  if (stage.kind === 'shuffleMap') return index;
  return state.jobs.get(stage.jobId)?.submission.partitions[index] ?? index;
}

/** Both the stage that failed and the one whose output it missed, in the order of their ids. */
export function resubmitFailed(state: DagState): void {
  const stages = [...state.failed].sort((a, b) => a.stageId - b.stageId);
  state.failed.clear();
  submitStages(state, stages);
}

/**
 * Each failed attempt in a row casts a wider net: first the one output, then all that its executor wrote for this
 * shuffle, then the whole shuffle. Else a wiped directory would be found out one file per attempt, and attempts run out.
 */
function unregisterLost(
  state: DagState,
  stage: Stage,
  current: StageAttempt,
  reason: FetchFailed['reason'],
  found: { reader: TaskPlace; message: string; faultId?: number },
): void {
  const { shuffleId, mapIndex } = reason;
  const source = state.mapStages.get(shuffleId);
  const seen = mapsRead(current.plan, shuffleId);
  const widest = stage.failedAttempts >= 3 || mapIndex < 0;
  const ofOwner = stage.failedAttempts >= 2;
  // A thousand reducers that miss what one executor wrote look through all map outputs once, not each of them.
  const net = `${shuffleId} ${widest ? 'all' : reason.executorId}`;
  const isCast = (widest || ofOwner) && current.nets.has(net);
  if (widest || ofOwner) current.nets.add(net);
  for (const map of (widest || ofOwner) && !isCast ? seen : partsOf(seen, mapIndex)) {
    const sameOwner = ofOwner && map.executorId === reason.executorId;
    if (map.mapIndex !== mapIndex && !sameOwner && !widest) continue;
    // Made again since the attempt began: the failure is not about this one.
    const output = state.outputs.output(shuffleId, map.mapIndex);
    if (![output, ...(output?.more ?? [])].some((part) => part?.path === map.path)) continue;
    const lost = state.outputs.unregister(shuffleId, map.mapIndex);
    if (!lost) continue;
    const { executorId } = lost;
    const faultId = state.damaged.get(lost.path);
    const { reader } = found;
    const cause: RecomputeCause =
      map.mapIndex === mapIndex
        ? { code: 'MAP_OUTPUT_LOST', executorId, ...found }
        : { code: 'MAP_OUTPUT_SUSPECTED', executorId, of: sameOwner ? 'executor' : 'shuffle', reader };
    if (faultId !== undefined) cause.faultId = faultId;
    source?.causes.partition(map.mapIndex, cause);
    state.command({ type: 'deleteMapOutput', mapStatus: lost });
  }
}

/** The files of one map output: one, or several where it was computed in pieces. In order, so none lies before its index. */
function partsOf(maps: ShuffleInput['maps'], mapIndex: number): ShuffleInput['maps'] {
  let from = Math.max(0, mapIndex);
  while (from < maps.length && maps[from]!.mapIndex < mapIndex) from++;
  let to = from;
  while (to < maps.length && maps[to]!.mapIndex === mapIndex) to++;
  return maps.slice(from, to);
}
