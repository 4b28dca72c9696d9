import { expect, test } from 'vitest';
import { parentPartitions, type RddNode } from '../rdd/plan.ts';
import { readersOf } from './cache-readers.ts';
import { DagHarness } from './test-dag-harness.ts';
import { cached, cartesian, coalesced, narrow, shuffled, source, union } from './test-lineage.ts';
import { Choices } from './test-random.ts';

interface Block {
  rddId: number;
  partition: number;
}

/** Parents first; the last one reads none, some or all of the others. */
function randomNodes(choices: Choices): RddNode[] {
  const nodes: RddNode[] = [source(0, 1 + choices.below(4))];
  while (nodes.length < 8) {
    const id = nodes.length;
    const [parent, other] = [choices.of(nodes), choices.of(nodes)];
    if (parent.numPartitions * other.numPartitions > 200) continue;
    const lists = Array.from({ length: 1 + choices.below(3) }, () =>
      Array.from({ length: choices.below(4) }, () => choices.below(parent.numPartitions)),
    );
    nodes.push(
      choices.of([
        () => source(id, 1 + choices.below(4)),
        () => narrow(id, parent.rddId, parent.numPartitions),
        () => union(id, [parent, other]),
        () => coalesced(id, parent.rddId, lists),
        () => cartesian(id, parent, other),
        () => shuffled(id, parent.rddId, id, 1 + choices.below(4)),
      ])(),
    );
  }
  return nodes;
}

/** From a partition down: whether it is computed from one of the blocks. */
function reads(nodes: readonly RddNode[], at: Block, isBlock: (at: Block) => boolean): boolean {
  return (
    isBlock(at) ||
    nodes[at.rddId]!.dependencies.some(
      (dep) =>
        dep.kind !== 'shuffle' &&
        parentPartitions(dep, at.partition).some((partition) =>
          reads(nodes, { rddId: dep.rddId, partition }, isBlock),
        ),
    )
  );
}

test('the partitions found from lost blocks upwards are those from which these are found downwards', () => {
  let found = 0;
  for (let seed = 0; seed < 300; seed++) {
    const choices = new Choices(seed);
    const nodes = randomNodes(choices);
    const last = nodes.at(-1)!;
    const blocks = Array.from({ length: 1 + choices.below(3) }, () => {
      const { rddId, numPartitions } = choices.of(nodes);
      return { rddId, partition: choices.below(numPartitions) };
    });
    const isBlock = (at: Block) =>
      blocks.some(({ rddId, partition }) => rddId === at.rddId && partition === at.partition);
    const expected = Array.from({ length: last.numPartitions }, (_, partition) => partition).filter(
      (partition) => reads(nodes, { rddId: last.rddId, partition }, isBlock),
    );
    const readers = readersOf(nodes, [...blocks, { rddId: 99, partition: 0 }]);
    expect(
      [...readers].sort((a, b) => a - b),
      `seed ${seed}`,
    ).toEqual(expected);
    found += expected.length;
  }
  expect(found).toBeGreaterThan(300);
});

test('a task of many lost partitions is looked at once and told of the first; one that has ended everywhere is not', () => {
  const each = Array.from({ length: 500 }, (_, partition) => partition);
  let looks = 0;
  const lists = [each, each, [0], []];
  const wide = {
    ...coalesced(1, 0, lists),
    dependencies: [
      {
        kind: 'listed' as const,
        rddId: 0,
        get parents() {
          looks++;
          return lists;
        },
      },
    ],
  };
  const h = new DagHarness();
  const blocks = each.map((partition) => ({ rddId: 0, partition, bytes: 1, onDisk: false }));
  h.submit([cached(source(0, 500)), wide], 1, [3, 1, 0, 1, 2, 2]);
  h.post({ type: 'blocksCached', executorId: 'e1', epoch: 0, blocks });
  h.succeed(h.taskSets[0]!, [1, 4, 5]);
  looks = 0;
  h.post({ type: 'executorLost', executorId: 'e1', reason: 'gone' });
  expect(looks).toBeLessThan(10);
  const cause = { rddId: 0, rddPartition: 0, reason: 'gone' };
  expect(h.events.filter(({ type }) => type === 'partitionsLost')).toMatchObject([
    {
      recomputes: [
        { partitions: [0], cause },
        { partitions: [1], cause },
      ],
    },
  ]);
});
