/** The task table's filters and pages, and the executors' sums, against plain loops over all rows. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StageExecutorsAnswer, StageTasksAnswer, TaskRow, ViewQuery } from '../viewer-protocol.ts';
import { generateEvents } from './event-generator.ts';
import { createViewState, fold } from './fold.ts';
import { answerQuery } from './queries.ts';
import { MAX_TASK_ROWS } from './task-table.ts';

type TasksQuery = Extract<ViewQuery, { type: 'stageTasks' }>;

const NOW = 1_900_000_000_000;

function largestStage(seed: number) {
  const state = createViewState('b');
  for (const event of generateEvents({ seed, jobs: 2, tasksPerStage: 300, unfinished: seed % 2 === 0 }))
    fold(state, event, { tasks: true });
  const [stage] = [...state.stages.values()].sort((a, b) => (b.tasks?.length ?? 0) - (a.tasks?.length ?? 0));
  return { state, stage: stage! };
}

function ask(seed: number, change: Partial<TasksQuery>): StageTasksAnswer {
  const { state, stage } = largestStage(seed);
  const { stageId, attempt } = stage.info;
  const query: TasksQuery = { type: 'stageTasks', stageId, attempt, offset: 0, limit: 200, ...change };
  return answerQuery(state, query, NOW) as StageTasksAnswer;
}

function allRows(seed: number, change: Partial<TasksQuery> = {}): TaskRow[] {
  const rows: TaskRow[] = [];
  for (;;) {
    const answer = ask(seed, { ...change, offset: rows.length, limit: MAX_TASK_ROWS });
    rows.push(...answer.rows);
    if (rows.length >= answer.total || answer.rows.length === 0) return rows;
  }
}

const seeds = fc.integer({ min: 0, max: 12 });
const statuses = fc.option(fc.constantFrom('running', 'success', 'failed', 'killed'), { nil: undefined });
const sorts = fc.option(
  fc.record({
    column: fc.constantFrom('index', 'duration', 'executorRunTime', 'executorId', 'status'),
    descending: fc.boolean(),
  }),
  { nil: undefined },
);

test('a filter keeps the matching rows in their order, with exact totals', () => {
  fc.assert(
    fc.property(seeds, statuses, sorts, fc.boolean(), (seed, status, sort, ofOne) => {
      const all = allRows(seed, { ...(sort && { sort }) });
      const executorId = ofOne ? all[0]?.task.executorId : undefined;
      const filter = { ...(status && { status }), ...(executorId && { executorId }) } as Partial<TasksQuery>;
      const matching = all.filter(
        (row) => (!status || row.status === status) && (!executorId || row.task.executorId === executorId),
      );
      const answer = ask(seed, { ...filter, ...(sort && { sort }), offset: 3, limit: 20 });
      expect(answer).toMatchObject({ total: matching.length, all: all.length });
      expect(answer.rows).toEqual(matching.slice(3, 23));
    }),
    { numRuns: 40 },
  );
});

test('asked for a task, the answer is the page that holds it', () => {
  fc.assert(
    fc.property(seeds, sorts, fc.nat(), fc.integer({ min: 1, max: 50 }), (seed, sort, pick, limit) => {
      const all = allRows(seed, { ...(sort && { sort }) });
      const at = pick % all.length;
      const answer = ask(seed, { ...(sort && { sort }), limit, taskId: all[at]!.task.taskId });
      expect(answer.offset).toBe(at - (at % limit));
      expect(answer.rows).toEqual(all.slice(answer.offset, answer.offset + limit));
      const { partition, attempt } = all[at]!.task;
      const place = { partition, attempt };
      expect(ask(seed, { ...(sort && { sort }), limit, place })).toEqual(answer);
    }),
    { numRuns: 40 },
  );
});

test('a task that is not there leaves the page as asked, an executor without tasks has none', () => {
  expect(ask(1, { taskId: 4_000_000, offset: 5, limit: 2 })).toMatchObject({ offset: 5 });
  expect(ask(1, { executorId: 'nobody' })).toMatchObject({ total: 0, rows: [] });
});

test('executors sum to what their rows say', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { state, stage } = largestStage(seed);
      const { stageId, attempt } = stage.info;
      const { executors } = answerQuery(
        state,
        { type: 'stageExecutors', stageId, attempt },
        NOW,
      ) as StageExecutorsAnswer;
      const rows = allRows(seed);
      expect(executors.reduce((sum, { total }) => sum + total, 0)).toBe(rows.length);
      for (const executor of executors) {
        const own = rows.filter(({ task }) => task.executorId === executor.executorId);
        const ended = own.filter(({ status }) => status !== 'running');
        const count = (status: string) => own.filter((row) => row.status === status).length;
        expect(executor).toMatchObject({
          total: own.length,
          running: count('running'),
          failed: count('failed'),
          killed: count('killed'),
          succeeded: count('success'),
        });
        expect(executor.taskTime).toBeCloseTo(
          ended.reduce((sum, row) => sum + row.duration!, 0),
          3,
        );
        expect(executor.metrics.shuffleReadBytes).toBeCloseTo(
          own.reduce((sum, row) => sum + row.metrics.shuffleReadBytes, 0),
          3,
        );
      }
    }),
    { numRuns: 13 },
  );
});

test('a task that is started again says why', () => {
  const { state, stage } = largestStage(1);
  const { stageId, attempt } = stage.info;
  const task = {
    taskId: 9_000_000,
    stageId,
    stageAttempt: attempt,
    index: 0,
    partition: 0,
    attempt: 1,
    executorId: '0',
    launchTime: NOW,
  };
  fold(state, { type: 'taskStart', task, reason: 'executor 3 was lost' }, { tasks: true });
  const query: TasksQuery = {
    type: 'stageTasks',
    stageId,
    attempt,
    offset: 0,
    limit: 200,
    taskId: task.taskId,
  };
  const { rows } = answerQuery(state, query, NOW) as StageTasksAnswer;
  expect(rows.at(-1)).toMatchObject({ status: 'running', reason: 'executor 3 was lost' });
});
