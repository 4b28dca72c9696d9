/** The numbers of `range`, cut evenly into partitions. */

import type { SourceOperator } from '../rdd/operator.ts';
import type { RddNode } from '../rdd/plan.ts';
import { BATCH_ROWS, type Batches } from './batches.ts';

type RangeOperator = Extract<SourceOperator, { kind: 'range' }>;

/** Part `partition` of `partitions` of `length` things: [from, to). */
function evenPart(length: number, partition: number, partitions: number): [number, number] {
  return [Math.floor((length * partition) / partitions), Math.floor((length * (partition + 1)) / partitions)];
}

/** The indices [from, to) of the whole range that a partition holds. */
export function rangePart(op: RangeOperator, node: RddNode, partition: number): [number, number] {
  const length = Math.max(0, Math.ceil((op.end - op.start) / op.step));
  return evenPart(length, partition, node.numPartitions);
}

export function rangeBatches(op: RangeOperator, node: RddNode, partition: number): Batches {
  let [at, to] = rangePart(op, node, partition);
  return {
    next() {
      if (at >= to) return undefined;
      const rows: number[] = [];
      for (const end = Math.min(to, at + BATCH_ROWS); at < end; at++) rows.push(op.start + at * op.step);
      return rows;
    },
    close() {
      to = at;
    },
  };
}
