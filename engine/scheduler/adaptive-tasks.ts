/** The tasks of a stage attempt: one for each missing partition, or what adaptive execution makes of them. */
import type { AdaptivePlan } from '../protocol.ts';
import type { AdaptiveOptions } from '../rdd/adaptive-options.ts';
import type { JoinPiece } from '../rdd/plan.ts';
import { adaptiveOptions, coalesced } from './adaptive-coalescing.ts';
import { cutSkewed } from './adaptive-skew.ts';
import type { DagState } from './dag-state.ts';
import type { TaskSet } from './events.ts';
import type { BroadcastJoins, Stage } from './stage.ts';

export interface ShapedTasks {
  tasks: Pick<TaskSet, 'indices' | 'partitions' | 'groupStarts' | 'pieces'>;
  numTasks: number;
  plans: AdaptivePlan[];
}

export function adaptiveTasks(
  state: DagState,
  stage: Stage,
  jobId: number,
  indices: number[],
  partitions: number[],
  preferred: (string[] | undefined)[] | undefined,
): ShapedTasks {
  // Tasks that meet must be one for each partition, all at once.
  if (stage.barrier) return { tasks: { indices, partitions }, numTasks: indices.length, plans: [] };
  const options = adaptiveOptions(state, jobId);
  if (stage.broadcast)
    return broadcastTasks(state, stage, stage.broadcast, options, indices, partitions, preferred);
  const plans: AdaptivePlan[] = [];
  const skew = cutSkewed(state, stage, indices, partitions, options);
  if (skew) plans.push(skew);
  const missing = indices.map((index) => stage.pieces.missing(index));
  const isCut = (position: number) => missing[position] !== undefined;
  const coalescing = coalesced(
    state,
    options,
    stage,
    partitions,
    preferred,
    (position) => isCut(position) || isCut(position - 1),
  );
  if (coalescing) plans.push(coalescing.plan);
  const starts = coalescing?.groupStarts;
  if (!missing.some((pieces) => pieces)) {
    const tasks = { indices, partitions, ...(starts ? { groupStarts: starts } : {}) };
    return { tasks, numTasks: starts?.length ?? indices.length, plans };
  }
  const begins = new Set(starts ?? indices.keys());
  const groupStarts: number[] = [];
  const at: number[] = [];
  const pieces: (JoinPiece | undefined)[] = [];
  for (const position of indices.keys()) {
    for (const piece of missing[position] ?? [undefined]) {
      if (piece || begins.has(position)) groupStarts.push(at.length);
      at.push(position);
      pieces.push(piece);
    }
  }
  const tasks = {
    indices: at.map((position) => indices[position]!),
    partitions: at.map((position) => partitions[position]!),
    groupStarts,
    pieces,
  };
  return { tasks, numTasks: groupStarts.length, plans };
}

/** Behind the partitions that have rows, those without share one task. */
function broadcastTasks(
  state: DagState,
  stage: Stage,
  { filledPartitions, reasons }: BroadcastJoins,
  options: AdaptiveOptions,
  indices: number[],
  partitions: number[],
  preferred: (string[] | undefined)[] | undefined,
): ShapedTasks {
  const coalescing = coalesced(state, options, stage, partitions, preferred, () => false);
  const starts =
    coalescing?.groupStarts ??
    [...partitions.keys()].filter((at) => at === 0 || partitions[at - 1]! < filledPartitions);
  const isGrouped = starts.length < indices.length;
  const plans = reasons.map((reason): AdaptivePlan => {
    return { kind: 'broadcastJoin', reason, partitions: partitions.length, tasks: starts.length };
  });
  if (coalescing) plans.push(coalescing.plan);
  return {
    tasks: { indices, partitions, ...(isGrouped ? { groupStarts: starts } : {}) },
    numTasks: starts.length,
    plans,
  };
}
