/** How much a dataset is made of, as far as that is known before anything of it was computed. */
import type { Operator } from '../rdd/operator.ts';
import type { DagState } from './dag-state.ts';

/** Datasets that are worth looking at for a guess. */
const MOST_NODES = 10_000;
const NUMBER_BYTES = 8;

function sourceBytes(op: Operator): number {
  switch (op.kind) {
    case 'empty':
      return 0;
    case 'range':
      return NUMBER_BYTES * Math.max(0, Math.ceil((op.end - op.start) / op.step));
    case 'parallelize':
      return 'inline' in op.slices
        ? op.slices.inline.reduce((sum, slice) => sum + slice.length, 0)
        : op.slices.offsets.at(-1)! - op.slices.offsets[0]!;
    case 'textFile':
    case 'jsonFile':
      return op.splits
        .flat()
        .reduce((sum, { start, end }) => sum + (end < 0 ? Number.POSITIVE_INFINITY : end - start), 0);
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** Bytes of the sources and of measured map outputs behind an RDD, however many rows become of them; Infinity for unknown. */
export function inputEstimate(state: DagState, rddId: number): number {
  const seen = new Set<number>();
  const stack = [rddId];
  let bytes = 0;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (seen.size > MOST_NODES) return Number.POSITIVE_INFINITY;
    const { op, dependencies } = state.rdds.node(next);
    if (dependencies.length === 0) bytes += sourceBytes(op);
    for (const dep of dependencies) {
      if (dep.kind === 'shuffle' && state.outputs.isAvailable(dep.shuffleId))
        bytes += state.outputs.bytes(dep.shuffleId);
      else stack.push(dep.rddId);
    }
  }
  return bytes;
}
