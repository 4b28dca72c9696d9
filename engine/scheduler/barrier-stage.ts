/**
 * Barrier stages: all tasks start together or not at all, one that fails takes the others with it, and a further attempt
 * runs all of them again (Spark's barrier execution mode, SPARK-24374).
 */
import type { ErrorData } from '../protocol.ts';
import type { RddNode } from '../rdd/plan.ts';
import { discardAccumulation } from './accumulate.ts';
import type { DagState } from './dag-state.ts';
import type { DagEvent } from './events.ts';
import { dropRdd } from './forget.ts';
import type { ActiveJob } from './job.ts';
import { failJob } from './job-end.ts';
import { countThere, forgetKept, giveUpShared } from './shared-blocks.ts';
import { type Stage, stageTitle } from './stage.ts';
import { jobsNeeding } from './stage-graph.ts';
import { failAttempt } from './stage-submission.ts';

const STAGELIGHT_ERROR = 'StagelightError';
const NOT_AGAIN = 'a barrier stage that computes results is not tried again, because some may be out already';

/** Why the job cannot run, when one of the stages it needs is a barrier stage that cannot. */
export function barrierRefusal(
  state: DagState,
  job: ActiveJob,
  needed: Iterable<Stage>,
): ErrorData | undefined {
  for (const stage of needed) {
    if (!stage.barrier) continue;
    const tasks = stage.kind === 'result' ? job.submission.partitions.length : stage.numPartitions;
    const refusal = wrongChain(state, stage, tasks) ?? tooFewSlots(stage, tasks, state.options.slots);
    if (refusal) return refusal;
  }
  return undefined;
}

function wrongChain(state: DagState, stage: Stage, tasks: number): ErrorData | undefined {
  const chain = state.rdds.chain(stage.rddId);
  const refuse = (what: string, hint: string): ErrorData => ({
    code: 'BARRIER_UNSUPPORTED_RDD_CHAIN',
    name: STAGELIGHT_ERROR,
    message: `${stageTitle(stage)} cannot run as a barrier stage: ${what}`,
    hint,
    position: stage.callSite,
  });
  const other = chain.find((node) => node.numPartitions !== tasks);
  if (other) {
    return refuse(
      `it computes ${tasks} ${tasks === 1 ? 'partition' : 'partitions'} and RDD ${other.rddId} (${other.name}) in it has ${other.numPartitions}`,
      'No union(), coalesce() or the like beside a barrier; collect() in place of first() and take().',
    );
  }
  const barriers = barrierRdds(chain);
  const join = chain.find(
    (node) => node.dependencies.filter((dep) => dep.kind !== 'shuffle' && barriers.has(dep.rddId)).length > 1,
  );
  if (!join) return undefined;
  return refuse(
    `RDD ${join.rddId} (${join.name}) depends on more than one barrier dataset`,
    'Compute one of them first: cache() and count() it, or put a shuffle between.',
  );
}

/** Those made by `barrier()`, and what is computed from them in the same tasks. */
function barrierRdds(chain: RddNode[]): Set<number> {
  const barriers = new Set<number>();
  for (const node of chain) if (node.barrier || inherits(node, barriers)) barriers.add(node.rddId);
  return barriers;
}

function inherits(node: RddNode, barriers: Set<number>): boolean {
  return node.dependencies.some((dep) => dep.kind !== 'shuffle' && barriers.has(dep.rddId));
}

function tooFewSlots(stage: Stage, tasks: number, slots: number | undefined): ErrorData | undefined {
  if (slots === undefined || tasks <= slots) return undefined;
  return {
    code: 'BARRIER_SLOTS',
    name: STAGELIGHT_ERROR,
    message: `${stageTitle(stage)} failed: all ${tasks} tasks of a barrier stage run at once, and there are ${slots} executors`,
    hint: `Start with --executors ${tasks}, or repartition(${slots}) before barrier().`,
    position: stage.callSite,
  };
}

/**
 * Nothing of an earlier attempt is kept: a task among others that do not run would wait for them at its barrier. Nor does
 * one come later, from tasks that ended well although they were to stop: its partition is being computed again.
 */
export function startWhole(state: DagState, stage: Stage): void {
  stage.acceptFrom = stage.nextAttempt;
  // It has this attempt only: there is no second one to be more careful in.
  if (stage.kind === 'result') stage.careful = true;
  const barriers = barrierRdds(state.rdds.chain(stage.rddId));
  forgetKept(state, barriers);
  for (const rddId of barriers) {
    const cached = countThere(state, rddId);
    if (cached === state.rdds.node(rddId).numPartitions) continue;
    if (cached > 0) dropRdd(state, rddId);
    // A task that died before it could tell may have left rows for all to read.
    else giveUpShared(state, rddId);
  }
  if (stage.kind === 'shuffleMap') {
    for (const mapStatus of state.outputs.unregisterAll(stage.dependency.shuffleId))
      state.command({ type: 'deleteMapOutput', mapStatus });
  }
}

/** Some of its results are out, written files perhaps: the stage cannot run again as a whole. */
export function hasResultsOut(state: DagState, stage: Stage): boolean {
  return stage.barrier && stage.kind === 'result' && (state.jobs.get(stage.jobId)?.finished ?? 0) > 0;
}

export function resultsOut(stage: Stage, message: string): ErrorData {
  return {
    code: 'BARRIER_RESULT_STAGE_FAILED',
    name: STAGELIGHT_ERROR,
    message: `${stageTitle(stage)} failed: ${message}; ${NOT_AGAIN}`,
    hint: 'Run the action again: what was lost is computed anew.',
    position: stage.callSite,
  };
}

/** The attempt is over for all of its tasks; what they may still bring is of no use. */
export function stopAttempt(state: DagState, stage: Stage, reason: string): void {
  stage.acceptFrom = stage.nextAttempt;
  discardAccumulation(state, stage);
  state.command({ type: 'cancelTasks', stageId: stage.stageId, reason });
}

export function barrierTaskFailed(
  state: DagState,
  { stageId, attempt, failure }: Extract<DagEvent, { type: 'barrierTaskFailed' }>,
): void {
  const stage = state.stages.get(stageId);
  if (stage?.current?.attempt !== attempt || stage.current.mode !== 'running') return;
  const { partition, executorId, cause } = failure;
  const reason = `barrier task of partition ${partition} failed on executor ${executorId}: ${cause.message}`;
  failAttempt(state, stage, reason);
  stopAttempt(state, stage, reason);
  stage.failedAttempts++;
  const { maxStageAttempts, resubmitDelay } = state.options;
  if (stage.kind === 'result' || stage.failedAttempts >= maxStageAttempts) {
    const error = givenUp(stage, failure, reason);
    for (const job of jobsNeeding(state, stage)) failJob(state, job, error);
    return;
  }
  stage.reason = reason;
  if (state.failed.size === 0) state.command({ type: 'startResubmitTimer', ms: resubmitDelay });
  state.failed.add(stage);
}

function givenUp(
  stage: Stage,
  { partition, attempt, executorId, cause }: Extract<DagEvent, { type: 'barrierTaskFailed' }>['failure'],
  reason: string,
): ErrorData {
  const why = stage.kind === 'result' ? NOT_AGAIN : `its attempt was the last of ${stage.failedAttempts}`;
  const position = cause.position ?? cause.frames?.[0] ?? stage.callSite;
  return {
    code: stage.kind === 'result' ? 'BARRIER_RESULT_STAGE_FAILED' : 'BARRIER_STAGE_FAILED',
    name: STAGELIGHT_ERROR,
    message: `${stageTitle(stage)} failed: ${reason}; ${why}`,
    hint:
      cause.hint ??
      'Mend what fails; a shuffle behind the barrier (repartition) makes a stage that is tried again.',
    task: { stageId: stage.stageId, partition, attempt, executorId },
    cause,
    ...(position ? { position } : {}),
    ...(cause.frames ? { frames: cause.frames } : {}),
  };
}
