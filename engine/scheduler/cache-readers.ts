/**
 * Which positions of a stage attempt are computed from which cached partitions, as if these were all to be read: so that the
 * loss of an executor costs what it held, and not what the stage has left.
 */
import { parentPartitions, type RddNode } from '../rdd/plan.ts';

/** Positions, by RDD and partition; alone where it is one. */
export type CacheReaders = ReadonlyMap<number, ReadonlyMap<number, number | number[]>>;

/** `partitionAt`: of the stage's own RDD. */
export function cacheReaders(
  rddId: number,
  positions: Iterable<number>,
  partitionAt: (position: number) => number,
  nodeOf: (rddId: number) => RddNode,
): CacheReaders {
  const readers = new Map<number, Map<number, number | number[]>>();
  for (const position of positions) {
    const seen = new Set<string>();
    const queue = [{ rddId, partition: partitionAt(position) }];
    for (const at of queue) {
      const node = nodeOf(at.rddId);
      if (node.storageLevel.name !== 'NONE') addReader(readers, at.rddId, at.partition, position);
      for (const dep of node.dependencies) {
        if (dep.kind === 'shuffle') continue;
        for (const partition of parentPartitions(dep, at.partition)) {
          // The first is met once.
          const key = `${dep.rddId} ${partition}`;
          if (seen.has(key)) continue;
          seen.add(key);
          queue.push({ rddId: dep.rddId, partition });
        }
      }
    }
  }
  return readers;
}

function addReader(
  readers: Map<number, Map<number, number | number[]>>,
  rddId: number,
  partition: number,
  position: number,
): void {
  let ofRdd = readers.get(rddId);
  if (!ofRdd) readers.set(rddId, (ofRdd = new Map()));
  const known = ofRdd.get(partition);
  if (known === undefined) ofRdd.set(partition, position);
  else if (typeof known === 'number') ofRdd.set(partition, [known, position]);
  else known.push(position);
}
