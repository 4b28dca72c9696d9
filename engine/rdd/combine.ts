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

interface CapturedAggregator {
  aggregator: AggregatorSpec;
  closures: CapturedClosure[];
}

function captureAggregator(rdd: AnyRDD, name: string, combining: Combining): CapturedAggregator {
  const { lineage } = rdd;
  const call = lineage.currentCall(name);
  const closures = new Map<string, CapturedClosure>();
  const captured = new Map<FunctionArgument, string>();
  const idOf = (fn: FunctionArgument): string => {
    const known = captured.get(fn);
    if (known !== undefined) return known;
    const { id, closure } = lineage.capture(fn, call);
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
  return { aggregator, closures: [...closures.values()] };
}

/** Combines where the data lies when it is already partitioned as asked, else through a shuffle. */
export function combine<U>(
  rdd: AnyRDD,
  name: string,
  combining: Combining,
  argument: PartitionerArgument | undefined,
): RDD<U> {
  const { aggregator, closures } = captureAggregator(rdd, name, combining);
  return rdd.derive<U>({
    name,
    parents: [rdd],
    partitioner: argument,
    closures,
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

/** One row per key and partition: equal keys of different partitions stay apart. */
export function combineWithinPartitions<U>(rdd: AnyRDD, fn: FunctionArgument): RDD<U> {
  const combining: Combining = { mergeValue: fn, mergeCombiners: fn, mapSideCombine: true };
  const { aggregator, closures } = captureAggregator(rdd, 'reduceByKeyLocally', combining);
  return rdd.derive<U>({
    name: 'reduceByKeyLocally',
    parents: [rdd],
    closures,
    plan: () => ({
      op: { kind: 'combineByKey', aggregator },
      numPartitions: rdd.getNumPartitions(),
      dependencies: [oneToOne(rdd)],
    }),
  });
}
