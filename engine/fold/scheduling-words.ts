/**
 * How stages and jobs share the executors, in words: pools, barriers, second copies, exclusion, adaptive plans. Pure; page
 * and history say the same.
 */
import type { AdaptivePlan, JobWait } from '../protocol.ts';
import type { ExecutorView, StageView } from './state.ts';

/** Where jobs run that name no pool, as Spark calls it. */
const DEFAULT_POOL = 'default';

export const ADAPTIVE_WORDS: Record<AdaptivePlan['kind'], string> = {
  coalesce: 'coalesced',
  skew: 'split',
  broadcastJoin: 'broadcast join',
};

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** "pool reports"; empty in the default pool, and where jobs run in their order. */
export function poolWords({ pool }: { pool?: string }): string {
  return pool === undefined || pool === DEFAULT_POOL ? '' : `pool ${pool}`;
}

const OF_OTHER_JOBS: Record<JobWait['code'], (rdd: string) => string> = {
  OTHER_ORDER: (rdd) => `map outputs of ${rdd} are still read in another order than this job needs`,
  OTHER_LIFE: (rdd) => `what was made of other rows of ${rdd} than this job reads is still in use`,
  EARLIER_JOB: (rdd) => `it waits, too, and is the first to have ${rdd} made again`,
  PREPARATION: () => 'rows are sampled or counted first',
};

/** Why a job waits before it begins: what follows "waits for job 3:" as a sentence without its full stop. */
export function waitReason({ code, rddId, rddName }: JobWait): string {
  return OF_OTHER_JOBS[code](rddId === undefined ? 'its input' : `${rddName} (RDD ${rddId})`);
}

/** "waits for job 3", "waits for jobs 3, 5", or "waits" when no job has to end. */
export function waitWords({ jobIds }: JobWait, verb = 'waits'): string {
  if (jobIds.length === 0) return verb;
  return `${verb} for ${jobIds.length === 1 ? 'job' : 'jobs'} ${jobIds.join(', ')}`;
}

/** "2 found slow"; empty where no task was. */
export function speculatedWords({ speculated = 0 }: StageView): string {
  return speculated > 0 ? `${speculated} found slow` : '';
}

/** "executor 1 excluded", "3 executors excluded"; empty where none is. */
export function excludedWords({ excludedExecutors = [] }: StageView): string {
  const [first, second] = excludedExecutors;
  if (!first) return '';
  return second ? `${excludedExecutors.length} executors excluded` : `executor ${first.executorId} excluded`;
}

/** One thing that is otherwise than in most stages: a word for it, and what it means here as a sentence without its full stop. */
export interface StageNote {
  word: string;
  text: string;
}

/** All of a stage that a reader of its times must know, in the order in which it comes about. */
export function stageNotes(stage: StageView): StageNote[] {
  const { info, adaptive = [], speculated = 0, excludedExecutors = [] } = stage;
  const notes: StageNote[] = [];
  const pool = poolWords(stage);
  if (pool) notes.push({ word: pool, text: 'it shares the executors by the weight of this pool' });
  if (info.barrier)
    notes.push({
      word: 'barrier',
      text: `all ${counted(info.numTasks, 'task')} start together, each on an executor of its own`,
    });
  for (const { kind, reason } of adaptive) notes.push({ word: ADAPTIVE_WORDS[kind], text: reason });
  if (speculated > 0)
    notes.push({
      word: 'speculation',
      // Those that end before another executor is free get none; and tasks of several partitions are looked at one by one.
      text: `${counted(speculated, 'partition')} ${speculated === 1 ? 'was' : 'were'} found slow, to be run in a second copy when another executor is free`,
    });
  for (const { executorId, reason } of excludedExecutors)
    notes.push({
      word: 'excluded',
      text: `executor ${executorId} gets no more tasks of this stage: ${reason}`,
    });
  return notes;
}

/** Why an executor gets no tasks: of all stages, or of the one given; undefined when it does. */
export function exclusionOf(
  executor: Pick<ExecutorView, 'excluded'> | undefined,
  stage: StageView | undefined,
  executorId: string,
): string | undefined {
  if (executor?.excluded) return `excluded from all stages: ${executor.excluded.reason}`;
  const own = stage?.excludedExecutors?.find((known) => known.executorId === executorId);
  return own && `excluded from stage ${stage!.info.stageId}: ${own.reason}`;
}
