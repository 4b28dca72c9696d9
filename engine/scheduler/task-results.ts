/** What a task that ended well brings: a map output or a part of a job's results. */
import { accumulate, accumulateCached, discardAccumulation, discardPartials } from './accumulate.ts';
import type { DagState } from './dag-state.ts';
import type { DagEvent } from './events.ts';
import { accumulatedTooMuch, resultTooLarge } from './failure.ts';
import { resultSize } from './job.ts';
import { failJob, succeedJob } from './job-end.ts';
import { refusesOutput } from './kept-order.ts';
import { rollBack } from './rollback.ts';
import { isRunning, type ResultStage, type ShuffleMapStage, type Stage } from './stage.ts';
import { completeStage, failAttempt, submitStages } from './stage-submission.ts';

type TaskSucceeded = Extract<DagEvent, { type: 'taskSucceeded' }>;

/** A duplicate's output is nobody's, but what it added may be the first to count. */
function discardOutput(state: DagState, event: TaskSucceeded): void {
  discard(state, { ...event, accumulators: undefined });
}

/** True when what tasks added is more than the driver takes: the jobs have failed. */
function addedTooMuch(state: DagState, stage: Stage): boolean {
  const { maxResultSize } = state.options;
  if (stage.accumulation.bytes <= maxResultSize) return false;
  const error = accumulatedTooMuch(stage, stage.accumulation.bytes, maxResultSize);
  discardAccumulation(state, stage);
  failAttempt(state, stage, error.message);
  // A map stage whose last output this was is needed by none any more.
  for (const jobId of [...stage.jobIds]) {
    const job = state.jobs.get(jobId);
    if (job) failJob(state, job, error);
  }
  return true;
}

export function taskSucceeded(state: DagState, event: TaskSucceeded): void {
  const stage = state.stages.get(event.stageId);
  if (stage && event.attempt < stage.acceptFrom) discard(state, event);
  else if (!stage || event.attempt < stage.leftBefore)
    discard(state, event.isFirst ? { ...event, accumulators: accumulateCached(state, event) } : event);
  else if (event.piece !== undefined) pieceSucceeded(state, stage, event, event.piece);
  else if (stage.kind === 'shuffleMap') mapTaskSucceeded(state, stage, event);
  else resultTaskSucceeded(state, stage, event);
}

/** The last of its partition counts as the partition. */
function pieceSucceeded(state: DagState, stage: Stage, event: TaskSucceeded, piece: number): void {
  const combined = stage.kind === 'shuffleMap' && (stage.dependency.aggregator?.mapSideCombine ?? false);
  const taken = stage.pieces.take(event, combined);
  if (taken === 'unknown') discard(state, event);
  else if (stage.current && stage.current.attempt !== event.attempt)
    state.command({ type: 'taskDone', stageId: stage.stageId, index: event.index, piece });
  if (typeof taken === 'string') return;
  if (stage.kind === 'shuffleMap') mapTaskSucceeded(state, stage, taken);
  else resultTaskSucceeded(state, stage, taken);
}

function discard(state: DagState, { result, mapStatus, accumulators }: TaskSucceeded): void {
  discardPartials(state, accumulators);
  if (result) state.command({ type: 'deleteResult', result });
  if (mapStatus) state.command({ type: 'deleteMapOutput', mapStatus });
}

/** An older attempt's success spares the newer attempts the work. */
function settle(state: DagState, stage: Stage, event: TaskSucceeded): void {
  const { current } = stage;
  if (!current) return;
  current.pending.delete(event.index);
  if (event.attempt !== current.attempt) {
    state.command({ type: 'taskDone', stageId: stage.stageId, index: event.index });
  }
}

function mapTaskSucceeded(state: DagState, stage: ShuffleMapStage, event: TaskSucceeded): void {
  let otherRows = false;
  if (event.mapStatus && refusesOutput(state, stage, event.attempt, event.mapStatus)) {
    discardOutput(state, event);
  } else if (event.mapStatus) {
    const registration = state.outputs.register(event.mapStatus);
    if (registration === 'duplicate') discardOutput(state, event);
    otherRows =
      registration === 'otherRows' ||
      (registration === 'incomparable' && state.rdds.node(stage.rddId).determinism === 'INDETERMINATE');
    if (otherRows) rollBack(state, stage, event.index);
  }
  accumulate(state, stage, event.index, event.accumulators, otherRows);
  settle(state, stage, event);
  if (addedTooMuch(state, stage)) return;
  if (isRunning(stage) && stage.current!.pending.size === 0) mapStageEnded(state, stage);
}

function mapStageEnded(state: DagState, stage: ShuffleMapStage): void {
  const { jobId } = stage.current!.plan;
  completeStage(state, stage);
  if (state.outputs.isAvailable(stage.dependency.shuffleId)) {
    stage.completedBy = jobId;
  } else {
    stage.reason ??= 'map outputs were lost while it ran';
  }
  submitStages(state, [stage]);
}

function resultTaskSucceeded(state: DagState, stage: ResultStage, event: TaskSucceeded): void {
  const job = state.jobs.get(stage.jobId);
  if (!job || job.results[event.index]) {
    discard(state, event);
    return;
  }
  const result = event.result ?? { bytes: new Uint8Array() };
  job.results[event.index] = result;
  job.finished++;
  job.resultBytes += resultSize(result);
  accumulate(state, stage, event.index, event.accumulators);
  settle(state, stage, event);
  if (addedTooMuch(state, stage)) return;
  if (job.resultBytes > state.options.maxResultSize) {
    const error = resultTooLarge(job, stage, state.options.maxResultSize);
    failAttempt(state, stage, error.message);
    failJob(state, job, error);
  } else if (job.finished === job.results.length) {
    completeStage(state, stage);
    succeedJob(state, job);
  }
}
