/** The functions of an aggregator as the combiner takes them, with the engine's treatment of zero values. */
import type { AggregatorSpec } from '../rdd/plan.ts';
import { Combiner } from '../shuffle/combiner.ts';
import { decodeRows } from '../storage/row-codec.ts';
import type { TaskRun } from './task-run.ts';

function zeroMaker(encoded: Uint8Array): () => unknown {
  const zero = decodeRows(encoded)[0];
  // What user code may change in place is made anew for every key.
  return typeof zero === 'object' && zero !== null ? () => decodeRows(encoded)[0] : () => zero;
}

export interface CombinerUse {
  /** Tells apart the combiners of one stage. */
  place: string;
  onMemoryRefused?: (combiner: Combiner) => void;
}

export function makeCombiner(task: TaskRun, aggregator: AggregatorSpec, use: CombinerUse): Combiner {
  const { stage, memory } = task;
  const mergeValue = stage.function(aggregator.mergeValue);
  const mergeCombiners = stage.function(aggregator.mergeCombiners);
  let createCombiner =
    aggregator.createCombiner === undefined ? undefined : stage.function(aggregator.createCombiner);
  if (aggregator.zero !== undefined) {
    const zero = zeroMaker(aggregator.zero);
    createCombiner = (value) => mergeValue(zero(), value);
  }
  return new Combiner(
    { createCombiner, mergeValue, mergeCombiners },
    { id: `${stage.plan.stageId}:${use.place}`, memory, onMemoryRefused: use.onMemoryRefused },
  );
}
