/** The functions of an aggregator as combiners take them, with the engine's treatment of zero values. */
import type { AggregatorSpec } from '../rdd/plan.ts';
import { type AggregatorFunctions, Combiner } from '../shuffle/combiner.ts';
import { decodeRows } from '../storage/row-codec.ts';
import { AwaitingCombiner } from './awaiting-combiner.ts';
import type { TaskRun } from './task-run.ts';

function zeroMaker(encoded: Uint8Array): () => unknown {
  const zero = decodeRows(encoded)[0];
  // What user code may change in place is made anew for every key.
  return typeof zero === 'object' && zero !== null ? () => decodeRows(encoded)[0] : () => zero;
}

function functionsOf({ stage }: TaskRun, aggregator: AggregatorSpec): AggregatorFunctions {
  const mergeValue = stage.function(aggregator.mergeValue);
  const mergeCombiners = stage.function(aggregator.mergeCombiners);
  if (aggregator.zero !== undefined) {
    const zero = zeroMaker(aggregator.zero);
    return { createCombiner: (value) => mergeValue(zero(), value), mergeValue, mergeCombiners };
  }
  if (aggregator.createCombiner === undefined) return { mergeValue, mergeCombiners };
  return { createCombiner: stage.function(aggregator.createCombiner), mergeValue, mergeCombiners };
}

export interface CombinerUse {
  /** Tells apart the combiners of one stage. */
  place: string;
  onMemoryRefused?: (combiner: Combiner) => void;
}

export function makeCombiner(task: TaskRun, aggregator: AggregatorSpec, use: CombinerUse): Combiner {
  const { stage, memory } = task;
  return new Combiner(functionsOf(task, aggregator), {
    id: `${stage.plan.stageId}:${use.place}`,
    memory,
    onMemoryRefused: use.onMemoryRefused,
    onPromise: (from, promise) =>
      task.loop.thenable(stage.number(aggregator[from] ?? aggregator.mergeValue), promise),
  });
}

export function makeAwaitingCombiner(
  task: TaskRun,
  aggregator: AggregatorSpec,
  inserts: 'values' | 'combiners',
  onMemoryRefused?: () => Promise<void>,
): AwaitingCombiner {
  const { createCombiner, mergeValue, mergeCombiners } = functionsOf(task, aggregator);
  return new AwaitingCombiner(
    inserts === 'values'
      ? { create: createCombiner, merge: mergeValue }
      : { create: undefined, merge: mergeCombiners },
    {
      memory: task.memory,
      wait: (promise) => task.cancellation.wait(promise),
      failedAt: (error, key) => task.loop.failedAt(error, key),
      onMemoryRefused,
    },
  );
}
