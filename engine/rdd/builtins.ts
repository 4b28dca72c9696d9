/**
 * Functions of the engine itself, referred to from plans by a `builtin:` id instead of being shipped.
 * Driver and executors look them up in this one table; composite operators are made of them.
 */
import { StagelightError } from '../errors.ts';
import { addToSketch, mergeSketches, sketchEstimate } from './distinct-sketch.ts';
import { type ParametricId, parametricFunction } from './parametric-builtins.ts';
import type { ClosureId } from './plan.ts';
import { addRow, type Groups } from './row-groups.ts';
import { type RowSample, sampleRow } from './row-sample.ts';

type Pair = readonly [unknown, unknown];

const FUNCTIONS = {
  /** The key of a pair. */
  pairKey: (pair: Pair) => pair[0],
  /** A value as the key of a pair without content: distinct, countByValue, intersection, subtract. */
  pairWithNull: (value: unknown): [unknown, null] => [value, null],
  pairWithOne: (value: unknown): [unknown, number] => [value, 1],
  one: () => 1,
  itself: (value: unknown) => value,
  first: (a: unknown) => a,
  add: (a: number, b: number) => a + b,
  /** createCombiner, mergeValue and mergeCombiners of groupByKey. */
  listOf: (value: unknown): unknown[] => [value],
  append: (list: unknown[], value: unknown): unknown[] => {
    list.push(value);
    return list;
  },
  concat: (list: unknown[], other: unknown[]): unknown[] => {
    for (const value of other) list.push(value);
    return list;
  },
  /** Of a cogroup of two: the key occurs on both sides. */
  inBothGroups: ([, groups]: readonly [unknown, readonly unknown[][]]) =>
    groups.every((group) => group.length > 0),
  addToSketch,
  mergeSketches,
  sketchEstimate,
  /** Pairs of the rows of two partitions at the same place. */
  zipRows,
  /** Of `plot` over a dataset: a sample with ranges, and groups reduced to values. */
  sampleRow: (sample: RowSample, row: unknown) => sampleRow(sample, row),
  groupRow: (groups: Groups, row: unknown) => addRow(groups, row),
};

/** No generator, which would hold the rows of a pair while those of the next are made. */
function zipRows(left: Iterable<unknown>, right: Iterable<unknown>): IterableIterator<[unknown, unknown]> {
  const lefts = left[Symbol.iterator]();
  const rights = right[Symbol.iterator]();
  let count = 0;
  return {
    next() {
      const row = lefts.next();
      if (row.done && rights.next().done) return { done: true, value: undefined };
      if (row.done) throw unequalPartitions(`the left one has only ${count}`);
      const other = rights.next();
      if (other.done) throw unequalPartitions(`the right one has only ${count}`);
      count++;
      return { done: false, value: [row.value, other.value] };
    },
    return() {
      lefts.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.iterator]() {
      return this;
    },
  };
}

function unequalPartitions(detail: string): StagelightError {
  return new StagelightError('ZIP_UNEQUAL', `zip: two partitions have different numbers of rows: ${detail}`, {
    hint: 'zip() pairs rows by place; use zipWithIndex() on both sides and join() by the index instead.',
  });
}

export type BuiltinName = keyof typeof FUNCTIONS;
export type BuiltinId = `builtin:${BuiltinName}` | ParametricId;

type UnknownFunction = (...args: unknown[]) => unknown;

const PREFIX = 'builtin:';

export function isBuiltin(id: ClosureId): boolean {
  return id.startsWith(PREFIX);
}

export function builtinFunction(id: ClosureId): UnknownFunction {
  const name = id.slice(PREFIX.length);
  const made = isBuiltin(id) ? parametricFunction(name) : undefined;
  if (made !== undefined) return made as UnknownFunction;
  if (!isBuiltin(id) || !Object.hasOwn(FUNCTIONS, name)) {
    throw new StagelightError('UNKNOWN_BUILTIN', `no engine function is called ${id}`, {
      hint: 'Driver and executors run different versions of Stagelight: restart the kernel.',
    });
  }
  return FUNCTIONS[name as BuiltinName] as UnknownFunction;
}
