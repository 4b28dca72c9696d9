/** Finds the joins whose skewed partitions can be cut up without anyone seeing it. */
import type { AdaptivePlan } from '../protocol.ts';
import type { AdaptiveOptions } from '../rdd/adaptive-options.ts';
import type { RddNode, ShuffleDependency } from '../rdd/plan.ts';
import { bytesText, median } from './adaptive-reasons.ts';
import type { DagState } from './dag-state.ts';
import { planSkew } from './skew-plan.ts';
import type { Stage } from './stage.ts';

/** Operators to which a partition is its rows, one by one. */
export const ROW_BY_ROW = new Set([
  'map',
  'flatMap',
  'filter',
  'mapValues',
  'flatMapValues',
  'keyBy',
  'keys',
  'values',
  'filterKey',
]);

interface SplittableJoin {
  type: 'inner' | 'left' | 'right' | 'full';
  sides: [ShuffleDependency, ShuffleDependency];
}

/**
 * A join of two shuffles, then operators row by row, then something that takes rows in any number of portions: a shuffle
 * that places rows by key, `collect`, `count`, `foreach`. No cached dataset, and nothing that gives other rows each time.
 */
function splittableJoin(state: DagState, stage: Stage): SplittableJoin | undefined {
  const [join, ...rest] = state.rdds.chain(stage.rddId);
  if (join?.op.kind !== 'join' || !takesPortions(state, stage)) return undefined;
  const [left, right] = join.dependencies;
  if (left?.kind !== 'shuffle' || right?.kind !== 'shuffle') return undefined;
  let before: RddNode = join;
  for (const node of [join, ...rest]) {
    if (node.storageLevel.name !== 'NONE' || node.determinism === 'INDETERMINATE') return undefined;
    if (state.order.has(node.rddId)) return undefined;
    if (node === join) continue;
    const [dep, ...others] = node.dependencies;
    if (!ROW_BY_ROW.has(node.op.kind) || others.length > 0) return undefined;
    if (dep?.kind !== 'oneToOne' || dep.rddId !== before.rddId) return undefined;
    before = node;
  }
  return { type: join.op.type, sides: [left, right] };
}

function takesPortions(state: DagState, stage: Stage): boolean {
  if (stage.kind === 'shuffleMap') return stage.dependency.partitioner.kind !== 'random';
  const job = state.jobs.get(stage.jobId)!;
  if (job.preparesRddId !== undefined) return false;
  const { kind } = job.submission.action;
  return kind === 'collect' || kind === 'count' || kind === 'foreach';
}

/** Cuts the skewed ones of the stage's missing partitions; what was cut before stays as it was. */
export function cutSkewed(
  state: DagState,
  stage: Stage,
  indices: number[],
  partitions: number[],
  options: AdaptiveOptions,
): AdaptivePlan | undefined {
  if (!options.enabled) return undefined;
  const join = splittableJoin(state, stage);
  if (!join) return undefined;
  const { outputs } = state;
  const [left, right] = join.sides.map(({ shuffleId }) => outputs.sizes(shuffleId)) as [
    Float64Array,
    Float64Array,
  ];
  if (left.length === 0 || right.length === 0) return undefined;
  const byMap = (side: 0 | 1, partition: number) =>
    Float64Array.from(outputs.outputs(join.sides[side].shuffleId), ({ sizes }) => sizes[partition]!);
  const { parallelism } = state.options;
  const plan = planSkew({ type: join.type, sides: [left, right], byMap, parallelism }, options);
  const reasons: string[] = [];
  let pieces = 0;
  for (const [i, partition] of partitions.entries()) {
    const cut = plan.get(partition);
    if (!cut || stage.pieces.missing(indices[i]!)) continue;
    // The attempt has its number already.
    stage.pieces.cut(indices[i]!, cut, stage.nextAttempt - 1);
    pieces += cut.length - 1;
    const size = bytesText(left[partition]! + right[partition]!);
    reasons.push(`partition ${partition} (${size}) into ${cut.length} pieces`);
  }
  if (reasons.length === 0) return undefined;
  const typical = Float64Array.from(left, (size, partition) => size + right[partition]!);
  const more = reasons.length > 3 ? ` and ${reasons.length - 3} more` : '';
  return {
    kind: 'skew',
    reason: `skewed beside a median of ${bytesText(median(typical))}: ${reasons.slice(0, 3).join(', ')}${more} were cut, by ranges of map outputs`,
    partitions: partitions.length,
    tasks: partitions.length + pieces,
  };
}
