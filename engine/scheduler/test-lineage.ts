/** Small lineages and map outputs for the tests of the schedulers. */
import type { MapStatus, RddNode } from '../rdd/plan.ts';
import { StorageLevel } from '../storage/storage-level.ts';

const { NONE } = StorageLevel;

function node(rddId: number, name: string, numPartitions: number): RddNode {
  return {
    rddId,
    name,
    op: { kind: 'empty' },
    numPartitions,
    dependencies: [],
    closures: [],
    storageLevel: NONE,
    determinism: 'DETERMINATE',
    callSite: {
      file: 'cell:a',
      cellId: 'a',
      line: rddId + 1,
      column: 1,
      endLine: rddId + 1,
      endColumn: 9,
      name,
    },
  };
}

export function source(rddId: number, numPartitions: number): RddNode {
  return node(rddId, 'textFile', numPartitions);
}

export function narrow(rddId: number, parent: number, numPartitions: number, name = 'map'): RddNode {
  return { ...node(rddId, name, numPartitions), dependencies: [{ kind: 'oneToOne', rddId: parent }] };
}

export function union(rddId: number, parents: { rddId: number; numPartitions: number }[]): RddNode {
  let outStart = 0;
  const dependencies = parents.map((parent) => {
    const range = {
      kind: 'range' as const,
      rddId: parent.rddId,
      inStart: 0,
      outStart,
      length: parent.numPartitions,
    };
    outStart += parent.numPartitions;
    return range;
  });
  return { ...node(rddId, 'union', outStart), dependencies };
}

/** Partition `p` has the rows of the partitions `parents[p]`. */
export function coalesced(rddId: number, parent: number, parents: number[][]): RddNode {
  return {
    ...node(rddId, 'coalesce', parents.length),
    dependencies: [{ kind: 'listed', rddId: parent, parents }],
  };
}

/** Each partition of one with each of the other. */
export function cartesian(
  rddId: number,
  left: { rddId: number; numPartitions: number },
  right: { rddId: number; numPartitions: number },
): RddNode {
  return {
    ...node(rddId, 'cartesian', left.numPartitions * right.numPartitions),
    dependencies: [
      {
        kind: 'strided',
        rddId: left.rddId,
        divisor: right.numPartitions,
        modulus: left.numPartitions,
      },
      { kind: 'strided', rddId: right.rddId, divisor: 1, modulus: right.numPartitions },
    ],
  };
}

export function shuffled(
  rddId: number,
  parent: number,
  shuffleId: number,
  numPartitions: number,
  name = 'reduceByKey',
): RddNode {
  return join(rddId, [{ rddId: parent, shuffleId }], numPartitions, name);
}

/** Reads one shuffle of each parent. */
export function join(
  rddId: number,
  parents: { rddId: number; shuffleId: number }[],
  numPartitions: number,
  name = 'join',
): RddNode {
  return {
    ...node(rddId, name, numPartitions),
    op: { kind: 'shuffled' },
    dependencies: parents.map((parent) => ({
      kind: 'shuffle',
      ...parent,
      partitioner: { kind: 'hash', numPartitions },
      keyed: true,
    })),
  };
}

/** sortByKey: its shuffle's range bounds come from a preparation over the parent. */
export function sorted(rddId: number, parent: number, shuffleId: number, numPartitions: number): RddNode {
  return {
    ...node(rddId, 'sortByKey', numPartitions),
    op: { kind: 'shuffled' },
    dependencies: [
      {
        kind: 'shuffle',
        shuffleId,
        rddId: parent,
        partitioner: { kind: 'range', numPartitions, rddId, ascending: true },
        keyed: true,
      },
    ],
    preparation: {
      name: 'sortByKey: sample keys',
      rddId: parent,
      action: { kind: 'sampleKeys', sampleSize: 10, seed: 1 },
      finish: { kind: 'rangeBounds', numPartitions, ascending: true },
    },
  };
}

export function zipWithIndex(rddId: number, parent: number, numPartitions: number): RddNode {
  return {
    ...narrow(rddId, parent, numPartitions, 'zipWithIndex'),
    op: { kind: 'zipWithIndex' },
    tellsPlaces: true,
    preparation: {
      name: 'zipWithIndex: count partitions',
      rddId: parent,
      action: { kind: 'countPartition' },
      finish: { kind: 'partitionOffsets' },
    },
  };
}

export function cached(rdd: RddNode): RddNode {
  return { ...rdd, storageLevel: StorageLevel.MEMORY_ONLY };
}

export function mapStatus(shuffleId: number, mapIndex: number, attempt: number, rows = 1): MapStatus {
  return {
    shuffleId,
    mapIndex,
    path: `s${shuffleId}-${mapIndex}-${attempt}.data`,
    executorId: 'e1',
    sizes: Float64Array.of(1),
    records: 1,
    rowChecksums: Uint32Array.of(rows),
  };
}

/** As `barrier().mapPartitions` makes it. */
export function barrier(rdd: RddNode): RddNode {
  return { ...rdd, barrier: true };
}
