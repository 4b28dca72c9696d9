import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OperatorTimes, SequencedEvent, StagelightEvent } from '../protocol.ts';
import { generateEvents } from './event-generator.ts';
import { createViewState, fold, foldBatch } from './fold.ts';
import { copyProgress, countEnd, createProgress } from './progress.ts';
import { batchesForViewers, reduceForViewers } from './reduce-for-viewers.ts';
import { fromSnapshot, toSnapshot } from './snapshot.ts';
import type { ViewState } from './state.ts';

const seeds = fc.integer({ min: 0, max: 1e9 });
const throughJson = (state: ViewState): ViewState =>
  fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(state))));
const generated = (seed: number): SequencedEvent[] =>
  [...generateEvents({ seed, unfinished: seed % 2 === 0 })].map((event, i) => ({ seq: i + 1, event }));

function folded(events: readonly SequencedEvent[], tasks: boolean, state = createViewState('b')): ViewState {
  for (const { seq, event } of events) {
    fold(state, event, { tasks });
    state.seq = seq;
  }
  return state;
}

/** What a viewer must agree on with the full fold: everything but task columns and the count of foldings. */
function visible(state: ViewState): unknown {
  return { ...toSnapshot(state), stateVersion: 0 };
}

test('a snapshot at N and the events after N give the state of all events', () => {
  fc.assert(
    fc.property(seeds, fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
      const events = generated(seed);
      const cut = Math.floor(events.length * share);
      const resumed = folded(events.slice(cut), false, throughJson(folded(events.slice(0, cut), false)));
      expect(resumed).toEqual(folded(events, false));
    }),
    { numRuns: 60 },
  );
});

test('a viewer with stage progress in place of task events sees what the full fold sees, batch by batch', () => {
  fc.assert(
    fc.property(
      seeds,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 300, max: 20_000 }),
      (seed, size, bytes) => {
        const events = generated(seed);
        const full = createViewState('b');
        const viewer = createViewState('b');
        for (let start = 0; start < events.length; start += size) {
          const raw = events.slice(start, start + size);
          folded(raw, true, full);
          const reduced = reduceForViewers(full, raw);
          expect(reduced.every(({ event }) => event.type !== 'taskStart' && event.type !== 'taskEnd')).toBe(
            true,
          );
          const batches = batchesForViewers('b', raw[0]!.seq, raw.at(-1)!.seq, reduced, bytes);
          for (const batch of batches) {
            expect(batch.events.length === 1 || JSON.stringify(batch).length <= bytes).toBe(true);
            expect(foldBatch(viewer, batch)).toBe('applied');
            expect(foldBatch(viewer, batch)).toBe('duplicate');
          }
          expect(viewer.seq).toBe(full.seq);
        }
        expect(visible(viewer)).toEqual(visible(full));
      },
    ),
    { numRuns: 60 },
  );
});

test('counters, columns and executors of the full fold agree with a naive count of the events', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const events = generated(seed);
      const state = folded(events, true);
      const starts = new Map<string, number>();
      const rows = new Map<string, number>();
      for (const { event } of events) {
        if (event.type !== 'taskStart' && event.type !== 'taskEnd') continue;
        const key = `${event.task.stageId}.${event.task.stageAttempt}`;
        if (event.type === 'taskStart') starts.set(key, (starts.get(key) ?? 0) + 1);
        else rows.set(key, (rows.get(key) ?? 0) + event.metrics.inputRecords);
      }
      for (const [key, count] of starts) {
        const { tasks, progress } = state.stages.get(key)!;
        expect(tasks!.length).toBe(count);
        expect(progress.totals.inputRecords).toBe(rows.get(key) ?? 0);
        const byStatus = [0, 0, 0, 0];
        for (let row = 0; row < count; row++) byStatus[tasks!.status[row]!]!++;
        const { numRunning, numSucceeded, numFailed, numKilled } = progress;
        expect([numRunning, numSucceeded, numFailed, numKilled]).toEqual(byStatus);
      }
      let held = 0;
      for (const stage of state.stages.values()) held += stage.tasks?.length ?? 0;
      expect(state.taskRows).toBe(held);
    }),
    { numRuns: 60 },
  );
});

test('a batch of another boot or after a gap asks for a new join and changes nothing', () => {
  const state = createViewState('b');
  expect(foldBatch(state, { boot: 'x', from: 1, to: 1, events: [] })).toBe('gap');
  expect(foldBatch(state, { boot: 'b', from: 2, to: 2, events: [] })).toBe('gap');
  expect(state).toEqual(createViewState('b'));
});

test('a kernel that dies leaves no job, stage or task running, and keeps outputs', () => {
  const state = folded([...generated(2)], true);
  const outputs = [...state.cells.values()].map((cell) => cell.outputs);
  fold(state, { type: 'kernelStatus', status: 'dead', time: 1.9e12 }, { tasks: true });
  expect([...state.jobs.values()].filter((job) => job.status === 'running')).toEqual([]);
  for (const stage of state.stages.values()) {
    expect(stage.status).not.toBe('active');
    expect(stage.progress.numRunning).toBe(0);
    if (stage.tasks) expect(stage.tasks.status.subarray(0, stage.tasks.length)).not.toContain(0);
  }
  expect([...state.cells.values()].map((cell) => cell.outputs)).toEqual(outputs);
});

test('the oldest ended jobs retire with the stages only they list', () => {
  const state = createViewState('b');
  for (const event of generateEvents({ seed: 7, jobs: 40 }))
    fold(state, event, { tasks: true, retainedJobs: 5 });
  expect([...state.jobs.keys()]).toEqual([35, 36, 37, 38, 39]);
  expect(state.retired.jobs).toBe(35);
  for (const stage of state.stages.values()) {
    expect(stage.jobIds.length).toBeGreaterThan(0);
    for (const jobId of stage.jobIds) expect(state.jobs.has(jobId)).toBe(true);
  }
});

test('task columns of old stages go first when too many rows are held', () => {
  const state = createViewState('b');
  for (const event of generateEvents({ seed: 8, jobs: 30 }))
    fold(state, event, { tasks: true, retainedTasks: 60 });
  expect(state.taskRows).toBeLessThanOrEqual(60 + 20);
  expect([...state.stages.values()].at(-1)?.tasks?.length).toBeGreaterThan(0);
});

test('a second run of a running cell waits its turn, and late output of an earlier run is dropped', () => {
  const state = createViewState('b');
  const cell = { cellId: 'c', kind: 'code' as const, source: '1', revision: 1 };
  const output = (runId: string, text: string): StagelightEvent => ({
    type: 'cellOutput',
    cellId: 'c',
    runId,
    output: { kind: 'text', text },
  });
  const events: StagelightEvent[] = [
    { type: 'notebookOpened', path: 'a.ts', cells: [cell], time: 1 },
    { type: 'cellQueued', cellId: 'c', runId: 'r1', time: 2 },
    { type: 'cellStarted', cellId: 'c', runId: 'r1', time: 3, executionCount: 1, source: '1' },
    { type: 'cellQueued', cellId: 'c', runId: 'r2', time: 4 },
    output('r1', 'first'),
  ];
  for (const event of events) fold(state, event);
  expect(state.cells.get('c')).toMatchObject({ status: 'running', runId: 'r1', queuedRunId: 'r2' });
  fold(state, { type: 'cellFinished', cellId: 'c', runId: 'r1', time: 5, status: 'ok' });
  expect(state.cells.get('c')).toMatchObject({ status: 'queued', runId: 'r2', outputs: [{ text: 'first' }] });
  fold(state, { type: 'cellStarted', cellId: 'c', runId: 'r2', time: 6, executionCount: 2, source: '1' });
  fold(state, output('r1', 'late'));
  expect(state.cells.get('c')).toMatchObject({ status: 'running', runId: 'r2', outputs: [] });
});

test('a run taken out of the queue has no time, also not that of the run before it', () => {
  const state = createViewState('b');
  const cell = { cellId: 'c', kind: 'code' as const, source: '1', revision: 1 };
  const events: StagelightEvent[] = [
    { type: 'notebookOpened', path: 'a.ts', cells: [cell], time: 1 },
    { type: 'cellStarted', cellId: 'c', runId: 'r1', time: 3, executionCount: 1, source: '1' },
    { type: 'cellFinished', cellId: 'c', runId: 'r1', time: 5, status: 'ok' },
    { type: 'cellQueued', cellId: 'c', runId: 'r2', time: 6 },
    { type: 'cellFinished', cellId: 'c', runId: 'r2', time: 99, status: 'aborted' },
  ];
  for (const event of events) fold(state, event);
  expect(state.cells.get('c')?.status).toBe('aborted');
  expect(state.cells.get('c')?.startedAt).toBeUndefined();
});

test('a snapshot of an unknown version is refused by name', () => {
  const snapshot = { ...toSnapshot(createViewState('b')), version: 99 };
  expect(() => fromSnapshot(snapshot)).toThrow(
    'this view snapshot has format version 99; this program reads version 1',
  );
  expect(() => fromSnapshot('x')).toThrow('this is not a Stagelight view snapshot');
});

test('a progress event holds a copy of the counters', () => {
  const operatorTimes = { byRdd: [1], shuffleRead: 2, output: 3 };
  const progress = { ...createProgress(1, 0), rowsByRdd: [1], operatorTimes: structuredClone(operatorTimes) };
  const copy = copyProgress(progress);
  progress.totals.gcTime = 5;
  progress.rowsByRdd[0] = 9;
  progress.operatorTimes.byRdd[0] = 9;
  progress.operatorTimes.output = 9;
  expect(copy).toEqual({ ...createProgress(1, 0), rowsByRdd: [1], operatorTimes });
});

test('rows and times of operators are summed over the attempts that succeeded, unknown ones left out', () => {
  const progress = createProgress(1, 0);
  const end = (status: 'success' | 'failed' | 'killed', rows: number[], operatorTimes?: OperatorTimes) =>
    countEnd(progress, status, {}, rows, operatorTimes);
  const first = { byRdd: [4, -1], shuffleRead: -1, output: 1 };
  end('success', [5, 5], first);
  end('failed', [3, 3], { byRdd: [9, 9], shuffleRead: 9, output: 9 });
  end('killed', [3, 3], { byRdd: [9, 9], shuffleRead: 9, output: 9 });
  // An executor of an older log: it measured nothing.
  end('success', [1, 1]);
  end('success', [2, -1], { byRdd: [-1, 2.5], shuffleRead: 7, output: 0.5 });
  expect(progress.rowsByRdd).toEqual([8, 6]);
  expect(progress.operatorTimes).toEqual({ byRdd: [4, 2.5], shuffleRead: 7, output: 1.5 });
  expect(first).toEqual({ byRdd: [4, -1], shuffleRead: -1, output: 1 });
});
