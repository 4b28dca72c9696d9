/** Operators that compute each partition from one partition of one parent. */

import type { AnyFunction } from '../closure/closure.ts';
import { StagelightError } from '../errors.ts';
import { oneToOne } from './dependency.ts';
import type { FunctionArgument } from './lineage.ts';
import type { Operator } from './operator.ts';
import { builtinWith } from './parametric-builtins.ts';
import type { PipeOptions } from './pipe.ts';
import type { ClosureId } from './plan.ts';
import type { AnyRDD, RDD } from './rdd.ts';

interface NarrowTraits {
  /** Keys stay what and where they were, so the parent's partitioner holds for the result. */
  keepsPartitioner?: boolean;
  /** Other rows come out when the parent's rows come in another order. */
  orderSensitive?: boolean;
  /** Its tasks start together. */
  barrier?: boolean;
  /** See `RddPlan`. */
  awaitedBuiltins?: ClosureId[];
}

/** A dataset whose partitions are those of `parent`, row by row or loop by loop through `fn`. */
export function narrow<U>(
  parent: AnyRDD,
  name: string,
  fn: FunctionArgument,
  op: (fn: ClosureId) => Operator,
  traits: NarrowTraits = {},
): RDD<U> {
  const call = parent.lineage.currentCall(name);
  const { id, closure } = parent.lineage.capture(fn, call);
  return derive<U>(parent, name, op(id), traits, closure ? [closure] : []);
}

export function narrowWithoutFunction<U>(
  parent: AnyRDD,
  name: string,
  op: Operator,
  traits: NarrowTraits = {},
): RDD<U> {
  return derive<U>(parent, name, op, traits, []);
}

function derive<U>(
  parent: AnyRDD,
  name: string,
  op: Operator,
  traits: NarrowTraits,
  closures: Parameters<AnyRDD['derive']>[0]['closures'],
): RDD<U> {
  return parent.derive<U>({
    name,
    parents: [parent],
    closures,
    plan: () => ({
      op,
      numPartitions: parent.getNumPartitions(),
      dependencies: [oneToOne(parent)],
      partitioner: traits.keepsPartitioner ? parent.partitioner : undefined,
      orderSensitive: traits.orderSensitive,
      ...(traits.barrier ? { barrier: true } : {}),
      ...(traits.awaitedBuiltins ? { awaitedBuiltins: traits.awaitedBuiltins } : {}),
    }),
  });
}

export const map = <U>(rdd: AnyRDD, fn: AnyFunction): RDD<U> =>
  narrow(rdd, 'map', fn, (id) => ({ kind: 'map', fn: id }));

export const flatMap = <U>(rdd: AnyRDD, fn: AnyFunction): RDD<U> =>
  narrow(rdd, 'flatMap', fn, (id) => ({ kind: 'flatMap', fn: id }));

export const filter = <U>(rdd: AnyRDD, fn: FunctionArgument): RDD<U> =>
  narrow(rdd, 'filter', fn, (id) => ({ kind: 'filter', fn: id }), { keepsPartitioner: true });

export function mapPartitions<U>(
  rdd: AnyRDD,
  name: 'mapPartitions' | 'mapPartitionsWithIndex',
  fn: AnyFunction,
  keepsPartitioner: boolean,
  barrier = false,
): RDD<U> {
  const withIndex = name === 'mapPartitionsWithIndex';
  return narrow(rdd, name, fn, (id) => ({ kind: 'mapPartitions', fn: id, withIndex }), {
    keepsPartitioner,
    barrier,
  });
}

export const keyBy = <U>(rdd: AnyRDD, fn: AnyFunction): RDD<U> =>
  narrow(rdd, 'keyBy', fn, (id) => ({ kind: 'keyBy', fn: id }));

export const glom = <T>(rdd: RDD<T>): RDD<T[]> => narrowWithoutFunction(rdd, 'glom', { kind: 'glom' });

/** A number of its own for each row, without a job: partition p of n gives p, p + n, p + 2n, … */
export function zipWithUniqueId<T>(rdd: RDD<T>): RDD<[T, number]> {
  return rdd.derive<[T, number]>({
    name: 'zipWithUniqueId',
    parents: [rdd],
    closures: [],
    plan: () => {
      const numPartitions = rdd.getNumPartitions();
      return {
        op: { kind: 'mapPartitions', fn: builtinWith('uniqueIds', numPartitions), withIndex: true },
        numPartitions,
        dependencies: [oneToOne(rdd)],
        orderSensitive: true,
      };
    },
  });
}

export function pipe(rdd: AnyRDD, command: string | string[], options: PipeOptions): RDD<string> {
  const words: unknown[] = Array.isArray(command) ? command : [command];
  if (!words[0] || !words.every((word) => typeof word === 'string' && !word.includes('\0'))) {
    throw new StagelightError('INVALID_ARGUMENT', `pipe: ${JSON.stringify(command)} is no command`, {
      hint: "Pass a shell command as text, or a program and its arguments as an array: ['sort', '-n'].",
    });
  }
  const fn = builtinWith('pipe', command, options);
  return narrow(rdd, 'pipe', fn, () => ({ kind: 'mapPartitions', fn, withIndex: false }), {
    orderSensitive: true,
    awaitedBuiltins: [fn],
  });
}
