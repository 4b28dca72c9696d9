/** Operators that bring the equal keys of several datasets together; sides already partitioned alike do not move. */
import { coPartitioned } from './dependency.ts';
import type { ShuffleOperator } from './operator.ts';
import { choosePartitioner, HashPartitioner, type PartitionerArgument } from './partitioner.ts';
import type { AnyRDD, RDD } from './rdd.ts';

const JOIN_TYPES = {
  join: 'inner',
  leftOuterJoin: 'left',
  rightOuterJoin: 'right',
  fullOuterJoin: 'full',
} as const;

function grouped<U>(
  name: string,
  op: ShuffleOperator,
  parents: [AnyRDD, ...AnyRDD[]],
  argument: PartitionerArgument | undefined,
  choose = choosePartitioner,
): RDD<U> {
  return parents[0].derive<U>({
    name,
    parents,
    closures: [],
    partitioner: argument,
    plan: () => {
      const partitioner = choose(argument, parents);
      return {
        op,
        numPartitions: partitioner.numPartitions,
        dependencies: coPartitioned(parents, partitioner),
        partitioner,
      };
    },
  });
}

export function join<U>(
  rdd: AnyRDD,
  name: keyof typeof JOIN_TYPES,
  other: AnyRDD,
  partitioner?: PartitionerArgument,
): RDD<U> {
  return grouped(name, { kind: 'join', type: JOIN_TYPES[name] }, [rdd, other], partitioner);
}

export function cogroup<U>(rdd: AnyRDD, others: AnyRDD[], partitioner?: PartitionerArgument): RDD<U> {
  return grouped('cogroup', { kind: 'cogroup' }, [rdd, ...others], partitioner);
}

/** Without a partitioner of its own the left side keeps its number of partitions (Spark's rule). */
export function subtractByKey<U>(rdd: AnyRDD, other: AnyRDD, partitioner?: PartitionerArgument): RDD<U> {
  return grouped('subtractByKey', { kind: 'subtractByKey' }, [rdd, other], partitioner, (argument) =>
    argument === undefined
      ? (rdd.partitioner ?? new HashPartitioner(Math.max(1, rdd.getNumPartitions())))
      : choosePartitioner(argument, []),
  );
}
