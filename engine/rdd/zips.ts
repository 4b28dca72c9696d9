/** Operators that walk the same partition of several datasets side by side. */
import { StagelightError } from '../errors.ts';
import { oneToOne } from './dependency.ts';
import type { FunctionArgument } from './lineage.ts';
import type { AnyRDD, RDD } from './rdd.ts';

function sideBySide<U>(
  name: 'zip' | 'zipPartitions',
  rdds: [AnyRDD, ...AnyRDD[]],
  fn: FunctionArgument,
  keepsPartitioner: boolean,
): RDD<U> {
  const [first] = rdds;
  const call = first.lineage.currentCall(name);
  const { id, closure } = first.lineage.capture(fn, call);
  return first.derive<U>({
    name,
    parents: rdds,
    closures: closure ? [closure] : [],
    plan: () => {
      const counts = rdds.map((rdd) => rdd.getNumPartitions());
      if (new Set(counts).size > 1) {
        throw new StagelightError(
          'ZIP_UNEQUAL',
          `${name}: the datasets have ${counts.join(' and ')} partitions`,
          {
            hint: 'Give them the same number of partitions when they are made, or join() them by a key.',
            position: call.callSite,
          },
        );
      }
      return {
        op: { kind: 'zipPartitions', fn: id },
        numPartitions: counts[0]!,
        dependencies: rdds.map(oneToOne),
        partitioner: keepsPartitioner ? first.partitioner : undefined,
        orderSensitive: true,
      };
    },
  });
}

export const zip = <T, U>(rdd: RDD<T>, other: RDD<U>): RDD<[T, U]> =>
  sideBySide('zip', [rdd, other], 'builtin:zipRows', false);

export const zipPartitions = <R>(
  rdds: [AnyRDD, ...AnyRDD[]],
  fn: FunctionArgument,
  preservesPartitioning: boolean,
): RDD<R> => sideBySide('zipPartitions', rdds, fn, preservesPartitioning);
