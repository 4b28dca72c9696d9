/** The DAG scheduler by itself: events go in, submitted task sets and events come out. No task runs. */
import { describe, expect, it } from 'vitest';
import type { EngineEvent, TaskEndReason } from '../protocol.ts';
import type { JobSubmission } from '../rdd/job-runner.ts';
import type { MapStatus, RddNode } from '../rdd/plan.ts';
import { DagScheduler } from './dag-scheduler.ts';
import type { DagCommand, DagEvent, TaskSet } from './events.ts';
import { cached, mapStatus, narrow, shuffled, sorted, source, zipWithIndex } from './test-lineage.ts';

class Harness {
  readonly scheduler = new DagScheduler();
  readonly taskSets: TaskSet[] = [];
  readonly events: EngineEvent[] = [];
  readonly results = new Map<number, string>();
  commands: DagCommand[] = [];
  #nextJobId = 0;

  post(event: DagEvent): DagCommand[] {
    const commands = this.scheduler.step(event, 0);
    this.commands = commands;
    for (const command of commands) {
      if (command.type === 'submitTaskSet') this.taskSets.push(command.taskSet);
      else if (command.type === 'emit') this.events.push(command.event);
      else if (command.type === 'jobSucceeded') {
        this.results.set(
          command.jobId,
          command.results.map((r) => ('bytes' in r ? r.bytes[0] : 'file')).join(),
        );
      } else if (command.type === 'jobFailed') {
        this.results.set(command.jobId, `${command.error.code}: ${command.error.message}`);
      }
    }
    for (const command of commands) {
      if (command.type !== 'submitPreparation') continue;
      const { job, rddId } = command;
      this.post({ type: 'jobSubmitted', jobId: this.#nextJobId++, job, preparesRddId: rddId });
    }
    return commands;
  }

  submit(nodes: RddNode[], rddId: number, partitions: number[], more: Partial<JobSubmission> = {}): number {
    const jobId = this.#nextJobId++;
    const job: JobSubmission = {
      nodes,
      closures: [],
      rddId,
      partitions,
      action: { kind: 'collect' },
      name: 'collect',
    };
    this.post({ type: 'jobSubmitted', jobId, job: { ...job, ...more } });
    return jobId;
  }

  /** Ends tasks of a set well; all of them unless told which. */
  succeed(taskSet: TaskSet, indices: number[] = taskSet.indices, status: Partial<MapStatus> = {}): void {
    const { stageId, attempt, plan } = taskSet;
    for (const index of indices) {
      const executorId = 'e1';
      const base = { type: 'taskSucceeded' as const, stageId, attempt, index, executorId };
      if (plan.output.kind === 'result') this.post({ ...base, result: { bytes: Uint8Array.of(index) } });
      else {
        const made = mapStatus(plan.output.dependency.shuffleId, index, attempt);
        this.post({ ...base, mapStatus: { ...made, ...status } });
      }
    }
  }

  failFetch(taskSet: TaskSet, index: number, shuffleId: number, mapIndex: number, executorId = 'e1'): void {
    const message = `map output ${mapIndex} of shuffle ${shuffleId} is damaged`;
    const reason: TaskEndReason = {
      kind: 'fetchFailed',
      shuffleId,
      mapIndex,
      reduceId: index,
      executorId,
      message,
    };
    this.post({ type: 'fetchFailed', stageId: taskSet.stageId, attempt: taskSet.attempt, index, reason });
  }

  resubmit(): void {
    this.post({ type: 'resubmitTimer' });
  }

  /** Stage, attempt and task indices of the sets submitted since the last call. */
  takeSubmitted(): string[] {
    return this.taskSets.splice(0).map((s) => `${s.stageId}.${s.attempt}[${s.indices}]`);
  }

  trail(): string[] {
    return this.events.splice(0).map(describeEvent);
  }
}

function describeEvent(event: EngineEvent): string {
  switch (event.type) {
    case 'jobStart':
      return `jobStart ${event.jobId} stages ${event.stages.map((s) => s.stageId)}`;
    case 'jobEnd':
      return `jobEnd ${event.jobId} ${event.status}`;
    case 'stageSubmitted':
      return `stageSubmitted ${event.stage.stageId}.${event.stage.attempt} for ${event.jobIds}`;
    case 'stageCompleted':
      return `stageCompleted ${event.stageId}.${event.attempt} ${event.status}`;
    case 'stageSkipped':
      return `stageSkipped ${event.stageId}: ${event.reason}`;
    default:
      return event.type;
  }
}

/** 0: source, 1: map, shuffle 0, 2: reduceByKey. */
const wordCount = (maps = 2, reduces = 2): RddNode[] => [
  source(0, maps),
  narrow(1, 0, maps, 'map'),
  shuffled(2, 1, 0, reduces, 'reduceByKey'),
];

function forgetAll(harness: Harness, rddIds: number[]): void {
  harness.post({ type: 'forgotten', rddIds });
  expect(harness.scheduler.state.empty).toBe(true);
}

describe('DagScheduler', () => {
  it('runs a two-stage job: the map stage, then the result stage', () => {
    const h = new Harness();
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
    const h = new Harness();
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
    const h = new Harness();
    const nodes = [...wordCount(), cached(narrow(3, 2, 2)), narrow(4, 3, 2, 'filter')];
    h.submit(nodes, 4, [0, 1]);
    h.succeed(h.taskSets[0]!);
    h.succeed(h.taskSets[1]!);
    const blocks = [0, 1].map((partition) => ({ rddId: 3, partition, bytes: 8, onDisk: false }));
    h.post({ type: 'blocksCached', executorId: 'e2', blocks });
    h.post({ type: 'forgotten', rddIds: [] });
    h.takeSubmitted();
    h.trail();

    h.submit([], 4, [0, 1]);
    expect(h.taskSets[0]!.preferred).toEqual([['e2'], ['e2']]);
    expect(h.takeSubmitted()).toEqual(['2.0[0,1]']);
    expect(h.trail()[1]).toBe('stageSkipped 0: map outputs available from job 0');

    h.post({ type: 'executorLost', executorId: 'e2' });
    h.submit([], 4, [0]);
    expect(h.taskSets[0]!.preferred).toBeUndefined();
  });

  it('recomputes one lost map output and only the unfinished partitions that read it', () => {
    const h = new Harness();
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

  it('ignores fetch failures of older attempts and of outputs made again since', () => {
    const h = new Harness();
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

  it('casts a wider net with each failed attempt, and gives up after four', () => {
    const h = new Harness();
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
    const h = new Harness();
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

  it('rolls succeeding stages back when a recomputed map output has other rows', () => {
    const h = new Harness();
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
    expect(h.scheduler.state.outputs.hasOutputs(1)).toBe(false);
    h.succeed(again);
    h.succeed(h.taskSets[0]!);
    expect(h.results.get(jobId)).toBe('0,1');
    forgetAll(h, [0, 1, 2, 3, 4]);
  });

  it('shows the user their own error, their line, the partition and the executor', () => {
    const h = new Harness();
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
        'Stage 0 (map at cell a:2:1) failed: partition 1 failed 4 times; ' +
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
    const h = new Harness();
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
    h.post({ type: 'preparationFinished', rddId: 1, outcome: Uint8Array.of(7) });
    const sample = h.taskSets[0]!;
    expect(sample.plan.output).toMatchObject({ action: { kind: 'sampleKeys' } });
    expect(sample.plan.prepared).toEqual({ 1: Uint8Array.of(7) });
    h.takeSubmitted();
    h.succeed(sample);
    h.post({ type: 'preparationFinished', rddId: 2, outcome: Uint8Array.of(8) });
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
    const h = new Harness();
    const first = h.submit([source(0, 2), zipWithIndex(1, 0, 2)], 1, [0, 1]);
    h.post({ type: 'jobCancelled', jobId: first, reason: 'interrupted' });
    expect(h.trail().at(-1)).toBe('jobEnd 1 cancelled');
    expect(h.results.get(first)).toBe('JOB_CANCELLED: job 0 was cancelled: interrupted');
    forgetAll(h, [0, 1]);
  });

  it('keeps a stage running that another job still needs when one is cancelled', () => {
    const h = new Harness();
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
    const h = new Harness();
    expect(h.results.get(h.submit(wordCount(), 2, []))).toBe('');
    expect(h.results.get(h.submit([], 77, [0]))).toMatch(/^UNKNOWN_RDD/);
    forgetAll(h, [0, 1, 2]);
  });

  it('forgets an RDD only when no running job can touch it', () => {
    const h = new Harness();
    const jobId = h.submit(wordCount(), 2, [0]);
    h.post({ type: 'forgotten', rddIds: [0, 1, 2] });
    h.succeed(h.taskSets[0]!);
    h.succeed(h.taskSets[1]!);
    expect(h.results.get(jobId)).toBe('0');
    expect(h.commands.filter((c) => c.type === 'deleteMapOutput')).toHaveLength(2);
    expect(h.scheduler.state.empty).toBe(true);
  });

  it('walks deep and densely shared lineages without recursion or repetition', () => {
    const h = new Harness();
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

function shuffleOf(node: RddNode) {
  const dependency = node.dependencies[0]!;
  if (dependency.kind !== 'shuffle') throw new Error(`RDD ${node.rddId} does not read a shuffle`);
  return dependency;
}
