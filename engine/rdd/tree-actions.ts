/** Folding in a tree of stages, so that the driver merges a few results instead of one per partition. */
import { reduce } from './actions.ts';
import { encodeArgument, requireCount } from './argument.ts';
import { type Combining, combine } from './combine.ts';
import { narrow } from './narrow-operators.ts';
import { values } from './pair-operators.ts';
import { builtinWith } from './parametric-builtins.ts';
import { HashPartitioner } from './partitioner.ts';
import type { RDD } from './rdd.ts';

/** One level: rows combined within each partition, then in `numKeys` partitions. */
function level<U>(rdd: RDD<unknown>, name: string, numKeys: number, combining: Combining): RDD<U> {
  const keyed = narrow(rdd, name, builtinWith('keyByPartition', numKeys), (fn) => ({
    kind: 'mapPartitions',
    fn,
    withIndex: true,
  }));
  return values(combine<[number, U]>(keyed, name, combining, new HashPartitioner(numKeys)));
}

/**
 * The rows folded level by level until a further one would not make it cheaper (Spark's rule), as a dataset of a few
 * rows. `depth` is the number of levels wanted, the driver's included.
 */
function folded<U>(
  rdd: RDD<unknown>,
  name: 'treeReduce' | 'treeAggregate',
  depth: number,
  first: Combining,
  further: Combining,
): RDD<U> {
  requireCount(depth, name, 'depth', 1);
  // Nothing to fold: one partition of nothing would bring the zero value once more.
  if (rdd.getNumPartitions() === 0) return rdd as RDD<unknown> as RDD<U>;
  return rdd.lineage.operator(name, () => {
    let partitions = rdd.getNumPartitions();
    const scale = Math.max(Math.ceil(partitions ** (1 / depth)), 2);
    const next = () => Math.max(1, Math.floor(partitions / scale));
    let result: RDD<U> | undefined;
    do {
      const smaller = next();
      result = level<U>(result ?? rdd, name, smaller, result ? further : first);
      partitions = smaller;
    } while (partitions > scale + Math.ceil(partitions / scale));
    return result;
  });
}

export function treeReduce<T>(rdd: RDD<T>, fn: (a: T, b: T) => T | Promise<T>, depth: number): Promise<T> {
  const combining: Combining = { mergeValue: fn, mergeCombiners: fn, mapSideCombine: true };
  return reduce(folded<T>(rdd, 'treeReduce', depth, combining, combining), fn, 'treeReduce');
}

export function treeAggregate<T, U>(
  rdd: RDD<T>,
  zero: U,
  seqOp: (accumulator: U, value: T) => U | Promise<U>,
  combOp: (a: U, b: U) => U | Promise<U>,
  depth: number,
): Promise<U> {
  const partials = folded<U>(
    rdd,
    'treeAggregate',
    depth,
    {
      zero: encodeArgument(zero, 'treeAggregate', 'zero'),
      mergeValue: seqOp,
      mergeCombiners: combOp,
      mapSideCombine: true,
    },
    { mergeValue: combOp, mergeCombiners: combOp, mapSideCombine: true },
  );
  return partials.fold(zero, combOp);
}
