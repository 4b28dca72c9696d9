/** What the graph and the timeline say of partitions that are computed again. Pure. */
import { causeOf, isRecomputed, recomputedCount } from '../../engine/fold/fault-words.ts';
import type { StageView } from '../../engine/fold/state.ts';
import type { JobStage } from '../jobs/job-stages.ts';
import type { TimelineSlice } from '../timeline/time-scale.ts';
import { formatCount } from '../ui/format.ts';
import { stagePartitions } from './fault-target.ts';

/** How many partitions of the attempt shown are made a second time, of how many the stage has. */
export function recomputedOf({ stage, earlier }: JobStage): { count: number; of: number } {
  if (stage.status === 'skipped') return { count: 0, of: 0 };
  const count = recomputedCount(stage);
  // A task can stand for several partitions, so that a stage may have fewer tasks than partitions.
  return { count, of: Math.max(count, ...[stage, ...earlier].map(stagePartitions)) };
}

/** "1 of 8 recomputed"; undefined when none is. */
export function recomputedWords(entry: JobStage): string | undefined {
  const { count, of } = recomputedOf(entry);
  return count === 0 ? undefined : `${formatCount(count)} of ${formatCount(of)} recomputed`;
}

/** Whether what `child` read was made again for it: the way that lineage took. */
export function isRepaired(parent: StageView, child: StageView): boolean {
  if (parent.status === 'skipped' || child.status === 'skipped' || recomputedCount(parent) === 0)
    return false;
  // A reader that ran before the loss has nothing to do with it.
  return (child.completedAt ?? Number.POSITIVE_INFINITY) >= (parent.submittedAt ?? 0);
}

export type StagesByKey = ReadonlyMap<string, StageView>;

export function stagesByKey(entries: readonly JobStage[]): StagesByKey {
  const stages = new Map<string, StageView>();
  for (const { stage, earlier } of entries) for (const one of [...earlier, stage]) stages.set(one.key, one);
  return stages;
}

/** Why a bar is not the first of its partition; undefined of one that is, or that stands for several tasks. */
export function againWords(slice: TimelineSlice, stages: StagesByKey): string | undefined {
  const { task, stage } = slice;
  // A second copy of a slow task says so itself: nothing was lost.
  if (!task || task.speculative) return undefined;
  const view = stage === undefined ? undefined : stages.get(stage);
  const cause = view && causeOf(view, task.partition, slice.start);
  if (cause) return isRecomputed(cause) ? 'computed again' : 'tried again';
  return task.attempt > 0 || task.stageAttempt > 0 ? 'tried again' : undefined;
}
