/** What the DAG scheduler does when map outputs are lost, damaged, or come back with other rows. */
import { describe, expect, it } from 'vitest';
import type { RddNode } from '../rdd/plan.ts';
import { StorageLevel } from '../storage/storage-level.ts';
import { DagHarness, forgetAll, wordCount } from './test-dag-harness.ts';
import { cached, mapStatus, narrow, shuffled, zipWithIndex } from './test-lineage.ts';

describe('recovery', () => {
  it('recomputes one lost map output and only the unfinished partitions that read it', () => {
    const h = new DagHarness();
    const jobId = h.submit(wordCount(3, 3), 2, [0, 1, 2]);
    h.succeed(h.taskSets[0]!);
    const result = h.taskSets[1]!;
    h.succeed(result, [1]);
    h.takeSubmitted();
    h.trail();
    h.failFetch(result, 0, 0, 2);
    h.failFetch(result, 2, 0, 2);
    expect(h.trail()).toEqual(['stageCompleted 1.0 failed']);
    h.resubmit();
    const again = h.taskSets[0]!;
    expect(h.takeSubmitted()).toEqual(['0.1[2]']);
    h.succeed(again);
    const rest = h.taskSets[0]!;
    expect(h.takeSubmitted()).toEqual(['1.1[0,2]']);
    expect(rest.plan.shuffleInputs[0]!.maps.map((m) => m.path)).toEqual([
      's0-0-0.data',
      's0-1-0.data',
      's0-2-1.data',
    ]);
    // A task of the first attempt still ends well: the second need not do it.
    h.succeed(result, [0]);
    expect(h.commands).toContainEqual({ type: 'taskDone', stageId: 1, index: 0 });
    h.succeed(rest, [2]);
    expect(h.results.get(jobId)).toBe('0,1,2');
    forgetAll(h, [0, 1, 2]);
  });

  it('goes on with care in later attempts of a stage under which an executor ran out of memory', () => {
    const h = new DagHarness();
    h.submit(wordCount(2, 2), 2, [0, 1]);
    h.succeed(h.taskSets[0]!);
    const result = h.taskSets[1]!;
    expect([h.taskSets[0]!.careful, result.careful]).toEqual([undefined, undefined]);
    h.post({ type: 'memoryRanOut', stageId: result.stageId });
    // It is gone by then, or was never there.
    h.post({ type: 'memoryRanOut', stageId: 77 });
    h.failFetch(result, 0, 0, 1);
    h.resubmit();
    h.succeed(h.taskSets[2]!);
    expect(h.taskSets.map(({ careful }) => careful)).toEqual([undefined, undefined, undefined, true]);
    h.succeed(h.taskSets[3]!);
    forgetAll(h, [0, 1, 2]);
  });

  it('finds a lost map output behind others that were computed in pieces', () => {
    const h = new DagHarness();
    h.submit(wordCount(3, 1), 2, [0]);
    const maps = h.taskSets[0]!;
    h.succeed(maps, [0], { more: [mapStatus(0, 0, 7), mapStatus(0, 0, 8)] });
    h.succeed(maps, [1, 2]);
    const result = h.taskSets.at(-1)!;
    expect(result.plan.shuffleInputs[0]!.maps.map(({ mapIndex }) => mapIndex)).toEqual([0, 0, 0, 1, 2]);
    h.takeSubmitted();
    h.failFetch(result, 0, 0, 2);
    h.resubmit();
    expect(h.takeSubmitted()).toEqual(['0.1[2]']);
  });

  it('ignores fetch failures of older attempts and of outputs made again since', () => {
    const h = new DagHarness();
    h.submit(wordCount(), 2, [0, 1]);
    h.succeed(h.taskSets[0]!);
    const first = h.taskSets[1]!;
    h.failFetch(first, 0, 0, 1);
    h.resubmit();
    h.succeed(h.taskSets[2]!);
    h.takeSubmitted();
    h.failFetch(first, 1, 0, 0);
    h.resubmit();
    expect(h.takeSubmitted()).toEqual([]);
    expect(h.scheduler.state.outputs.isAvailable(0)).toBe(true);
  });

  it.each([
    [0, 'Check that the block directory has free space'],
    [-1, 'Run the cell again. If it fails again, restart the kernel.'],
  ])('tells what to do when map output %i cannot be read for good', (mapIndex, hint) => {
    const h = new DagHarness();
    h.submit(wordCount(1, 1), 2, [0]);
    h.succeed(h.taskSets[0]!);
    for (let attempt = 0; attempt < 4; attempt++) {
      h.failFetch(h.taskSets.at(-1)!, 0, 0, mapIndex);
      h.takeSubmitted();
      h.resubmit();
      const map = h.taskSets[0];
      if (map) h.succeed(map);
    }
    expect(h.allCommands.find(({ type }) => type === 'jobFailed')).toMatchObject({
      error: { code: 'FETCH_FAILED', hint: expect.stringContaining(hint) },
    });
  });

  it('casts a wider net with each failed attempt, and gives up after four', () => {
    const h = new DagHarness();
    const jobId = h.submit(wordCount(4, 1), 2, [0]);
    h.succeed(h.taskSets[0]!);
    const recomputed: string[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      const result = h.taskSets.at(-1)!;
      h.failFetch(result, 0, 0, 1);
      h.takeSubmitted();
      h.resubmit();
      const map = h.taskSets[0];
      if (!map) break;
      recomputed.push(`${map.indices}`);
      h.succeed(map);
    }
    expect(recomputed).toEqual(['1', '0,1,2,3', '0,1,2,3']);
    expect(h.results.get(jobId)).toBe(
      'FETCH_FAILED: Stage 1 (collect) failed: its shuffle input could not be read in 4 ' +
        'consecutive attempts; last: map output 1 of shuffle 0 is damaged',
    );
    forgetAll(h, [0, 1, 2]);
  });

  it('fails loudly when a recomputed map output has other rows and results exist', () => {
    const h = new DagHarness();
    const jobId = h.submit(wordCount(), 2, [0, 1]);
    h.succeed(h.taskSets[0]!);
    const result = h.taskSets[1]!;
    h.succeed(result, [0]);
    h.failFetch(result, 1, 0, 1);
    h.resubmit();
    h.succeed(h.taskSets[2]!, [1], { rowChecksums: Uint32Array.of(99) });
    expect(h.results.get(jobId)).toMatch(/^INDETERMINATE_RECOMPUTED: Stage 1 .* 1 of 2 results/);
    forgetAll(h, [0, 1, 2]);
  });

  it('drops what an ended job cached of the first rows', () => {
    const h = new DagHarness();
    const nodes = [...wordCount(), cached(narrow(3, 2, 2)), narrow(4, 2, 2)];
    h.submit(nodes, 3, [0]);
    h.succeed(h.taskSets[0]!);
    const blocks = [{ rddId: 3, partition: 0, bytes: 1, onDisk: false }];
    h.post({ type: 'blocksCached', executorId: 'e1', epoch: 0, blocks });
    h.succeed(h.taskSets[1]!);
    h.submit([], 4, [1]);
    h.failFetch(h.taskSets[2]!, 1, 0, 1);
    h.resubmit();
    h.succeed(h.taskSets[3]!, [1], { rowChecksums: Uint32Array.of(99) });
    expect(h.commands).toContainEqual({ type: 'dropRdd', rddId: 3 });
    expect(h.scheduler.state.cache.count(3)).toBe(0);
  });

  it('drops what a task that began before the roll-back caches after it', () => {
    const h = new DagHarness();
    h.submit([...wordCount(), cached(narrow(3, 2, 2)), narrow(4, 3, 2)], 4, [0, 1]);
    h.succeed(h.taskSets[0]!);
    h.failFetch(h.taskSets[1]!, 1, 0, 1);
    h.resubmit();
    h.succeed(h.taskSets[2]!, [1], { rowChecksums: Uint32Array.of(99) });
    const blocks = [{ rddId: 3, partition: 0, bytes: 1, onDisk: false }];
    h.post({ type: 'blocksCached', executorId: 'e1', epoch: 0, blocks });
    expect(h.commands).toEqual([{ type: 'dropBlock', executorId: 'e1', rddId: 3, partition: 0 }]);
    expect(h.scheduler.state.cache.count(3)).toBe(0);
    const { epoch } = h.taskSets.at(-1)!;
    h.post({ type: 'blocksCached', executorId: 'e1', epoch, blocks });
    expect(h.scheduler.state.cache.count(3)).toBe(1);
    // Another one comes later still: what is of the new rows stays.
    h.post({ type: 'blocksCached', executorId: 'e2', epoch: 0, blocks: [{ ...blocks[0]!, partition: 1 }] });
    expect(h.commands).toEqual([{ type: 'dropBlock', executorId: 'e2', rddId: 3, partition: 1 }]);
    expect(h.scheduler.state.cache.count(3)).toBe(1);
  });

  it('drops all of a replicated dataset then: copies may have been made of a partition of the first rows', () => {
    const h = new DagHarness();
    const twice = { ...cached(narrow(3, 2, 2)), storageLevel: StorageLevel.MEMORY_ONLY_2 };
    h.submit([...wordCount(), twice, narrow(4, 3, 2)], 4, [0, 1]);
    h.succeed(h.taskSets[0]!);
    h.failFetch(h.taskSets[1]!, 1, 0, 1);
    h.resubmit();
    h.succeed(h.taskSets[2]!, [1], { rowChecksums: Uint32Array.of(99) });
    const blocks = [{ rddId: 3, partition: 0, bytes: 1, onDisk: false, replicas: ['e2'] }];
    h.post({ type: 'blocksCached', executorId: 'e1', epoch: 0, blocks });
    const replica = { rddId: 3, partition: 0, from: 'e1' };
    expect(h.commands).toEqual([
      { type: 'dropRdd', rddId: 3 },
      { type: 'dropReplica', executorId: 'e2', replica },
    ]);
  });

  it('never numbers other rows by offsets that were counted of the first ones', () => {
    const h = new DagHarness();
    const jobId = h.submit([...wordCount(), zipWithIndex(3, 2, 2)], 3, [0, 1]);
    h.succeed(h.taskSets[0]!);
    h.succeed(h.taskSets[1]!);
    h.prepare(3, Uint8Array.of(1));
    h.failFetch(h.taskSets[2]!, 1, 0, 1);
    h.resubmit();
    h.succeed(h.taskSets[3]!, [1], { rowChecksums: Uint32Array.of(99) });
    expect(h.results.get(jobId)).toMatch(
      /^INDETERMINATE_RECOMPUTED: .* zipWithIndex had counted the first ones$/,
    );
    forgetAll(h, [0, 1, 2, 3]);
  });

  it('trusts the lineage where memory ran short and checksums cannot tell', () => {
    for (const determinism of ['UNORDERED', 'INDETERMINATE'] as const) {
      const h = new DagHarness();
      const [from, map, reduced] = wordCount();
      const jobId = h.submit([from!, { ...map!, determinism }, reduced!], 2, [0, 1]);
      h.succeed(h.taskSets[0]!);
      h.succeed(h.taskSets[1]!, [0]);
      h.failFetch(h.taskSets[1]!, 1, 0, 1);
      h.resubmit();
      h.succeed(h.taskSets[2]!, [1], { rowChecksums: new Uint32Array() });
      if (determinism === 'UNORDERED') h.succeed(h.taskSets[3]!);
      expect(h.results.get(jobId)).toMatch(
        determinism === 'UNORDERED' ? /^0,1$/ : /^INDETERMINATE_RECOMPUTED/,
      );
    }
  });

  it('rolls succeeding stages back when a recomputed map output has other rows', () => {
    const h = new DagHarness();
    const nodes = [...wordCount(), narrow(3, 2, 2), shuffled(4, 3, 1, 2)];
    const jobId = h.submit(nodes, 4, [0, 1]);
    h.succeed(h.taskSets[0]!);
    const middle = h.taskSets[1]!;
    h.succeed(middle, [0]);
    h.failFetch(middle, 1, 0, 1);
    h.resubmit();
    h.takeSubmitted();
    const map = { ...middle, stageId: 0, attempt: 1, indices: [1] };
    map.plan = { ...middle.plan, output: { kind: 'shuffle', dependency: { ...shuffleOf(nodes[2]!) } } };
    h.succeed(map, [1], { rowChecksums: Uint32Array.of(99) });
    // Partition 0 of the middle stage was made from the first rows, so it is made again too.
    const again = h.taskSets[0]!;
    expect(h.takeSubmitted()).toEqual(['1.1[0,1]']);
    h.succeed(middle, [1]);
    expect(h.scheduler.state.outputs.outputs(1)).toEqual([]);
    h.succeed(again);
    h.succeed(h.taskSets[0]!);
    expect(h.results.get(jobId)).toBe('0,1');
    forgetAll(h, [0, 1, 2, 3, 4]);
  });
});

function shuffleOf(node: RddNode) {
  const dependency = node.dependencies[0]!;
  if (dependency.kind !== 'shuffle') throw new Error(`RDD ${node.rddId} does not read a shuffle`);
  return dependency;
}
