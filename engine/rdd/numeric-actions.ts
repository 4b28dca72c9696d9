/** Actions on numbers, all made of one pass of the `stats` action. */
import { ActionCall } from './action-call.ts';
import type { RDD } from './rdd.ts';
import { StatCounter } from './stat-counter.ts';

export async function stats(rdd: RDD<number>, name: 'stats' | 'sum' | 'mean'): Promise<StatCounter> {
  const partials = await new ActionCall(rdd.lineage, name).run(rdd, { kind: 'stats' });
  const result = new StatCounter();
  for (const [partial] of partials) result.merge(partial as Parameters<StatCounter['merge']>[0]);
  return result;
}
