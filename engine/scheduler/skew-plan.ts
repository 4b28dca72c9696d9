/**
 * How the skewed partitions of a join are cut up, by ranges of map outputs: each piece joins a range of one side with
 * all of the other (after Spark's OptimizeSkewedJoin). Which side may be cut depends on the kind of join: rows without
 * a partner must be found out against all of the other side.
 */
import type { AdaptiveOptions } from '../rdd/adaptive-options.ts';
import type { JoinPiece, MapRange } from '../rdd/plan.ts';
import { median } from './adaptive-reasons.ts';

/** Of one partition, however large its sides. */
const MOST_PIECES = 1_000;

export interface JoinSizes {
  type: 'inner' | 'left' | 'right' | 'full';
  /** Bytes per reduce partition, of the left and of the right side. */
  sides: [Float64Array, Float64Array];
  /** Bytes of a reduce partition by map output. */
  byMap(side: 0 | 1, partition: number): Float64Array;
  /** Executors. */
  parallelism: number;
}

const SPLITTABLE = { inner: [true, true], left: [true, false], right: [false, true], full: [false, false] };

/** Partition → its pieces, two or more. */
export function planSkew(join: JoinSizes, options: AdaptiveOptions): Map<number, JoinPiece[]> {
  const plan = new Map<number, JoinPiece[]>();
  // Alone, an executor would only read the other side several times.
  if (join.parallelism < 2) return plan;
  const limits = join.sides.map((sizes) => skewLimit(sizes, options));
  const targets = join.sides.map((sizes, side) => targetSize(sizes, limits[side]!, options));
  for (let partition = 0; partition < join.sides[0].length; partition++) {
    const isCut = (side: 0 | 1) =>
      SPLITTABLE[join.type][side]! && join.sides[side][partition]! > limits[side]!;
    const most = isCut(0) && isCut(1) ? Math.floor(Math.sqrt(MOST_PIECES)) : MOST_PIECES;
    const ranges = ([0, 1] as const).map((side) =>
      isCut(side) ? rangesOf(join, side, partition, targets[side]!, most) : [undefined],
    ) as [(MapRange | undefined)[], (MapRange | undefined)[]];
    const of = ranges[0].length * ranges[1].length;
    if (of < 2) continue;
    const pairs = ranges[0].flatMap((left) => ranges[1].map((right) => [left, right] as JoinPiece['sides']));
    plan.set(
      partition,
      pairs.map((sides, number) => ({ number, of, sides })),
    );
  }
  return plan;
}

/** Bytes beyond which a partition is skewed. */
function skewLimit(sizes: Float64Array, options: AdaptiveOptions): number {
  return Math.max(options.skewedPartitionThreshold, options.skewedPartitionFactor * median(sizes));
}

function targetSize(sizes: Float64Array, limit: number, { advisoryPartitionSize }: AdaptiveOptions): number {
  const others = sizes.filter((size) => size <= limit);
  const mean = others.length === 0 ? 0 : others.reduce((a, b) => a + b, 0) / others.length;
  return Math.max(advisoryPartitionSize, mean);
}

/** No more pieces than executors have use for: each of them reads the other side again. */
function rangesOf(
  { sides, byMap, parallelism }: JoinSizes,
  side: 0 | 1,
  partition: number,
  target: number,
  most: number,
): MapRange[] {
  const size = sides[side][partition]!;
  const other = sides[side === 0 ? 1 : 0][partition]!;
  const affordable = Math.floor((parallelism * (size + other)) / Math.max(1, other));
  const count = Math.min(Math.ceil(size / target), 2 * parallelism, affordable, most);
  const share = size / Math.max(1, count);
  const ranges: MapRange[] = [];
  const sizes = byMap(side, partition);
  let from = 0;
  let bytes = 0;
  for (const [map, each] of sizes.entries()) {
    if (map > from && bytes + each / 2 > share && ranges.length < count - 1) {
      ranges.push({ from, to: map });
      from = map;
      bytes = 0;
    }
    bytes += each;
  }
  ranges.push({ from, to: sizes.length });
  return ranges;
}
