/** Lineages for simulations. */
import type { RddNode } from '../rdd/plan.ts';
import {
  barrier,
  cached,
  join,
  narrow,
  shuffled,
  sorted,
  source,
  union,
  zipWithIndex,
} from './test-lineage.ts';
import type { Choices } from './test-random.ts';

export function randomLineage(choices: Choices): RddNode[] {
  const nodes: RddNode[] = [source(0, 1 + choices.below(4))];
  let shuffleId = 0;
  const size = 2 + choices.below(9);
  while (nodes.length < size) {
    const id = nodes.length;
    const parent = choices.of(nodes);
    const other = choices.of(nodes);
    const partitions = 1 + choices.below(4);
    const node = choices.of([
      () => source(id, partitions),
      () => narrow(id, parent.rddId, parent.numPartitions),
      () => union(id, [parent, other]),
      () => shuffled(id, parent.rddId, shuffleId++, partitions),
      () => shuffled(id, parent.rddId, shuffleId++, partitions),
      () => {
        const left = { rddId: parent.rddId, shuffleId: shuffleId++ };
        return join(id, [left, { rddId: other.rddId, shuffleId: shuffleId++ }], partitions);
      },
      () => sorted(id, parent.rddId, shuffleId++, partitions),
      () => zipWithIndex(id, parent.rddId, parent.numPartitions),
    ])();
    nodes.push(choices.chance(0.25) ? cached(node) : node);
  }
  return nodes;
}

/** Two wide shuffles, the second over cached rows: more tasks than a thousand executors. */
export function wideLineage(choices: Choices): RddNode[] {
  const maps = 500 + choices.below(800);
  const reduces = 500 + choices.below(800);
  return [
    source(0, maps),
    narrow(1, 0, maps),
    shuffled(2, 1, 0, reduces),
    cached(narrow(3, 2, reduces)),
    shuffled(4, 3, 1, 1 + choices.below(300)),
  ];
}

/**
 * Barrier stages of up to so many tasks that write map outputs, one behind another, with cached rows between; dataset 5
 * computes results in one. Datasets 6 and 7 have nothing to do with them and want executors too.
 */
export function barrierLineage(choices: Choices, widest: number): RddNode[] {
  const width = () => 1 + choices.below(widest);
  const [maps, reduces, last] = [width(), width(), width()];
  const middle = barrier(narrow(3, 2, reduces));
  return [
    source(0, maps),
    barrier(narrow(1, 0, maps)),
    shuffled(2, 1, 0, reduces),
    choices.chance(0.5) ? cached(middle) : middle,
    shuffled(4, 3, 1, last),
    barrier(narrow(5, 4, last)),
    source(6, 4),
    shuffled(7, 6, 2, 3),
  ];
}

/** A join of two shuffles, rows one by one behind it, and a shuffle that reads what may be computed in pieces. */
export function joinLineage(choices: Choices): RddNode[] {
  const [left, right] = [1 + choices.below(4), 1 + choices.below(4)];
  const [joined, last] = [1 + choices.below(3), 1 + choices.below(4)];
  const sides = [
    { rddId: 0, shuffleId: 0 },
    { rddId: 1, shuffleId: 1 },
  ];
  return [
    source(0, left),
    source(1, right),
    { ...join(2, sides, joined), op: { kind: 'join', type: 'inner' } },
    { ...narrow(3, 2, joined), op: { kind: 'map', fn: 'f' } },
    shuffled(4, 3, 2, last),
  ];
}

/** Two joins in a row, of sides of any sizes, some of them cached, and two shuffles behind them. */
export function joinChainLineage(choices: Choices): RddNode[] {
  const maybeCached = (node: RddNode, chance: number) => (choices.chance(chance) ? cached(node) : node);
  const keyJoin = (
    rddId: number,
    left: number,
    right: number,
    shuffleId: number,
    partitions: number,
  ): RddNode => {
    const sides = [
      { rddId: left, shuffleId },
      { rddId: right, shuffleId: shuffleId + 1 },
    ];
    return { ...join(rddId, sides, partitions), op: { kind: 'join', type: 'inner' } };
  };
  const mapped = (rddId: number, parent: number, partitions: number): RddNode => {
    return { ...narrow(rddId, parent, partitions), op: { kind: 'map', fn: 'f' } };
  };
  const [first, second] = [choices.of([2, 3, 4, 6]), choices.of([2, 4, 6])];
  return [
    maybeCached(source(0, 1 + choices.below(4)), 0.3),
    source(1, 1 + choices.below(3)),
    shuffled(2, 1, 0, 1 + choices.below(3)),
    maybeCached(keyJoin(3, 0, choices.of([1, 2]), 1, first), 0.1),
    maybeCached(mapped(4, 3, first), 0.1),
    keyJoin(5, 4, choices.of([1, 2]), 3, second),
    mapped(6, 5, second),
    shuffled(7, 6, 5, 1 + choices.below(4)),
    shuffled(8, 4, 6, 1 + choices.below(4)),
  ];
}
