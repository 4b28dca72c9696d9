/** The one path of everything that combines values by key: reduceByKey, groupByKey and friends are calls of it. */
import type { CapturedClosure } from '../closure/closure.ts';
import { oneToOne, shuffleOf } from './dependency.ts';
import type { FunctionArgument } from './lineage.ts';
import { choosePartitioner, type PartitionerArgument } from './partitioner.ts';
import type { AggregatorSpec } from './plan.ts';
import type { AnyRDD, RDD } from './rdd.ts';

export interface Combining {
  createCombiner?: FunctionArgument;
  mergeValue: FunctionArgument;
  mergeCombiners: FunctionArgument;
  zero?: Uint8Array;
  mapSideCombine: boolean;
}

/** Combines where the data lies when it is already partitioned as asked, else through a shuffle. */
export function combine<U>(
  rdd: AnyRDD,
  name: string,
  combining: Combining,
  argument: PartitionerArgument | undefined,
): RDD<U> {
  const { lineage } = rdd;
  const call = lineage.currentCall(name);
  const closures = new Map<string, CapturedClosure>();
  const captured = new Map<FunctionArgument, string>();
  const idOf = (fn: FunctionArgument): string => {
    const known = captured.get(fn);
    if (known !== undefined) return known;
    const { id, closure } = lineage.captureSync(fn, call, 'ASYNC_AGGREGATOR');
    if (closure) closures.set(id, closure);
    captured.set(fn, id);
    return id;
  };
  const aggregator: AggregatorSpec = {
    mergeValue: idOf(combining.mergeValue),
    mergeCombiners: idOf(combining.mergeCombiners),
    mapSideCombine: combining.mapSideCombine,
  };
  if (combining.createCombiner) aggregator.createCombiner = idOf(combining.createCombiner);
  if (combining.zero) aggregator.zero = combining.zero;
  return rdd.derive<U>({
    name,
    parents: [rdd],
    partitioner: argument,
    closures: [...closures.values()],
    plan: () => {
      const partitioner = choosePartitioner(argument, [rdd]);
      const inPlace = partitioner.equals(rdd.partitioner);
      return {
        op: inPlace ? { kind: 'combineByKey', aggregator } : { kind: 'shuffled' },
        numPartitions: partitioner.numPartitions,
        dependencies: [inPlace ? oneToOne(rdd) : shuffleOf(rdd, partitioner, { aggregator })],
        partitioner,
      };
    },
  });
}
