/** Jobs that wait for others before they begin: from events through snapshots to the words that page and history say. */
import { expect, test } from 'vitest';
import type { JobWait, StageInfo, StagelightEvent } from '../protocol.ts';
import { createViewState, fold } from './fold.ts';
import { waitReason, waitWords } from './scheduling-words.ts';
import { fromSnapshot, toSnapshot } from './snapshot.ts';

const order: JobWait = { code: 'OTHER_ORDER', jobIds: [1, 2], rddId: 5, rddName: 'reduceByKey' };
const stage: StageInfo = {
  ...{ stageId: 3, attempt: 0, kind: 'result', name: 'count', numTasks: 4, parentIds: [], rdds: [] },
};
const job = { jobId: 4, name: 'count', description: 'the count', cellId: 'c', runId: 'r' };
const opened: StagelightEvent[] = [
  {
    ...{ type: 'notebookOpened', path: 'n.ts', time: 0 },
    cells: [{ cellId: 'c', kind: 'code', source: '', revision: 0 }],
  },
  { type: 'cellQueued', cellId: 'c', runId: 'r', time: 1 },
  { type: 'cellStarted', cellId: 'c', runId: 'r', time: 1, executionCount: 1, source: '' },
];
const waiting = (time: number, wait: JobWait): StagelightEvent => ({
  type: 'jobWaiting',
  ...job,
  time,
  wait,
});

function viewOf(...events: StagelightEvent[]) {
  const view = createViewState('b');
  for (const event of [...opened, ...events]) fold(view, event);
  return fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(view))));
}

test('a job is there from its submission, once, with what it waits for last', () => {
  const before = [waiting(10, order), waiting(12, { ...order, jobIds: [2] })];
  const view = viewOf(...before);
  const waited = { ...order, jobIds: [2], since: 10 };
  expect(view.jobs.get(4)).toMatchObject({ status: 'waiting', startedAt: 10, stageIds: [], waited });
  expect(view.cells.get('c')!.jobIds).toEqual([4]);
  const later = viewOf(...before, { type: 'jobStart', ...job, time: 20, stages: [stage] });
  expect(later.jobs.get(4)).toMatchObject({ status: 'running', startedAt: 20, stageIds: [3] });
  expect(later.jobs.get(4)).toMatchObject({ description: 'the count', waited: { ...waited, until: 20 } });
  expect(later.cells.get('c')!.jobIds).toEqual([4]);
});

test('one that never begins ends as it waits, also with its kernel', () => {
  const cancelled = viewOf(waiting(10, order), { type: 'jobEnd', jobId: 4, time: 30, status: 'cancelled' });
  expect(cancelled.jobs.get(4)).toMatchObject({
    ...{ status: 'cancelled', startedAt: 10, endedAt: 30, waited: { since: 10, until: 30 } },
  });
  const dead = viewOf(waiting(10, order), { type: 'kernelStatus', status: 'dead', time: 40 });
  expect(dead.jobs.get(4)).toMatchObject({ status: 'failed', endedAt: 40, waited: { until: 40 } });
});

test('words say for which jobs, and why', () => {
  const said = (wait: JobWait) => `${waitWords(wait)}: ${waitReason(wait)}`;
  expect(said(order)).toBe(
    'waits for jobs 1, 2: map outputs of reduceByKey (RDD 5) are still read in another order than this job needs',
  );
  expect(said({ code: 'OTHER_LIFE', jobIds: [1], rddId: 2, rddName: 'map' })).toBe(
    'waits for job 1: what was made of other rows of map (RDD 2) than this job reads is still in use',
  );
  expect(said({ code: 'EARLIER_JOB', jobIds: [3], rddId: 2, rddName: 'map' })).toBe(
    'waits for job 3: it waits, too, and is the first to have map (RDD 2) made again',
  );
  expect(said({ code: 'PREPARATION', jobIds: [] })).toBe('waits: rows are sampled or counted first');
});
