/** The tiny rows of simulations: a value, and which run of which source partition it comes from. */
import type { RddNode, TaskResult } from '../rdd/plan.ts';
import { parentPartitions } from '../rdd/plan.ts';
import { mix } from './test-random.ts';

/** `origin` and `draw` tell which run of which source partition a row comes from. */
export interface Row {
  value: number;
  origin: number;
  draw: number;
}

export function sourceRows(rddId: number, partition: number, draw: number): Row[] {
  return Array.from({ length: 6 }, (_, i) => ({
    value: mix(mix(rddId, partition), i),
    origin: partition,
    draw,
  }));
}

/** In place of `draw` in rows that were numbered by the counts of others. */
export const WRONGLY_NUMBERED = -1;

/** Which runs of sources these rows come from. */
export function runsOf(rows: Row[]): string {
  return [...new Set(rows.map((row) => `${row.origin}.${row.draw}`))].sort().join();
}

export function mapRow(rddId: number, row: Row): Row {
  return { ...row, value: mix(rddId, row.value) };
}

/** Of this many keys, rows of one lie in one partition of 1, 2, 3 or 4. */
const KEYS = 12;

/** Each left row with each right row of its key. */
export function joinRows(left: Row[], right: Row[]): Row[] {
  return left.flatMap((a) =>
    right
      .filter((b) => b.value % KEYS === a.value % KEYS)
      .map((b) => ({ ...a, value: mix(a.value, b.value) })),
  );
}

export function sortRows(rows: Row[]): Row[] {
  return rows.sort((a, b) => a.value - b.value || a.origin - b.origin || a.draw - b.draw);
}

export function decodeResult(result: TaskResult): Row[] {
  return 'bytes' in result ? JSON.parse(new TextDecoder().decode(result.bytes)) : [];
}

/** What an undisturbed run gives: plain recursion over the lineage. */
export class Oracle {
  readonly #nodes: RddNode[];
  readonly #rows = new Map<string, Row[]>();
  readonly #regions = new Map<string, Row[][]>();

  constructor(nodes: RddNode[]) {
    this.#nodes = nodes;
  }

  rows(rddId: number, partition: number): Row[] {
    const key = `${rddId} ${partition}`;
    const known = this.#rows.get(key);
    if (known) return known;
    const node = this.#nodes[rddId]!;
    const rows =
      node.dependencies.length === 0
        ? sourceRows(rddId, partition, 0)
        : this.#parents(node, partition).map((row) => mapRow(rddId, row));
    this.#rows.set(key, rows);
    return rows;
  }

  #parents(node: RddNode, partition: number): Row[] {
    const sides = node.dependencies.map((dep) =>
      dep.kind === 'shuffle'
        ? (this.#shuffled(dep.rddId, dep.partitioner.numPartitions)[partition] ?? [])
        : parentPartitions(dep, partition).flatMap((p) => this.rows(dep.rddId, p)),
    );
    return node.op.kind === 'join' ? joinRows(sides[0]!, sides[1]!) : sides.flat();
  }

  #shuffled(rddId: number, numPartitions: number): Row[][] {
    const key = `${rddId} ${numPartitions}`;
    const known = this.#regions.get(key);
    if (known) return known;
    const regions: Row[][] = Array.from({ length: numPartitions }, () => []);
    for (let partition = 0; partition < this.#nodes[rddId]!.numPartitions; partition++) {
      for (const row of this.rows(rddId, partition)) regions[row.value % numPartitions]!.push(row);
    }
    this.#regions.set(key, regions);
    return regions;
  }
}
