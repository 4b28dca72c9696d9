/** The lineage of a dataset as lines of a tree, as `toDebugString` draws it: deeper at each parent, shared ones once. */
import type { RddDescription } from '../../engine/protocol.ts';

export interface LineageLine {
  rdd: RddDescription;
  /** Shuffles passed on the way down. */
  depth: number;
  /** The dataset above reads this one through a shuffle. */
  shuffle: boolean;
  /** It stands above already; what lies below it is not repeated. */
  repeated: boolean;
}

export const MOST_LINES = 100;

export function lineageLines(
  rdds: ReadonlyMap<number, RddDescription>,
  rddId: number,
): { lines: LineageLine[]; more: boolean } {
  const lines: LineageLine[] = [];
  const seen = new Set<number>();
  const stack = [{ rddId, depth: 0, shuffle: false }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const rdd = rdds.get(next.rddId);
    if (!rdd) continue;
    if (lines.length >= MOST_LINES) return { lines, more: true };
    const repeated = seen.has(rdd.rddId);
    seen.add(rdd.rddId);
    lines.push({ rdd, depth: next.depth, shuffle: next.shuffle, repeated });
    if (repeated) continue;
    const branches = rdd.parents.length > 1;
    for (const parent of [...rdd.parents].reverse()) {
      const deeper = parent.shuffle || branches ? 1 : 0;
      stack.push({ rddId: parent.rddId, depth: next.depth + deeper, shuffle: parent.shuffle });
    }
  }
  return { lines, more: false };
}
