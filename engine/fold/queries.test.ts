import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TaskMetrics } from '../protocol.ts';
import { TASK_METRICS } from '../protocol.ts';
import { seededRandom } from '../testing-random.ts';
import type { StageTasksAnswer, TimelineAnswer, ViewQuery } from '../viewer-protocol.ts';
import { generateEvents } from './event-generator.ts';
import { createViewState, fold } from './fold.ts';
import { createProgress } from './progress.ts';
import { fiveNumbers } from './quantiles.ts';
import { answerQuery } from './queries.ts';
import type { StageView, ViewState } from './state.ts';
import { TaskColumns } from './task-columns.ts';

const seeds = fc.integer({ min: 0, max: 1e9 });

function generatedState(seed: number, unfinished = false): ViewState {
  const state = createViewState('b');
  const options = { seed, unfinished, jobs: 3, tasksPerStage: 80 };
  for (const event of generateEvents(options)) fold(state, event, { tasks: true });
  return state;
}

interface NaiveTask {
  launch: number;
  end: number;
  failed: boolean;
  running: boolean;
}

function naiveTasks(stages: Iterable<StageView>, now: number): NaiveTask[] {
  const all: NaiveTask[] = [];
  for (const { tasks } of stages) {
    for (let row = 0; row < (tasks?.length ?? 0); row++) {
      const running = tasks!.status[row] === 0;
      const launch = tasks!.launchTime[row]!;
      const end = running ? Math.max(now, launch) : tasks!.finishTime[row]!;
      all.push({ launch, end, failed: tasks!.status[row] === 2, running });
    }
  }
  return all;
}

function sums(answer: TimelineAnswer): { count: number; failed: number; running: number } {
  const total = { count: 0, failed: 0, running: 0 };
  for (const slice of answer.lanes.flatMap((lane) => lane.slices)) {
    total.count += slice.count;
    total.failed += slice.failed;
    total.running += slice.running;
  }
  return total;
}

test('timeline counts are exact at any zoom, by executor and by partition', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const lanes = fc.constantFrom('executor' as const, 'partition' as const);
  fc.assert(
    fc.property(seeds, share, share, fc.integer({ min: 1, max: 2_000 }), lanes, (seed, a, b, width, by) => {
      const state = generatedState(seed % 50, seed % 2 === 0);
      const now = 1_800_000_100_000;
      const tasks = naiveTasks(state.stages.values(), now);
      const whole = answerQuery(state, { type: 'timeline', lanes: by, width }, now) as TimelineAnswer;
      expect(whole.totalTasks).toBe(tasks.length);
      expect(sums(whole).count).toBe(tasks.length);
      expect(whole.extent).toEqual([
        Math.min(...tasks.map(({ launch }) => launch)),
        Math.max(...tasks.map(({ end }) => end)),
      ]);
      const [first, last] = whole.extent;
      const from = first + Math.min(a, b) * (last - first);
      const to = first + Math.max(a, b) * (last - first) + 0.01;
      const seen = tasks.filter(({ launch, end }) => end >= from && launch <= to);
      const answer = answerQuery(
        state,
        { type: 'timeline', lanes: by, width, from, to },
        now,
      ) as TimelineAnswer;
      expect(sums(answer)).toEqual({
        count: seen.length,
        failed: seen.filter(({ failed }) => failed).length,
        running: seen.filter(({ running }) => running).length,
      });
      const pixel = (to - from) / width;
      for (const { slices } of answer.lanes) {
        expect(slices.map(({ start }) => start)).toEqual(
          slices.map(({ start }) => start).sort((x, y) => x - y),
        );
        for (const slice of slices) {
          if (slice.count === 1) expect(slice.task).toBeDefined();
          else expect(slice.end - Math.max(slice.start, from)).toBeLessThan(4 * pixel + 0.03);
        }
      }
    }),
    { numRuns: 80 },
  );
});

test('the timeline follows a stage that grows between queries, and one job at a time can be seen', () => {
  const state = createViewState('b');
  let asked = 0;
  for (const event of generateEvents({ seed: 3, jobs: 3, tasksPerStage: 300 })) {
    fold(state, event, { tasks: true });
    if (++asked % 100 !== 0) continue;
    const answer = answerQuery(
      state,
      { type: 'timeline', lanes: 'executor', width: 50 },
      1.9e12,
    ) as TimelineAnswer;
    expect(sums(answer).count).toBe(naiveTasks(state.stages.values(), 0).length);
  }
  const ofJob = [...state.stages.values()].filter((stage) => stage.jobIds.includes(1));
  const query: ViewQuery = { type: 'timeline', lanes: 'partition', width: 9, jobIds: [1] };
  expect(sums(answerQuery(state, query, 1.9e12) as TimelineAnswer).count).toBe(naiveTasks(ofJob, 0).length);
});

/** One stage whose tasks run back to back on `executors` lanes, a wave after a wave. */
function largeState(count: number, executors: number): ViewState {
  const state = createViewState('b');
  const random = seededRandom(1);
  const tasks = new TaskColumns(count);
  const free = Array.from({ length: executors }, () => 0);
  for (let i = 0; i < count; i++) {
    const executor = i % executors;
    const launchTime = Math.max(free[executor]!, i > 0 ? tasks.launchTime[i - 1]! : 0);
    const row = tasks.start({
      taskId: i,
      stageId: 0,
      stageAttempt: 0,
      index: i,
      partition: i,
      attempt: 0,
      executorId: String(executor),
      launchTime,
    });
    const executorRunTime = 1 + random() * 10;
    free[executor] = launchTime + executorRunTime;
    tasks.end(row, free[executor]!, 1, { executorRunTime, shuffleReadTime: 1, inputRecords: i });
  }
  const info = {
    stageId: 0,
    attempt: 0,
    kind: 'result',
    name: 's',
    numTasks: count,
    parentIds: [],
    rdds: [],
  } as const;
  const stage: StageView = {
    key: '0.0',
    info: { ...info, parentIds: [], rdds: [] },
    status: 'complete',
    jobIds: [0],
    progress: createProgress(0, 0),
    tasks,
  };
  state.stages.set('0.0', stage);
  return state;
}

test('a timeline answer stays under the message limit, its counts and phases exact', () => {
  const state = largeState(30_000, 64);
  for (const lanes of ['executor', 'partition'] as const) {
    const answer = answerQuery(state, { type: 'timeline', lanes, width: 4_096 }, 0) as TimelineAnswer;
    expect(JSON.stringify(answer).length).toBeLessThan(256 * 1024);
    expect(answer.lanes.length).toBeLessThanOrEqual(128);
    expect(sums(answer).count).toBe(30_000);
    const slices = answer.lanes.flatMap((lane) => lane.slices);
    expect(slices.reduce((sum, slice) => sum + slice.phases[2]!, 0)).toBe(30_000);
  }
});

test('five numbers are those of a sorted array', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 200 }), (values) => {
      const sorted = [...values].sort((a, b) => a - b);
      const at = (q: number): number => sorted[Math.min(Math.floor(q * sorted.length), sorted.length - 1)]!;
      expect(fiveNumbers(Float64Array.from(values))).toEqual([0, 0.25, 0.5, 0.75, 1].map(at));
    }),
  );
});

test('a page of the task table is that page of the sorted table', () => {
  const column = fc.constantFrom('index', 'duration', 'status', 'launchTime', 'gcTime', 'executorId');
  fc.assert(
    fc.property(
      seeds,
      column,
      fc.boolean(),
      fc.nat(60),
      fc.nat(60),
      (seed, by, descending, offset, limit) => {
        const state = generatedState(seed % 20);
        const stage = [...state.stages.values()].find((view) => (view.tasks?.length ?? 0) > 0)!;
        const query = {
          type: 'stageTasks',
          stageId: stage.info.stageId,
          attempt: stage.info.attempt,
        } as const;
        const all = (answerQuery(state, { ...query, offset: 0, limit: 200 }, 0) as StageTasksAnswer).rows;
        const sort = { column: by as keyof TaskMetrics, descending };
        const page = answerQuery(state, { ...query, offset, limit, sort }, 0) as StageTasksAnswer;
        const key = (row: (typeof all)[number]): number => {
          if (by === 'duration') return row.duration!;
          if (by === 'status') return ['running', 'success', 'failed', 'killed'].indexOf(row.status);
          if (by === 'gcTime') return row.metrics.gcTime;
          if (by === 'executorId') return Number(row.task.executorId);
          return by === 'index' ? row.task.index : row.task.launchTime;
        };
        const sorted = [...all].sort((a, b) => (descending ? key(b) - key(a) : key(a) - key(b)));
        expect(page.total).toBe(stage.tasks!.length);
        expect(page.rows.map((row) => row.task.taskId)).toEqual(
          sorted.slice(offset, offset + limit).map((row) => row.task.taskId),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('the stage summary lists the duration and every metric over successful tasks, and is remembered', () => {
  const state = largeState(1_000, 4);
  const query = { type: 'stageSummary', stageId: 0, attempt: 0 } as const;
  const answer = answerQuery(state, query, 0);
  expect(answer).toMatchObject({ taskCount: 1_000 });
  if (answer.type !== 'stageSummary') throw new Error('wrong answer');
  expect(answer.quantiles.map(({ metric }) => metric)).toEqual(['duration', ...TASK_METRICS]);
  expect(answer.quantiles.find(({ metric }) => metric === 'inputRecords')?.values).toEqual([
    0, 250, 500, 750, 999,
  ]);
  expect(answerQuery(state, query, 0)).toBe(answer);
});

test('a stage that is not held is answered as empty', () => {
  const state = createViewState('b');
  const stage = { stageId: 9, attempt: 0 };
  expect(answerQuery(state, { type: 'stageTasks', offset: 0, limit: 10, ...stage }, 0)).toEqual({
    type: 'stageTasks',
    total: 0,
    all: 0,
    offset: 0,
    rows: [],
  });
  expect(answerQuery(state, { type: 'timeline', lanes: 'executor', width: 100 }, 5)).toEqual({
    type: 'timeline',
    from: 5,
    to: 5,
    extent: [5, 5],
    totalTasks: 0,
    lanes: [],
  });
});
