/** Which functions a part of a plan calls: one of them that must be awaited decides the kind of loop. */
import type { ActionSpec } from '../rdd/operator.ts';
import type { AggregatorSpec, ClosureId, RddNode, ShuffleDependency, StagePlan } from '../rdd/plan.ts';

function functionsOfValues({ createCombiner, mergeValue }: AggregatorSpec): ClosureId[] {
  return createCombiner === undefined ? [mergeValue] : [createCombiner, mergeValue];
}

/** The functions that computing this node itself calls: of an aggregator those of its side of the shuffle. */
export function functionsCalled({ op, dependencies }: RddNode): ClosureId[] {
  if ('fn' in op) return [op.fn];
  if (op.kind === 'combineByKey') return functionsOfValues(op.aggregator);
  const [shuffle] = dependencies;
  if (op.kind !== 'shuffled' || shuffle?.kind !== 'shuffle' || shuffle.aggregator === undefined) return [];
  const { aggregator } = shuffle;
  return aggregator.mapSideCombine ? [aggregator.mergeCombiners] : functionsOfValues(aggregator);
}

function functionsOfShuffle({ aggregator, partitioner }: ShuffleDependency): ClosureId[] {
  const combining = aggregator?.mapSideCombine ? functionsOfValues(aggregator) : [];
  return partitioner.kind === 'custom' ? [...combining, partitioner.closure] : combining;
}

function functionsOfAction(action: ActionSpec): (ClosureId | undefined)[] {
  switch (action.kind) {
    case 'reduce':
    case 'aggregate':
    case 'foreach':
    case 'foreachPartition':
      return [action.fn];
    case 'takeOrdered':
      return [action.comparator];
    case 'sampleKeys':
      return [action.key];
    default:
      return [];
  }
}

/** The functions that a task calls for what it does with the rows. */
export function functionsOfOutput(output: StagePlan['output']): ClosureId[] {
  const ids =
    output.kind === 'shuffle' ? functionsOfShuffle(output.dependency) : functionsOfAction(output.action);
  return ids.filter((id) => id !== undefined);
}
