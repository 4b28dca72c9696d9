/** What tasks add to accumulators, on its way from executors over the scheduler to the driver. */
import type { TaskResult } from './plan.ts';

/** What one task added to one accumulator. `cached`: for rows that it has cached, so that nobody computes them again. */
export type OwnPartial = (
  | { id: number; kind: 'sum'; sum: number; count: number }
  | { id: number; kind: 'value'; value: TaskResult }
) & { cached?: true };

/**
 * What was added, by whatever attempt, while a cached partition was computed that all executors read: `value` is an array of
 * the other kinds, encoded. It counts with the first task that ends well of those that bring it.
 */
export interface BlockPartial {
  kind: 'block';
  rddId: number;
  generation: number;
  /** The file from which any task can bring it; it goes when it is counted. */
  note: string;
  value: TaskResult;
}

export type AccumulatorPartial = OwnPartial | BlockPartial;

/** What the tasks of a stage added: of each partition once, in the order of partitions. */
export interface StageAccumulation {
  stageId: number;
  attempt: number;
  /** The jobs that needed the stage. */
  jobIds: number[];
  partials: AccumulatorPartial[];
}

/** As it crosses to executors: what they need to add. */
export interface AccumulatorHandle {
  id: number;
  /** As errors call it. */
  title: string;
  kind: 'long' | 'double' | 'collection' | 'custom';
  /** Of a custom one, encoded. */
  zero?: Uint8Array;
}

/** Sums become one partial each, added up in the order given: the same floating sum whatever came first. */
export function joinSums(partials: readonly AccumulatorPartial[]): AccumulatorPartial[] {
  const sums = new Map<number, Extract<AccumulatorPartial, { kind: 'sum' }>>();
  const joined: AccumulatorPartial[] = [];
  for (const partial of partials) {
    if (partial.kind !== 'sum') {
      joined.push(partial);
      continue;
    }
    const sum = sums.get(partial.id);
    if (sum) {
      sum.sum += partial.sum;
      sum.count += partial.count;
    } else {
      const first = { ...partial };
      sums.set(partial.id, first);
      joined.push(first);
    }
  }
  return joined;
}
