/** The whole scheduler on simulated executors: the golden sequence of events, and what callers get. */
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock.ts';
import type { EngineEvent } from '../protocol.ts';
import type { JobSubmission } from '../rdd/job-runner.ts';
import { Scheduler, type SchedulerOptions } from './scheduler.ts';
import { TestExecutors } from './test-executors.ts';
import { narrow, shuffled, source, union } from './test-lineage.ts';
import { BOOM } from './test-task-harness.ts';

function open(options: Partial<SchedulerOptions> = {}) {
  const executors = new TestExecutors();
  const events: EngineEvent[] = [];
  const scheduler = new Scheduler({
    backend: executors,
    clock: new ManualClock(1_000),
    emit: (event) => events.push(event),
    finishPreparation: () => Uint8Array.of(1),
    ...options,
  });
  executors.add();
  return { executors, events, scheduler };
}

function wordCount(): JobSubmission {
  const nodes = [source(0, 2), narrow(1, 0, 2, 'flatMap'), narrow(2, 1, 2), shuffled(3, 2, 0, 2)];
  const callSite = {
    file: 'cell:a',
    cellId: 'a',
    line: 5,
    column: 3,
    endLine: 5,
    endColumn: 12,
    name: 'collect',
  };
  const context = { name: 'collect', callSite, cellId: 'a', runId: 'r1' };
  return { nodes, closures: [], rddId: 3, partitions: [0, 1], action: { kind: 'collect' }, ...context };
}

function run(executors: TestExecutors): void {
  for (let busy = executors.busy(); busy.length > 0; busy = executors.busy()) executors.finish(busy[0]!);
}

const failureReasons = (events: EngineEvent[]): unknown[] =>
  events.flatMap((event) =>
    event.type === 'stageCompleted' && event.status === 'failed'
      ? [[event.stageId, event.failureReason]]
      : [],
  );

const brief = (event: EngineEvent): unknown => {
  switch (event.type) {
    case 'jobStart': {
      const stages = event.stages.map((s) => [
        s.stageId,
        s.kind,
        s.name,
        s.numTasks,
        s.parentIds,
        s.rdds.map((r) => r.name),
      ]);
      return [event.type, event.jobId, event.name, event.cellId, event.runId, stages];
    }
    case 'stageSubmitted':
      return [event.type, event.stage.stageId, event.stage.attempt, event.jobIds];
    case 'stageCompleted':
      return [event.type, event.stageId, event.status];
    case 'taskStart':
    case 'taskEnd':
      return [event.type, event.task.stageId, event.task.partition, event.task.executorId];
    case 'jobEnd':
      return [event.type, event.jobId, event.status];
    default:
      return [event.type];
  }
};

describe('Scheduler', () => {
  it('has executors forget closures with the last job or RDD that uses them', async () => {
    const { executors, scheduler } = open();
    const bytes = new Uint8Array();
    const job = wordCount();
    job.nodes[1]!.closures = ['split'];
    job.closures = [
      { id: 'split', bytes },
      { id: 'print', bytes },
    ];
    job.action = { kind: 'foreach', fn: 'print' };
    const first = scheduler.submitJob(job);
    const second = scheduler.submitJob({ ...job, nodes: [] });
    scheduler.cancelJob(first.jobId, 'test');
    await expect(first.results).rejects.toThrow('cancelled');
    expect(executors.forgottenClosures).toEqual([]);
    run(executors);
    await second.results;
    expect(executors.forgottenClosures).toEqual(['print']);
    scheduler.forget([0, 1, 2, 3]);
    expect(executors.forgottenClosures).toEqual(['print', 'split']);
    expect(scheduler.empty).toBe(true);
  });

  it('tells the whole story of a word count, in order', async () => {
    const { executors, events, scheduler } = open();
    const { results } = scheduler.submitJob(wordCount(), 7);
    run(executors);
    expect(await results).toHaveLength(2);
    expect(events.map(brief)).toEqual([
      ['executorAdded'],
      [
        'jobStart',
        7,
        'collect',
        'a',
        'r1',
        [
          [0, 'shuffleMap', 'map at cell a:3:1', 2, [], ['textFile', 'flatMap', 'map']],
          [1, 'result', 'collect at cell a:5:3', 2, [0], ['reduceByKey']],
        ],
      ],
      ['stageSubmitted', 0, 0, [7]],
      ['taskStart', 0, 0, 'e0'],
      ['taskEnd', 0, 0, 'e0'],
      ['taskStart', 0, 1, 'e0'],
      ['taskEnd', 0, 1, 'e0'],
      ['stageCompleted', 0, 'complete'],
      ['stageSubmitted', 1, 0, [7]],
      ['taskStart', 1, 0, 'e0'],
      ['taskEnd', 1, 0, 'e0'],
      ['taskStart', 1, 1, 'e0'],
      ['taskEnd', 1, 1, 'e0'],
      ['stageCompleted', 1, 'complete'],
      ['jobEnd', 7, 'succeeded'],
    ]);
    scheduler.forget([0, 1, 2, 3]);
    expect(scheduler.empty).toBe(true);
  });

  it('carries out the rest of its commands when one of them throws', async () => {
    const full = new Error('no space left for the event log');
    let throws = false;
    const { executors, scheduler } = open({
      emit: () => {
        if (throws) throw full;
      },
    });
    throws = true;
    expect(() => scheduler.submitJob(wordCount(), 7)).toThrow(full);
    throws = false;
    run(executors);
    expect(scheduler.idle).toBe(true);
  });

  it('refuses results larger than its limit by name', async () => {
    const { executors, events, scheduler } = open({ maxResultSize: 50 });
    const { results } = scheduler.submitJob(wordCount());
    const failed = expect(results).rejects.toMatchObject({
      code: 'RESULT_TOO_LARGE',
      message: expect.stringMatching(/^Stage 1 \(collect\) failed: the results of . of 2 partitions are/),
    });
    run(executors);
    await failed;
    expect(scheduler.idle).toBe(true);
    expect(failureReasons(events)).toEqual([
      [1, expect.stringMatching(/^Stage 1 \(collect\) failed: the results of/)],
    ]);
  });

  it('tells of the stage that failed what failed, and of the others of its job that the job did', async () => {
    const { executors, events, scheduler } = open();
    executors.add();
    const nodes = [
      source(0, 1),
      shuffled(1, 0, 0, 1),
      source(2, 1),
      shuffled(3, 2, 1, 1),
      union(
        4,
        [1, 3].map((rddId) => ({ rddId, numPartitions: 1 })),
      ),
    ];
    const { results } = scheduler.submitJob({ ...wordCount(), nodes, rddId: 4 });
    const failed = expect(results).rejects.toMatchObject({ code: 'TASK_FAILED' });
    for (let attempt = 0; attempt < 4; attempt++) executors.finish('e0', BOOM);
    await failed;
    expect(failureReasons(events)).toEqual([
      [
        0,
        expect.stringMatching(
          /^Stage 0 \(.*\) failed: partition 0 failed 4 times; last failure on executor e0: Error: boom$/,
        ),
      ],
      [1, 'job 0 failed'],
    ]);
  });

  it('rejects a cancelled job at once and takes nothing from its late tasks', async () => {
    const { executors, events, scheduler } = open();
    const { jobId, results } = scheduler.submitJob(wordCount());
    scheduler.cancelJob(jobId, 'the cell was interrupted');
    await expect(results).rejects.toMatchObject({ code: 'JOB_CANCELLED' });
    expect(events.at(-1)).toMatchObject({ type: 'jobEnd', status: 'cancelled' });
    run(executors);
    expect(scheduler.idle).toBe(true);
  });

  it('brings the output of a task to the cell of its job', () => {
    const outputs: unknown[] = [];
    const { executors, scheduler } = open({ onTaskOutput: (output) => outputs.push(output) });
    void scheduler.submitJob(wordCount(), 3).results.catch(() => {});
    executors.say('e0', 'hello\n');
    expect(outputs).toEqual([
      { jobId: 3, cellId: 'a', runId: 'r1', executorId: 'e0', stream: 'stdout', text: 'hello\n', dropped: 0 },
    ]);
  });

  it('fails running jobs when no executor can be had, and when it is stopped', async () => {
    const { executors, scheduler } = open();
    const first = scheduler.submitJob(wordCount()).results;
    executors.fail({ code: 'EXECUTOR_START_FAILED', name: 'StagelightError', message: 'none' });
    await expect(first).rejects.toMatchObject({ code: 'EXECUTOR_START_FAILED' });
    const second = scheduler.submitJob({ ...wordCount(), nodes: [] }).results;
    const stopped = expect(second).rejects.toMatchObject({ code: 'STOPPED' });
    await scheduler.stop();
    await stopped;
  });
});
