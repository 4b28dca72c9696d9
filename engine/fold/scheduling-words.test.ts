/** Pools, barriers, second copies and exclusions: from events through snapshots to the words that page and history say. */
import { expect, test } from 'vitest';
import type { StageInfo, StagelightEvent, TaskInfo } from '../protocol.ts';
import { createViewState, fold } from './fold.ts';
import { zeroMetrics } from './progress.ts';
import { excludedWords, exclusionOf, poolWords, speculatedWords, stageNotes } from './scheduling-words.ts';
import { fromSnapshot, toSnapshot } from './snapshot.ts';
import { TaskColumns } from './task-columns.ts';
import { decodeRows, encodeRows } from './task-columns-codec.ts';
import { stageTasks } from './task-table.ts';
import { timeline } from './timeline.ts';

const info: StageInfo = {
  ...{ stageId: 3, attempt: 0, kind: 'result', name: 'count', numTasks: 4, parentIds: [], rdds: [] },
};
const submitted = (more: Partial<StageInfo> = {}, pool?: string): StagelightEvent => ({
  ...{ type: 'stageSubmitted', stage: { ...info, ...more }, jobIds: [], time: 1, ...(pool && { pool }) },
});
const added = (executorId: string): StagelightEvent => ({
  ...{ type: 'executorAdded', executorId, slot: 0, pid: 1, time: 0 },
});

function viewOf(...events: StagelightEvent[]) {
  const view = createViewState('b');
  for (const event of events) fold(view, event, { tasks: true });
  return view;
}

function notesOf(...events: StagelightEvent[]): string[] {
  const view = fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(viewOf(...events)))));
  return stageNotes(view.stages.get('3.0')!).map(({ word, text }) => `${word}: ${text}`);
}

const excluded = (executorId: string): StagelightEvent => ({
  ...{ type: 'executorExcluded', executorId, time: 2, failedTasks: 2, stageId: 3, stageAttempt: 0 },
  reason: '2 tasks of stage 3 failed on it',
});
const slow = (partition: number): StagelightEvent => ({
  ...{ type: 'speculativeTaskSubmitted', stageId: 3, stageAttempt: 0, index: partition, partition },
  ...{ executorId: '0', time: 3, reason: 'slow' },
});

test('a usual stage has nothing to note', () => {
  expect(notesOf(submitted())).toEqual([]);
  expect(notesOf(submitted({}, 'default'))).toEqual([]);
});

test('what is otherwise is noted in the order in which it came about', () => {
  const plan = {
    kind: 'coalesce',
    reason: '200 partitions into 4 tasks',
    partitions: 200,
    tasks: 4,
  } as const;
  expect(
    notesOf(
      submitted({ barrier: true }, 'training'),
      { type: 'adaptivePlan', stageId: 3, attempt: 0, time: 1, ...plan },
      slow(1),
      slow(2),
      excluded('1'),
      excluded('7'),
      excluded('1'),
    ),
  ).toEqual([
    'pool training: it shares the executors by the weight of this pool',
    'barrier: all 4 tasks start together, each on an executor of its own',
    'coalesced: 200 partitions into 4 tasks',
    'speculation: 2 partitions were found slow, to be run in a second copy when another executor is free',
    'excluded: executor 7 gets no more tasks of this stage: 2 tasks of stage 3 failed on it',
    'excluded: executor 1 gets no more tasks of this stage: 2 tasks of stage 3 failed on it',
  ]);
});

test('the short words are empty where there is nothing to say', () => {
  const stage = (...events: StagelightEvent[]) => viewOf(submitted(), ...events).stages.get('3.0')!;
  expect([poolWords({}), poolWords({ pool: 'default' }), poolWords({ pool: 'etl' })]).toEqual([
    '',
    '',
    'pool etl',
  ]);
  expect([speculatedWords(stage()), speculatedWords(stage(slow(0)))]).toEqual(['', '1 found slow']);
  expect(excludedWords(stage())).toBe('');
  expect(excludedWords(stage(excluded('1')))).toBe('executor 1 excluded');
  expect(excludedWords(stage(excluded('1'), excluded('2')))).toBe('2 executors excluded');
});

test('an executor is excluded from a stage, or from all until it is let back in', () => {
  const everywhere: StagelightEvent = {
    ...{
      type: 'executorExcluded',
      executorId: '2',
      time: 5,
      failedTasks: 3,
      until: 90,
      reason: '3 tasks failed',
    },
  };
  const view = viewOf(added('1'), added('2'), submitted(), excluded('1'), everywhere);
  const stage = view.stages.get('3.0')!;
  const said = (executorId: string) => exclusionOf(view.executors.get(executorId), stage, executorId);
  expect(said('0')).toBeUndefined();
  expect(said('1')).toBe('excluded from stage 3: 2 tasks of stage 3 failed on it');
  expect(said('2')).toBe('excluded from all stages: 3 tasks failed');
  fold(view, { type: 'executorUnexcluded', executorId: '2', time: 90, reason: 'the time is over' });
  expect(said('2')).toBeUndefined();
});

const task = (taskId: number, attempt: number, more: Partial<TaskInfo> = {}): TaskInfo => ({
  ...{ taskId, stageId: 3, stageAttempt: 0, index: 1, partition: 1, attempt, executorId: `${attempt}` },
  launchTime: 10 + taskId,
  ...more,
});
const ended = (of: TaskInfo, status: 'success' | 'killed'): StagelightEvent => ({
  ...{ type: 'taskEnd', task: of, finishTime: 500, status, metrics: zeroMetrics() },
  reason: status === 'success' ? { kind: 'success' } : { kind: 'killed', reason: 'the other ended first' },
});

test('a second copy and the attempt it replaced are told apart in table, timeline and keyframes', () => {
  const first = task(0, 0);
  const copy = task(1, 1, { speculative: true });
  const view = viewOf(
    ...[added('0'), added('1'), submitted()],
    { type: 'taskStart', task: first },
    { type: 'taskStart', task: copy, reason: 'it is speculative: attempt 0 is slow' },
    ended(copy, 'success'),
    ended(first, 'killed'),
  );
  const stage = view.stages.get('3.0')!;
  const { rows } = stageTasks(
    stage,
    { type: 'stageTasks', stageId: 3, attempt: 0, offset: 0, limit: 9 },
    600,
  );
  expect(rows.map(({ task: { speculative }, status }) => [speculative, status])).toEqual([
    [undefined, 'killed'],
    [true, 'success'],
  ]);
  const { lanes } = timeline(view, { type: 'timeline', lanes: 'executor', width: 400 }, 600);
  expect(lanes.map(({ slices: [slice] }) => [slice?.task?.speculative, slice?.task?.killed])).toEqual([
    [undefined, true],
    [true, undefined],
  ]);
  const restored = new TaskColumns();
  expect(decodeRows(restored, 0, encodeRows(stage.tasks!, 0, 2))).toBe(2);
  expect([0, 1].map((row) => restored.isSpeculative(row))).toEqual([false, true]);
});
