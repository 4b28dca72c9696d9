/** What of the timeline a menu of faults is asked for: a bar, or the lane of an executor. Pure. */
import type { FaultTarget } from '../faults/fault-target.ts';
import type { TimelineLane, TimelineSlice } from './time-scale.ts';

/** The executor of a lane; undefined of a lane of partitions, or of several executors. */
export function executorOf({ key, label }: Pick<TimelineLane, 'key' | 'label'>): string | undefined {
  return label === `Executor ${key}` ? key : undefined;
}

/** Undefined where nothing is that could be broken. */
export function menuTarget(
  lane: Pick<TimelineLane, 'key' | 'label'>,
  slice: TimelineSlice | undefined,
): FaultTarget | undefined {
  const executorId = executorOf(lane);
  if (slice?.task && slice.stage !== undefined) {
    const { partition } = slice.task;
    return {
      kind: 'task',
      stageKey: slice.stage,
      partition,
      ...(executorId !== undefined && { executorId }),
    };
  }
  if (executorId !== undefined) return { kind: 'executor', executorId };
  return slice?.stage === undefined ? undefined : { kind: 'stage', stageKey: slice.stage };
}
