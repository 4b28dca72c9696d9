/** Loops are told by their statement, preparations hang at what they prepare, shared stages appear once. */
import { expect, it } from 'vitest';
import { createProgress } from '../../engine/fold/progress.ts';
import type { JobView, StageView } from '../../engine/fold/state.ts';
import { stagesOfJobs } from './job-stages.ts';
import { groupJobs, runsOfCell, worstStatus } from './run-jobs.ts';

function job(jobId: number, line: number, change: Partial<JobView> = {}): JobView {
  const callSite = {
    file: 'cell:a',
    cellId: 'a',
    line,
    column: 3,
    endLine: line,
    endColumn: 10,
    name: 'count',
  };
  return {
    jobId,
    name: 'count',
    status: 'succeeded',
    startedAt: jobId,
    stageIds: [jobId],
    skippedStageIds: [],
    skippedReasons: {},
    cellId: 'a',
    runId: 'r1',
    callSite,
    ...change,
  };
}

function stage(stageId: number, rddId: number, change: Partial<StageView> = {}): [string, StageView] {
  const rdd = { rddId, name: 'map', parentIds: [], numPartitions: 1, storageLevel: 'NONE' };
  const info = {
    stageId,
    attempt: 0,
    kind: 'result' as const,
    name: 'x',
    numTasks: 1,
    parentIds: [],
    rdds: [rdd],
  };
  const key = `${stageId}.0`;
  return [
    key,
    { key, info, status: 'complete', jobIds: [], progress: createProgress(stageId, 0), ...change },
  ];
}

it('takes three jobs of one statement as a loop, two as two', () => {
  const jobs = [job(0, 2), job(1, 4), job(2, 4), job(3, 4), job(4, 2)];
  const entries = groupJobs(jobs, new Map());
  expect(entries.map((entry) => (entry.kind === 'loop' ? entry.iterations.length : entry.job.jobId))).toEqual(
    [0, 3, 4],
  );
  expect(entries[1]).toMatchObject({ kind: 'loop', name: 'count', line: 4 });
});

it('hangs a preparation at the job that uses what it prepares', () => {
  const jobs = [job(0, 1), job(1, 2, { preparesRddId: 7 }), job(2, 3), job(3, 9, { preparesRddId: 99 })];
  const entries = groupJobs(jobs, new Map([stage(0, 1), stage(1, 2), stage(2, 7)]));
  expect(
    entries.map(
      (entry) => entry.kind === 'job' && [entry.job.jobId, entry.preparations.map((one) => one.jobId)],
    ),
  ).toEqual([
    [0, []],
    [2, [1]],
    [3, []],
  ]);
});

it('keeps the runs of a cell apart', () => {
  const jobs = [
    job(0, 1),
    job(1, 1, { runId: 'r2' }),
    job(2, 1, { runId: 'r2' }),
    job(3, 1, { cellId: 'b' }),
  ];
  expect(runsOfCell(jobs, 'a').map((run) => run.jobs.length)).toEqual([1, 2]);
});

it('shows a stage once: as computed where one of the jobs ran it, with those that reused it', () => {
  const stages = new Map([stage(0, 1, { submittedAt: 1, jobIds: [0, 1] }), stage(1, 2), stage(2, 3)]);
  const first = job(0, 1, { stageIds: [0, 1] });
  const second = job(1, 2, { stageIds: [0, 2], skippedStageIds: [0], skippedReasons: { 0: 'there' } });
  const both = stagesOfJobs(stages, [first, second]);
  expect(both.map(({ stage: one, reusedBy }) => [one.info.stageId, one.status, reusedBy])).toEqual([
    [0, 'complete', [1]],
    [1, 'complete', undefined],
    [2, 'complete', undefined],
  ]);
  const [alone] = stagesOfJobs(stages, [second]);
  expect(alone).toMatchObject({ stage: { status: 'skipped', reason: 'there' }, computedBy: 0 });
});

it('names the worst of several states, running first', () => {
  expect(worstStatus([job(0, 1), job(1, 1, { status: 'failed' })])).toBe('failed');
  expect(worstStatus([job(0, 1, { status: 'failed' }), job(1, 1, { status: 'running' })])).toBe('running');
});
