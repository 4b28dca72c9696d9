/** The DAG scheduler by itself: events go in, submitted task sets and events come out. No task runs. */
import { describe, expect, it } from 'vitest';
import type { RddNode } from '../rdd/plan.ts';
import { DagHarness, forgetAll, wordCount } from './test-dag-harness.ts';
import { cached, narrow, shuffled, sorted, source, zipWithIndex } from './test-lineage.ts';

describe('DagScheduler', () => {
  it('runs a two-stage job: the map stage, then the result stage', () => {
    const h = new DagHarness();
    const jobId = h.submit(wordCount(), 2, [0, 1]);
    const map = h.taskSets[0]!;
    expect(h.takeSubmitted()).toEqual(['0.0[0,1]']);
    expect(map.plan.nodes.map((node) => node.rddId)).toEqual([0, 1]);
    h.succeed(map);
    const result = h.taskSets[0]!;
    expect(h.takeSubmitted()).toEqual(['1.0[0,1]']);
    expect(result.plan.shuffleInputs[0]!.maps.map((m) => m.path)).toEqual(['s0-0-0.data', 's0-1-0.data']);
    h.succeed(result);
    expect(h.results.get(jobId)).toBe('0,1');
    expect(h.trail()).toEqual([
      'jobStart 0 stages 0,1',
      'stageSubmitted 0.0 for 0',
      'stageCompleted 0.0 complete',
      'stageSubmitted 1.0 for 0',
      'stageCompleted 1.0 complete',
      'jobEnd 0 succeeded',
    ]);
    expect(h.scheduler.state.idle).toBe(true);
    forgetAll(h, [0, 1, 2]);
  });

  it('skips a stage whose map outputs an earlier job left', () => {
    const h = new DagHarness();
    h.submit(wordCount(), 2, [0, 1]);
    h.succeed(h.taskSets[0]!);
    h.succeed(h.taskSets[1]!);
    h.takeSubmitted();
    h.trail();
    h.submit([], 2, [1]);
    expect(h.takeSubmitted()).toEqual(['2.0[0]']);
    expect(h.trail()).toEqual([
      'jobStart 1 stages 0,2',
      'stageSkipped 0: map outputs available from job 0',
      'stageSubmitted 2.0 for 1',
    ]);
  });

  it('lets a fully cached RDD hide its ancestors, until a block is evicted', () => {
    const h = new DagHarness();
    const nodes = [...wordCount(), cached(narrow(3, 2, 2)), narrow(4, 3, 2, 'filter')];
    h.submit(nodes, 4, [0, 1]);
    h.succeed(h.taskSets[0]!);
    h.succeed(h.taskSets[1]!);
    const blocks = [0, 1].map((partition) => ({ rddId: 3, partition, bytes: 8, onDisk: false }));
    h.post({ type: 'blocksCached', executorId: 'e2', epoch: 0, blocks });
    h.post({ type: 'forgotten', rddIds: [] });
    h.takeSubmitted();
    h.trail();

    h.submit([], 4, [0, 1]);
    expect(h.taskSets[0]!.preferred).toEqual([['e2'], ['e2']]);
    expect(h.takeSubmitted()).toEqual(['2.0[0,1]']);
    expect(h.trail()[1]).toBe('stageSkipped 0: map outputs available from job 0');

    h.post({ type: 'executorLost', executorId: 'e2', reason: 'gone' });
    h.submit([], 4, [0]);
    expect(h.taskSets[0]!.preferred).toBeUndefined();
  });

  it('shows the user their own error, their line, the partition and the executor', () => {
    const h = new DagHarness();
    const jobId = h.submit(wordCount(), 2, [0, 1]);
    const position = { file: 'cell:a', cellId: 'a', line: 2, column: 30 };
    const cause = {
      code: 'USER',
      name: 'TypeError',
      message: 'x is not a function',
      frames: [position],
      element: '"w"',
    };
    const failure = { partition: 1, attempt: 3, executorId: '2', times: 'failed 4 times', cause };
    let error: unknown;
    for (const command of h.post({ type: 'taskSetFailed', stageId: 0, attempt: 0, failure })) {
      if (command.type === 'jobFailed') error = command.error;
    }
    expect(error).toMatchObject({
      code: 'TASK_FAILED',
      message:
        'Stage 0 (map) failed: partition 1 failed 4 times; ' +
        'last failure on executor 2: TypeError: x is not a function',
      position,
      element: '"w"',
      task: { stageId: 0, partition: 1, attempt: 3, executorId: '2' },
      cause,
    });
    expect(h.trail().slice(-2)).toEqual(['stageCompleted 0.0 failed', 'jobEnd 0 failed']);
    expect(h.results.has(jobId)).toBe(true);
    forgetAll(h, [0, 1, 2]);
  });

  it('runs a preparation as a visible job that concurrent jobs share, once', () => {
    const h = new DagHarness();
    const nodes = [source(0, 2), zipWithIndex(1, 0, 2), sorted(2, 1, 0, 2)];
    const first = h.submit(nodes, 2, [0, 1]);
    const second = h.submit([], 2, [0]);
    // The sample of the sort needs the indices, so their counts come first.
    expect(h.taskSets.map((set) => set.plan.output)).toEqual([
      { kind: 'result', action: { kind: 'countPartition' } },
    ]);
    h.succeed(h.taskSets[0]!);
    expect(h.commands.at(-1)).toMatchObject({ type: 'finishPreparation', rddId: 1 });
    h.takeSubmitted();
    h.prepare(1, Uint8Array.of(7));
    const sample = h.taskSets[0]!;
    expect(sample.plan.output).toMatchObject({ action: { kind: 'sampleKeys' } });
    expect(sample.plan.prepared).toEqual({ 1: Uint8Array.of(7) });
    h.takeSubmitted();
    h.succeed(sample);
    h.prepare(2, Uint8Array.of(8));
    const map = h.taskSets[0]!;
    expect(map.plan.prepared).toEqual({ 1: Uint8Array.of(7), 2: Uint8Array.of(8) });
    h.succeed(map);
    for (const set of h.taskSets.slice(1)) h.succeed(set);
    expect([h.results.get(first), h.results.get(second)]).toEqual(['0,1', '0']);
    expect(h.trail().filter((line) => line.startsWith('job'))).toEqual([
      'jobStart 2 stages 0',
      'jobEnd 2 succeeded',
      'jobStart 1 stages 1',
      'jobEnd 1 succeeded',
      'jobStart 0 stages 2,3',
      'jobStart 3 stages 2,4',
      'jobEnd 0 succeeded',
      'jobEnd 3 succeeded',
    ]);
    forgetAll(h, [0, 1, 2]);
  });

  it('cancels a preparation with the last job that waits for it', () => {
    const h = new DagHarness();
    const first = h.submit([source(0, 2), zipWithIndex(1, 0, 2)], 1, [0, 1]);
    h.post({ type: 'jobCancelled', jobId: first, reason: 'interrupted' });
    expect(h.trail().at(-1)).toBe('jobEnd 1 cancelled');
    expect(h.results.get(first)).toBe('JOB_CANCELLED: job 0 was cancelled: interrupted');
    forgetAll(h, [0, 1]);
  });

  it('keeps a stage running that another job still needs when one is cancelled', () => {
    const h = new DagHarness();
    const first = h.submit(wordCount(), 2, [0, 1]);
    const second = h.submit([], 2, [0]);
    const map = h.taskSets[0]!;
    expect(h.takeSubmitted()).toEqual(['0.0[0,1]']);
    h.post({ type: 'jobCancelled', jobId: first, reason: 'interrupted' });
    h.succeed(map);
    h.succeed(h.taskSets[0]!);
    expect(h.results.get(second)).toBe('0');
    forgetAll(h, [0, 1, 2]);
  });

  it('completes a job without partitions at once, and fails one over unknown RDDs alone', () => {
    const h = new DagHarness();
    expect(h.results.get(h.submit(wordCount(), 2, []))).toBe('');
    expect(h.results.get(h.submit([], 77, [0]))).toMatch(/^UNKNOWN_RDD/);
    forgetAll(h, [0, 1, 2]);
  });

  it('forgets an RDD only when no running job can touch it', () => {
    const h = new DagHarness();
    const jobId = h.submit(wordCount(), 2, [0]);
    h.post({ type: 'forgotten', rddIds: [0, 1, 2] });
    h.succeed(h.taskSets[0]!);
    h.succeed(h.taskSets[1]!);
    expect(h.results.get(jobId)).toBe('0');
    expect(h.commands.filter((c) => c.type === 'deleteMapOutput')).toHaveLength(2);
    expect(h.scheduler.state.empty).toBe(true);
  });

  it('walks deep and densely shared lineages without recursion or repetition', () => {
    const h = new DagHarness();
    const nodes: RddNode[] = [source(0, 1)];
    for (let i = 1; i < 5_000; i++) {
      // Each reads its parent twice: 2^5000 paths, were they counted.
      const twice = narrow(i, i - 1, 1);
      nodes.push({ ...twice, dependencies: [...twice.dependencies, ...twice.dependencies] });
    }
    nodes.push(shuffled(5_000, 4_999, 0, 1));
    h.submit(nodes, 5_000, [0]);
    expect(h.taskSets[0]!.plan.nodes).toHaveLength(5_000);
  });
});
