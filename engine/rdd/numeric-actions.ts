/** Actions on numbers, all made of one pass of the `stats` action. */

import { placeOf, StagelightError } from '../errors.ts';
import { encodeRows } from '../storage/row-codec.ts';
import { ActionCall } from './action-call.ts';
import { emptyCollection } from './argument.ts';
import type { Call } from './lineage.ts';
import { builtinWith } from './parametric-builtins.ts';
import type { RDD } from './rdd.ts';
import { StatCounter } from './stat-counter.ts';

export async function stats(rdd: RDD<number>, name: string): Promise<StatCounter> {
  const partials = await new ActionCall(rdd.lineage, name).run(rdd, { kind: 'stats' });
  const result = new StatCounter();
  for (const [partial] of partials) result.merge(partial as Parameters<StatCounter['merge']>[0]);
  return result;
}

function badBuckets({ callSite }: Call, detail: string): StagelightError {
  return new StagelightError('INVALID_ARGUMENT', `histogram: ${detail}`, {
    hint: 'Give a number of buckets, or at least two edges in ascending order.',
    ...(callSite && { position: placeOf(callSite) }),
  });
}

/** Even edges from the smallest to the largest number; one bucket when they are the same. */
async function evenEdges(rdd: RDD<number>, call: Call, buckets: number): Promise<number[]> {
  if (!Number.isSafeInteger(buckets) || buckets < 1)
    throw badBuckets(call, `${buckets} is no number of buckets`);
  const { count, min, max } = await stats(rdd, 'histogram');
  if (count === 0) throw emptyCollection(call);
  if (!Number.isFinite(max - min)) throw badBuckets(call, `cannot divide the range from ${min} to ${max}`);
  if (min === max) return [min, max];
  return Array.from({ length: buckets + 1 }, (_, i) =>
    i === buckets ? max : min + (i * (max - min)) / buckets,
  );
}

export async function histogram(
  rdd: RDD<number>,
  buckets: number | number[],
): Promise<[edges: number[], counts: number[]]> {
  const call = new ActionCall(rdd.lineage, 'histogram');
  const edges = typeof buckets === 'number' ? await evenEdges(rdd, call, buckets) : buckets;
  if (edges.length < 2) throw badBuckets(call, 'needs at least two edges');
  if (typeof buckets !== 'number' && !edges.every((edge, i) => i === 0 || edge > edges[i - 1]!)) {
    throw badBuckets(call, 'the edges are not in ascending order');
  }
  const zero = encodeRows([new Array<number>(edges.length - 1).fill(0)]);
  const partials = await call.run(rdd, {
    kind: 'aggregate',
    zero,
    fn: builtinWith('countIntoBuckets', edges),
  });
  const counts = new Array<number>(edges.length - 1).fill(0);
  for (const [partial] of partials as [number[]][]) {
    for (const [bucket, count] of partial.entries()) counts[bucket]! += count;
  }
  return [edges, counts];
}
