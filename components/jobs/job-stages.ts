/** What the views ask of a job: its stages by latest attempt, its progress, its time. Pure. */
import type { JobView, StageView } from '../../engine/fold/state.ts';

type Stages = ReadonlyMap<string, StageView>;

export interface JobStage {
  stage: StageView;
  /** Earlier attempts of the same stage, oldest first. */
  earlier: StageView[];
}

/** The stages of a job in topological order, each by its latest attempt, as this job saw it: skipped if another had run it. */
export function stagesOfJob(stages: Stages, job: JobView): JobStage[] {
  const wanted = new Set(job.stageIds);
  const attempts = new Map<number, StageView[]>();
  for (const stage of stages.values()) {
    const { stageId } = stage.info;
    if (!wanted.has(stageId)) continue;
    const list = attempts.get(stageId);
    if (list) list.push(stage);
    else attempts.set(stageId, [stage]);
  }
  const result: JobStage[] = [];
  for (const stageId of job.stageIds) {
    const list = attempts.get(stageId)?.sort((a, b) => a.info.attempt - b.info.attempt);
    const stage = list?.at(-1);
    if (!list || !stage) continue;
    if (job.skippedStageIds.includes(stageId)) {
      const reason = job.skippedReasons[stageId];
      result.push({ stage: { ...stage, status: 'skipped', ...(reason ? { reason } : {}) }, earlier: [] });
    } else result.push({ stage, earlier: list.slice(0, -1) });
  }
  return result;
}

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

/** The operators of the stage's chain, source first: `textFile · flatMap · map`. */
export function stageChain(stage: StageView): string {
  const names = stage.info.rdds.map((rdd) => rdd.callSite?.name ?? rdd.name);
  return names.filter((name, index) => name && name !== names[index - 1]).join(' · ');
}

/** Retried: more than one attempt of the stage, or task attempts that failed in a stage that did not. */
export function isRetried({ stage, earlier }: JobStage): boolean {
  return earlier.length > 0 || (stage.progress.numFailed > 0 && stage.status !== 'failed');
}
