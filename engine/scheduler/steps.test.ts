/** What a job costs must not depend on how many went before it, of which RDDs, stages and views are still kept. */
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock.ts';
import { fold } from '../fold/fold.ts';
import { type FoldOptions, KEEP_ALL } from '../fold/fold-options.ts';
import { createViewState } from '../fold/view-state.ts';
import type { EngineEvent } from '../protocol.ts';
import { Scheduler } from './scheduler.ts';
import { TestExecutors } from './test-executors.ts';
import { narrow, shuffled, source } from './test-lineage.ts';
import { countSteps } from './test-steps.ts';

const PARTITIONS = 4;
const EARLY = 20;
const LATE = 400;
const RETAINED = 300;

function makeJobs(emit: (event: EngineEvent) => void) {
  const executors = new TestExecutors();
  const clock = new ManualClock(1_000);
  const finishPreparation = () => new Uint8Array();
  const scheduler = new Scheduler({ backend: executors, clock, emit, finishPreparation });
  executors.add();
  let jobs = 0;
  /** A word count of RDDs of its own, none of which is ever forgotten. */
  return (count: number) => {
    for (const last = jobs + count; jobs < last; jobs++) {
      const id = 3 * jobs;
      const nodes = [
        source(id, PARTITIONS),
        narrow(id + 1, id, PARTITIONS),
        shuffled(id + 2, id + 1, jobs, PARTITIONS),
      ];
      const partitions = Array.from({ length: PARTITIONS }, (_, index) => index);
      const job = { nodes, closures: [], rddId: id + 2, partitions, action: { kind: 'collect' as const } };
      scheduler.submitJob({ ...job, name: 'collect', cellId: 'a', runId: 'r' }, jobs);
      for (let [busy] = executors.busy(); busy !== undefined; [busy] = executors.busy())
        executors.finish(busy);
    }
  };
}

describe('steps per job', () => {
  it('are as many in the scheduler after hundreds of jobs as at first', () => {
    const run = makeJobs(() => {});
    run(EARLY);
    const early = countSteps(() => run(EARLY));
    run(LATE);
    expect(countSteps(() => run(EARLY))).toBe(early);
  });

  it.each<[string, FoldOptions]>([
    ['of a log', KEEP_ALL],
    ['of a server', { tasks: true }],
    ['of a page', {}],
  ])('are nearly as many in the fold %s', (_whose, options) => {
    const view = createViewState('boot');
    const retaining = { ...options, retainedJobs: RETAINED };
    fold(
      view,
      { type: 'cellStarted', cellId: 'a', runId: 'r', source: '', executionCount: 1, time: 0 },
      options,
    );
    let events: EngineEvent[] = [];
    const run = makeJobs((event) => events.push(event));
    const steps = (jobs: number) => {
      events = [];
      run(jobs);
      return countSteps(() => {
        for (const event of events) fold(view, event, retaining);
      });
    };
    steps(EARLY);
    const early = steps(EARLY);
    steps(LATE);
    // What retires the oldest job for each new one walks over that one alone.
    expect(steps(EARLY)).toBeLessThan(2 * early);
  });
});
