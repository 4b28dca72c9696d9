/** What the views ask of jobs: their stages by latest attempt, progress, time. Pure. */
import type { JobView, StageView } from '../../engine/fold/state.ts';

type Stages = ReadonlyMap<string, StageView>;

export interface JobStage {
  stage: StageView;
  /** Earlier attempts of the same stage, oldest first. */
  earlier: StageView[];
  /** Shown as skipped: the job that had computed it, when that is held. */
  computedBy?: number;
  /** Shown as computed: jobs of the same picture that needed it and found it there. */
  reusedBy?: number[];
}

const indexes = new WeakMap<Stages, Map<number, StageView[]>>();

/** The attempts of every stage, oldest first; made once for each published picture. */
function attemptsIn(stages: Stages): ReadonlyMap<number, StageView[]> {
  let index = indexes.get(stages);
  if (index) return index;
  index = new Map();
  for (const stage of stages.values()) {
    const attempts = index.get(stage.info.stageId);
    if (!attempts) index.set(stage.info.stageId, [stage]);
    else {
      attempts.push(stage);
      attempts.sort((a, b) => a.info.attempt - b.info.attempt);
    }
  }
  indexes.set(stages, index);
  return index;
}

const didRun = (stage: StageView | undefined) => stage?.submittedAt !== undefined;

/**
 * The stages of some jobs in one picture, in topological order of each job, each stage once by its latest attempt: as
 * the job that ran it saw it, or as skipped when none of these did.
 */
export function stagesOfJobs(stages: Stages, jobs: readonly JobView[]): JobStage[] {
  const ran = new Set<number>();
  const skippedBy = new Map<number, JobView[]>();
  for (const job of jobs) {
    const skipped = new Set(job.skippedStageIds);
    for (const stageId of job.stageIds) {
      if (!skipped.has(stageId)) ran.add(stageId);
      else if (skippedBy.has(stageId)) skippedBy.get(stageId)!.push(job);
      else skippedBy.set(stageId, [job]);
    }
  }
  const attemptsOfStages = attemptsIn(stages);
  const result: JobStage[] = [];
  const seen = new Set<number>();
  for (const job of jobs) {
    for (const stageId of job.stageIds) {
      if (seen.has(stageId)) continue;
      seen.add(stageId);
      const attempts = attemptsOfStages.get(stageId);
      const stage = attempts?.at(-1);
      if (!attempts || !stage) continue;
      const skippers = skippedBy.get(stageId) ?? [];
      if (ran.has(stageId)) {
        const reusedBy = skippers.map(({ jobId }) => jobId);
        result.push({ stage, earlier: attempts.slice(0, -1), ...(reusedBy.length > 0 && { reusedBy }) });
      } else result.push(asSkipped(stage, skippers[0]));
    }
  }
  return result;
}

function asSkipped(stage: StageView, job: JobView | undefined): JobStage {
  const reason = job?.skippedReasons[stage.info.stageId];
  const computedBy = didRun(stage) ? stage.jobIds.find((jobId) => jobId !== job?.jobId) : undefined;
  return {
    stage: { ...stage, status: 'skipped', ...(reason && { reason }) },
    earlier: [],
    ...(computedBy !== undefined && { computedBy }),
  };
}

export const stagesOfJob = (stages: Stages, job: JobView): JobStage[] => stagesOfJobs(stages, [job]);

export function stageDuration(stage: StageView, now: number): number | undefined {
  if (stage.submittedAt === undefined) return undefined;
  return (stage.completedAt ?? now) - stage.submittedAt;
}

export function jobDuration(job: JobView, now: number): number {
  return (job.endedAt ?? now) - job.startedAt;
}

/** Task attempts can fail and be redone: done is capped by the number of tasks. */
export function tasksDone(stage: StageView): number {
  if (stage.status === 'complete') return stage.info.numTasks;
  return Math.min(stage.progress.numSucceeded, stage.info.numTasks);
}

/** Rows that left the stage, when anything counted them. */
export function stageRows(stage: StageView): number | undefined {
  const counted = stage.progress.rowsByRdd?.findLast((rows) => rows >= 0);
  if (counted !== undefined) return counted;
  const { shuffleWriteRecords, outputRecords } = stage.progress.totals;
  return shuffleWriteRecords || outputRecords || undefined;
}

/**
 * Rows that left each dataset of the stage's chain; undefined where nothing counted them, and for what was not
 * computed because a dataset above it was read from the cache.
 */
export function rowsByOperator(stage: StageView): (number | undefined)[] {
  const { rdds } = stage.info;
  const counts = rdds.map((_, index) => stage.progress.rowsByRdd?.[index] ?? -1);
  const behindCache = new Set<number>();
  // Parents stand before their children.
  for (let index = rdds.length - 1; index >= 0; index--) {
    const { rddId, parentIds, storageLevel } = rdds[index]!;
    const fromCache = storageLevel !== 'NONE' && counts[index]! > 0;
    if (fromCache || behindCache.has(rddId)) for (const parent of parentIds) behindCache.add(parent);
  }
  return counts.map((count, index) =>
    count < 0 || (count === 0 && behindCache.has(rdds[index]!.rddId)) ? undefined : count,
  );
}

/**
 * All its rows came out of cached partitions: it has parents, read nothing of what they wrote, and could not have
 * made its rows otherwise. Known once tasks have ended.
 */
export function isFromCache({ status, info, progress }: StageView): boolean {
  if (status === 'skipped' || info.parentIds.length === 0) return false;
  const { shuffleReadBytes, shuffleReadRecords } = progress.totals;
  const cached = info.rdds.some(({ storageLevel }) => storageLevel !== 'NONE');
  return cached && progress.numSucceeded > 0 && shuffleReadBytes === 0 && shuffleReadRecords === 0;
}

/** The operators of the stage's chain, source first: `textFile · flatMap · map`. */
export function stageChain(stage: StageView): string {
  const names = stage.info.rdds.map((rdd) => rdd.callSite?.name ?? rdd.name);
  return names.filter((name, index) => name && name !== names[index - 1]).join(' · ');
}

/** Retried: more than one attempt of the stage, or task attempts that failed in a stage that did not. */
export function isRetried({ stage, earlier }: JobStage): boolean {
  return earlier.length > 0 || (stage.progress.numFailed > 0 && stage.status !== 'failed');
}
