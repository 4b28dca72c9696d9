import { expectTypeOf, test } from 'vitest';
import type { Context } from '../context.ts';
import type { RDD } from './rdd.ts';

/** Never called: the compiler reads it. */
function typesOf(sc: Context, words: RDD<string>, pairs: RDD<[string, number]>): void {
  expectTypeOf(words.map((w) => [w, 1])).toEqualTypeOf<RDD<[string, number]>>();
  expectTypeOf(words.map(async (w) => [w, 1])).toEqualTypeOf<RDD<[string, number]>>();
  expectTypeOf(words.map((w) => ({ w, n: 1 }))).toEqualTypeOf<RDD<{ w: string; n: number }>>();
  expectTypeOf(words.map((w) => w.split(' '))).toEqualTypeOf<RDD<string[]>>();
  expectTypeOf(words.map((w) => w.length > 1)).toEqualTypeOf<RDD<boolean>>();
  expectTypeOf(words.flatMap((line) => line.split(' ').map((w) => [w, 1]))).toEqualTypeOf<
    RDD<[string, number]>
  >();
  expectTypeOf(
    words.flatMap(function* (line) {
      yield line.length;
    }),
  ).toEqualTypeOf<RDD<number>>();
  expectTypeOf(words.filter((w): w is 'a' => w === 'a')).toEqualTypeOf<RDD<'a'>>();
  expectTypeOf(words.keyBy((w) => w.length)).toEqualTypeOf<RDD<[number, string]>>();
  expectTypeOf(words.groupBy((w) => w.length)).toEqualTypeOf<RDD<[number, string[]]>>();
  expectTypeOf(words.zipWithIndex()).toEqualTypeOf<RDD<[string, number]>>();
  expectTypeOf(words.cartesian(pairs)).toEqualTypeOf<RDD<[string, [string, number]]>>();
  expectTypeOf(pairs.mapValues((n) => [n, 1])).toEqualTypeOf<RDD<[string, [number, number]]>>();
  expectTypeOf(pairs.reduceByKey((a, b) => a + b)).toEqualTypeOf<RDD<[string, number]>>();
  expectTypeOf(pairs.reduceByKey(async (a, b) => a + b)).toEqualTypeOf<RDD<[string, number]>>();
  expectTypeOf(
    pairs.combineByKey(
      async (n) => [n],
      async (list, n) => [...list, n],
      (a, b) => [...a, ...b],
    ),
  ).toEqualTypeOf<RDD<[string, number[]]>>();
  expectTypeOf(pairs.groupByKey()).toEqualTypeOf<RDD<[string, number[]]>>();
  expectTypeOf(pairs.join(pairs)).toEqualTypeOf<RDD<[string, [number, number]]>>();
  expectTypeOf(pairs.leftOuterJoin(words.keyBy((w) => w))).toEqualTypeOf<
    RDD<[string, [number, string | undefined]]>
  >();
  expectTypeOf(pairs.cogroup(pairs)).toEqualTypeOf<RDD<[string, [number[], number[]]]>>();
  expectTypeOf(pairs.countByKey()).toEqualTypeOf<Promise<Map<string, number>>>();
  expectTypeOf(pairs.lookup('a')).toEqualTypeOf<Promise<number[]>>();
  expectTypeOf(words.union(pairs.values())).toEqualTypeOf<RDD<string | number>>();
  expectTypeOf(sc.parallelize([['a', 1]])).toEqualTypeOf<RDD<[string, number]>>();
  expectTypeOf(sc.wholeTextFiles('x')).toEqualTypeOf<RDD<[path: string, text: string]>>();
  // biome-ignore lint/suspicious/noExplicitAny: what JSON.parse gives stays usable
  expectTypeOf(words.map((w) => JSON.parse(w))).toEqualTypeOf<RDD<any>>();

  // @ts-expect-error: words are no pairs
  words.reduceByKey((a) => a);
  // @ts-expect-error: keys must be of one type
  pairs.join(words.keyBy((w) => w.length));
  // @ts-expect-error: only numbers have a mean
  words.mean();
  // @ts-expect-error: the result of the merge must be a value again
  pairs.reduceByKey((a, b) => `${a}${b}`);
}

test('datasets have exact static types', () => {
  expectTypeOf(typesOf).toBeFunction();
});
