/** Actions on rows of any type: each runs a job, most finish the tasks' results in the driver. */
import { inDriver } from '../closure/stack-overflow.ts';
import { compareKeys } from '../storage/compare-keys.ts';
import { decodeRows } from '../storage/row-codec.ts';
import { ActionCall } from './action-call.ts';
import { emptyCollection, encodeArgument, requireCount } from './argument.ts';
import { mergeSort } from './merge-sort.ts';
import type { ActionSpec } from './operator.ts';
import type { AnyRDD, Comparator, RDD } from './rdd.ts';

export async function collect<T>(rdd: RDD<T>): Promise<T[]> {
  return (await new ActionCall(rdd.lineage, 'collect').run(rdd, { kind: 'collect' })).flat() as T[];
}

export async function count(rdd: AnyRDD): Promise<number> {
  const counts = await new ActionCall(rdd.lineage, 'count').run(rdd, { kind: 'count', total: true });
  return counts.reduce((total, [rows]) => total + (rows as number), 0);
}

/** Rows in order of the partitions, looking at one partition first and at four times as many in each further job. */
async function takeRows<T>(rdd: RDD<T>, call: ActionCall, n: number): Promise<T[]> {
  const taken: T[] = [];
  const total = n === 0 ? 0 : rdd.getNumPartitions();
  for (let scanned = 0; scanned < total && taken.length < n; ) {
    const end = Math.min(total, scanned + partitionsToTry(n, taken.length, scanned));
    const partitions = Array.from({ length: end - scanned }, (_, i) => scanned + i);
    for (const rows of await call.run(rdd, { kind: 'take', n: n - taken.length }, partitions)) {
      for (const row of rows) if (taken.length < n) taken.push(row as T);
    }
    scanned = end;
  }
  return taken;
}

/** Spark's growth: ×4 while nothing was found, else half more than the rows so far suggest, at most ×4. */
function partitionsToTry(n: number, found: number, scanned: number): number {
  if (scanned === 0) return 1;
  if (found === 0) return scanned * 4;
  const suggested = Math.ceil((1.5 * n * scanned) / found) - scanned;
  return Math.min(Math.max(suggested, 1), scanned * 4);
}

export async function take<T>(rdd: RDD<T>, n: number): Promise<T[]> {
  const call = new ActionCall(rdd.lineage, 'take');
  return takeRows(rdd, call, requireCount(n, 'take', 'n', 0));
}

export async function first<T>(rdd: RDD<T>): Promise<T> {
  const call = new ActionCall(rdd.lineage, 'first');
  const rows = await takeRows(rdd, call, 1);
  if (rows.length === 0) throw emptyCollection(call);
  return rows[0] as T;
}

export async function isEmpty(rdd: AnyRDD): Promise<boolean> {
  const call = new ActionCall(rdd.lineage, 'isEmpty');
  return (await takeRows(rdd, call, 1)).length === 0;
}

export async function reduce<T>(
  rdd: RDD<T>,
  fn: (a: T, b: T) => T | Promise<T>,
  name: 'reduce' | 'treeReduce' = 'reduce',
): Promise<T> {
  const call = new ActionCall(rdd.lineage, name);
  const partials = (await call.run(rdd, { kind: 'reduce', fn: call.capture(fn) })).flat() as T[];
  if (partials.length === 0) throw emptyCollection(call);
  return inDriver(async () => {
    let result = partials[0] as T;
    for (const partial of partials.slice(1)) result = await fn(result, partial);
    return result;
  });
}

/** The zero is encoded once: each partition, and the merge in the driver, starts from a copy of its own. */
export async function aggregate<T, U>(
  rdd: RDD<T>,
  name: 'aggregate' | 'fold',
  zero: U,
  seqOp: (accumulator: U, value: T) => U | Promise<U>,
  combOp: (a: U, b: U) => U | Promise<U>,
): Promise<U> {
  const call = new ActionCall(rdd.lineage, name);
  const encodedZero = encodeArgument(zero, name, 'zero');
  const action: ActionSpec = { kind: 'aggregate', zero: encodedZero, fn: call.capture(seqOp) };
  const partials = await call.run(rdd, action);
  return inDriver(async () => {
    let result = decodeRows(encodedZero)[0] as U;
    for (const [partial] of partials) result = await combOp(result, partial as U);
    return result;
  });
}

export async function foreach<T>(rdd: RDD<T>, fn: (value: T) => unknown): Promise<void> {
  const call = new ActionCall(rdd.lineage, 'foreach');
  const action: ActionSpec = { kind: 'foreach', fn: call.capture(fn) };
  if (call.readsTask) action.readsTask = true;
  await call.run(rdd, action);
}

export async function foreachPartition<T>(rdd: RDD<T>, fn: (rows: Iterable<T>) => unknown): Promise<void> {
  const call = new ActionCall(rdd.lineage, 'foreachPartition');
  await call.run(rdd, { kind: 'foreachPartition', fn: call.capture(fn) });
}

async function orderedRows<T>(
  rdd: RDD<T>,
  call: ActionCall,
  n: number,
  descending: boolean,
  comparator: Comparator<T> | undefined,
): Promise<T[]> {
  const action: ActionSpec = { kind: 'takeOrdered', n, descending };
  if (comparator) action.comparator = call.capture(comparator);
  const rows = n === 0 ? [] : ((await call.run(rdd, action)).flat() as T[]);
  const compare = comparator ?? compareKeys;
  const sorted = await inDriver(() => mergeSort(rows, descending ? (a, b) => compare(b, a) : compare));
  return sorted.slice(0, n);
}

export async function takeOrdered<T>(
  rdd: RDD<T>,
  name: 'takeOrdered' | 'top',
  n: number,
  comparator?: Comparator<T>,
): Promise<T[]> {
  const call = new ActionCall(rdd.lineage, name);
  return orderedRows(rdd, call, requireCount(n, name, 'n', 0), name === 'top', comparator);
}

export async function extreme<T>(rdd: RDD<T>, name: 'max' | 'min', comparator?: Comparator<T>): Promise<T> {
  const call = new ActionCall(rdd.lineage, name);
  const rows = await orderedRows(rdd, call, 1, name === 'max', comparator);
  if (rows.length === 0) throw emptyCollection(call);
  return rows[0]!;
}

/** One job per partition, in order; while one partition is consumed the next is computed, and no further. */
export function toLocalIterator<T>(rdd: RDD<T>): AsyncGenerator<T, void, undefined> {
  return iteratePartitions(rdd, new ActionCall(rdd.lineage, 'toLocalIterator'));
}

async function* iteratePartitions<T>(rdd: RDD<T>, call: ActionCall): AsyncGenerator<T, void, undefined> {
  const submit = (partition: number) => {
    const job = call.submit(rdd, { kind: 'collect' }, [partition]);
    // A failure is reported when its partition is reached, not as an unhandled rejection before.
    job.rows.catch(() => undefined);
    return job;
  };
  const total = rdd.getNumPartitions();
  let next = total > 0 ? submit(0) : undefined;
  try {
    for (let partition = 1; next; partition++) {
      const [rows] = await next.rows;
      next = partition < total ? submit(partition) : undefined;
      for (const row of rows!) yield row as T;
    }
  } finally {
    next?.cancel('the iterator was closed');
  }
}
