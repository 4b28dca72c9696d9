/** Puts the small partitions of a stage attempt into fewer tasks, when what they read has been measured. */
import type { AdaptivePlan } from '../protocol.ts';
import type { AdaptiveOptions } from '../rdd/adaptive-options.ts';
import { coalesceReason } from './adaptive-reasons.ts';
import { planCoalescing } from './coalesce-plan.ts';
import type { DagState } from './dag-state.ts';
import { reduceSizes } from './reduce-sizes.ts';
import type { Stage } from './stage.ts';

export interface CoalescedTasks {
  /** See TaskSet. */
  groupStarts: number[];
  plan: AdaptivePlan;
}

/** Of the application, changed by what the job's cell said. */
export function adaptiveOptions(state: DagState, jobId: number): AdaptiveOptions {
  return { ...state.options.adaptive, ...state.jobs.get(jobId)?.submission.adaptive };
}

/** `preferred` as in the task set: partitions that are near to different executors do not share a task. */
export function coalesced(
  state: DagState,
  adaptive: AdaptiveOptions,
  stage: Stage,
  partitions: number[],
  preferred: (string[] | undefined)[] | undefined,
  alone: (position: number) => boolean,
): CoalescedTasks | undefined {
  const { parallelism } = state.options;
  if (!adaptive.enabled || partitions.length < 2) return undefined;
  const sizes = reduceSizes(state, stage, partitions);
  if (!sizes) return undefined;
  const apart = (position: number): boolean =>
    alone(position) ||
    partitions[position] !== partitions[position - 1]! + 1 ||
    (preferred !== undefined && preferred[position]?.join() !== preferred[position - 1]?.join());
  const coalescing = planCoalescing({ sizes, apart, parallelism }, adaptive);
  if (!coalescing) return undefined;
  return {
    groupStarts: coalescing.starts,
    plan: {
      kind: 'coalesce',
      reason: coalesceReason(sizes, coalescing, adaptive, parallelism),
      partitions: partitions.length,
      tasks: coalescing.starts.length,
    },
  };
}
