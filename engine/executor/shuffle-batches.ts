/** Rows that come out of shuffles: read, combined, sorted, grouped and joined by key. */

import { StagelightError } from '../errors.ts';
import type { AggregatorSpec, MapRange, RddNode, ShuffleDependency } from '../rdd/plan.ts';
import { type Batches, batchesOfGenerator } from './batches.ts';
import { cogroupedRows, type Sides } from './external-cogroup.ts';
import { type Combining, combinedPairs } from './external-combine.ts';
import { type JoinType, joinSource } from './external-join.ts';
import { sortedPairs } from './external-sort.ts';
import { subtractedPairs } from './external-subtract.ts';
import { pairsOf, shuffledPairs, shuffledRows } from './pair-source.ts';
import { pairsOfGenerator, type Source, sourceOfPairs } from './source.ts';
import type { TaskRun } from './task-run.ts';

const keepsOrder = (node: RddNode): boolean => node.keepsOrder ?? false;

/** What combining needs to know of the RDD that combines. */
export function placeOf(node: RddNode): Pick<Combining, 'place' | 'keepsOrder'> {
  return { place: `rdd${node.rddId}`, keepsOrder: keepsOrder(node) };
}

/** Batches of the narrow dependency with this index. */
type Parent = (index: number) => Batches;

export function combinedBatches(
  task: TaskRun,
  node: RddNode,
  aggregator: AggregatorSpec,
  rows: Batches,
): Source {
  const combining = { aggregator, inserts: 'values' as const, ...placeOf(node) };
  return sourceOfPairs(pairsOfGenerator(combinedPairs(task, pairsOf(task, rows), combining)));
}

export function shuffledBatches(task: TaskRun, node: RddNode, partition: number): Source {
  const { shuffleId, aggregator, keyOrdering, keyed } = shuffleDependency(node, 0);
  if (!keyed) return shuffledRows(task, shuffleId, partition);
  const pairs = shuffledPairs(task, shuffleId, partition);
  if (aggregator !== undefined) {
    const inserts = aggregator.mapSideCombine ? 'combiners' : 'values';
    const combining = { aggregator, inserts, ...placeOf(node), ordering: keyOrdering } as const;
    return sourceOfPairs(pairsOfGenerator(combinedPairs(task, pairs, combining)));
  }
  if (keyOrdering === undefined) return sourceOfPairs(pairs);
  return sourceOfPairs(pairsOfGenerator(sortedPairs(task, pairs, keyOrdering)));
}

export function shuffleDependency(node: RddNode, index: number): ShuffleDependency {
  const dependency = node.dependencies[index];
  if (dependency?.kind !== 'shuffle') {
    throw new StagelightError(
      'PLAN_INCOMPLETE',
      `RDD ${node.rddId} (${node.name}) has no shuffle dependency ${index}`,
    );
  }
  return dependency;
}

/** The sides of a cogroup: each a shuffle, or an RDD that is partitioned the same way. */
function sidesOf(task: TaskRun, node: RddNode, partition: number, parent: Parent): Sides {
  // A stage in pieces computes one join and nothing that reads partitions besides.
  const ranges: (MapRange | undefined)[] = task.launch.piece?.sides ?? [];
  return (index) => {
    const dependency = node.dependencies[index]!;
    return dependency.kind === 'shuffle'
      ? shuffledPairs(task, dependency.shuffleId, partition, ranges[index])
      : pairsOf(task, parent(index));
  };
}

export function cogroupBatches(task: TaskRun, node: RddNode, partition: number, parent: Parent): Batches {
  const sides = sidesOf(task, node, partition, parent);
  return batchesOfGenerator(cogroupedRows(task, sides, node.dependencies.length, keepsOrder(node)));
}

export function joinBatches(
  task: TaskRun,
  node: RddNode,
  partition: number,
  type: JoinType,
  parent: Parent,
): Source {
  return joinSource(task, sidesOf(task, node, partition, parent), type, keepsOrder(node));
}

export function subtractBatches(task: TaskRun, node: RddNode, partition: number, parent: Parent): Source {
  const sides = sidesOf(task, node, partition, parent);
  return sourceOfPairs(pairsOfGenerator(subtractedPairs(task, sides, keepsOrder(node))));
}
