/** Spark's runJob: a function of the rows of a partition, and of some partitions only. */
import { StagelightError } from '../errors.ts';
import { ActionCall } from './action-call.ts';
import { shown } from './argument.ts';
import { requireDataset } from './lineage-node.ts';
import type { ActionSpec } from './operator.ts';
import type { RDD } from './rdd.ts';

function noPartitions(what: string, total: number): StagelightError {
  return new StagelightError('INVALID_ARGUMENT', `runJob: ${what} is no partition of the ${total}`, {
    hint: 'Pass the numbers of partitions in an array, from 0 on, or nothing for all of them.',
  });
}

function requirePartitions(partitions: readonly number[], total: number): void {
  if (!Array.isArray(partitions)) throw noPartitions(shown(partitions), total);
  for (const partition of partitions) {
    if (!(Number.isSafeInteger(partition) && partition >= 0 && partition < total))
      throw noPartitions(shown(partition), total);
  }
}

/** What `fn` returns for each partition, in the order asked for. One asked for twice is computed once. */
export async function runJob<T, U>(
  rdd: RDD<T>,
  fn: (rows: Iterable<T>) => U,
  partitions?: number[],
): Promise<Awaited<U>[]> {
  requireDataset(rdd, 'runJob');
  const call = new ActionCall(rdd.lineage, 'runJob');
  const action: ActionSpec = { kind: 'foreachPartition', fn: call.capture(fn), returns: true };
  if (partitions === undefined) return (await call.run(rdd, action)).map(onlyRow<U>);
  requirePartitions(partitions, rdd.getNumPartitions());
  const asked = [...new Set(partitions)];
  const values = (await call.run(rdd, action, asked)).map(onlyRow<U>);
  const byPartition = new Map(asked.map((partition, i) => [partition, values[i]!]));
  return partitions.map((partition) => byPartition.get(partition)!);
}

function onlyRow<U>([value]: unknown[]): Awaited<U> {
  return value as Awaited<U>;
}
