/** Tasks of several partitions, by the task scheduler itself: what viewers see, and what is tried again. */
import { expect, test } from 'vitest';
import { zeroMetrics } from '../fold/progress.ts';
import type { TaskEndReason } from '../protocol.ts';
import type { JoinPiece } from '../rdd/plan.ts';
import type { TaskCommand, TaskEvent, TaskSet } from './events.ts';
import { TaskScheduler } from './task-scheduler.ts';
import { TaskHarness } from './test-task-harness.ts';

const SUCCESS: TaskEndReason = { kind: 'success' };
const BOOM: TaskEndReason = { kind: 'exception', error: { code: 'USER', name: 'Error', message: 'boom' } };

/** Six partitions in two tasks: 0–3 and 4–5. */
function rig(executors: string[]) {
  const scheduler = new TaskScheduler();
  const seen: string[] = [];
  const rows: (number[] | undefined)[] = [];
  const dag: string[] = [];
  const queues = new Map<string, { taskId: number; index: number }[]>();
  let now = 0;
  const take = (commands: TaskCommand[]) => {
    for (const command of commands) {
      if (command.type === 'launch')
        queues.set(command.executorId, [...(queues.get(command.executorId) ?? []), ...command.tasks]);
      else if (command.type === 'dag') {
        if ('index' in command.event) dag.push(`${command.event.type} ${command.event.index}`);
        else dag.push(command.event.type);
      } else if (command.type === 'emit') {
        const { event } = command;
        if (event.type === 'taskStart')
          seen.push(`start ${event.task.partition}+${event.task.numPartitions ?? '-'}`);
        if (event.type !== 'taskEnd') continue;
        seen.push(`${event.status} ${event.task.partition}+${event.task.numPartitions ?? '-'}`);
        rows.push(event.rowsByRdd);
      }
    }
  };
  const post = (event: TaskEvent) => take(scheduler.step(event, now));
  for (const executorId of executors) post({ type: 'executorAdded', executorId });
  const indices = [0, 1, 2, 3, 4, 5];
  const plan = { stageId: 0, attempt: 0, nodes: [] as unknown } as TaskSet['plan'];
  post({
    type: 'taskSetSubmitted',
    taskSet: {
      stageId: 0,
      attempt: 0,
      jobId: 0,
      plan,
      epoch: 0,
      indices,
      partitions: indices,
      groupStarts: [0, 4],
    },
  });
  const end = (executorId: string, reason: TaskEndReason = SUCCESS) => {
    const { taskId, index } = queues.get(executorId)!.shift()!;
    const startTime = now;
    now += 10;
    const rowsByRdd = reason.kind === 'success' ? [10 + index] : undefined;
    const base = {
      taskId,
      reason,
      metrics: { ...zeroMetrics(), executorRunTime: 1 },
      startTime,
      endTime: now,
    };
    post({ type: 'taskEnded', executorId, end: { ...base, ...(rowsByRdd ? { rowsByRdd } : {}) } });
    return index;
  };
  return { scheduler, post, end, seen, rows, dag, queues };
}

test('a task of several partitions starts and ends once, with the sum of what they did', () => {
  const { end, seen, rows, dag, scheduler } = rig(['a', 'b']);
  for (let i = 0; i < 4; i++) end('a');
  expect(seen).toEqual(['start 0+4', 'start 4+2', 'success 0+4']);
  expect(rows).toEqual([[10 + 11 + 12 + 13]]);
  end('b');
  end('b');
  expect(seen.at(-1)).toBe('success 4+2');
  expect(dag).toEqual([0, 1, 2, 3, 4, 5].map((index) => `taskSucceeded ${index}`));
  expect(scheduler.empty).toBe(true);
});

test('only partitions that failed are computed again, in one task, whose rows are those of all', () => {
  const { end, seen, rows, queues, scheduler } = rig(['a']);
  end('a');
  end('a', BOOM);
  end('a');
  expect(seen).toEqual(['start 0+4']);
  end('a', BOOM);
  expect(seen.slice(1, 2)).toEqual(['failed 0+4']);
  expect(queues.get('a')!.map((task) => task.index)).toEqual([1, 3]);
  end('a');
  end('a');
  end('a');
  end('a');
  expect(seen).toEqual(['start 0+4', 'failed 0+4', 'start 1+2', 'success 1+2', 'start 4+2', 'success 4+2']);
  expect(rows[1]).toEqual([10 + 11 + 12 + 13]);
  expect(scheduler.empty).toBe(true);
});

test('of a task whose executor is lost, the partitions that had come through are not computed again', () => {
  const { post, end, seen, queues, dag } = rig(['a']);
  end('a');
  queues.clear();
  post({ type: 'executorRemoved', executorId: 'a', reason: 'gone', causedByTask: false });
  expect(seen).toEqual(['start 0+4', 'failed 0+4']);
  post({ type: 'executorAdded', executorId: 'b' });
  expect(queues.get('b')!.map((task) => task.index)).toEqual([1, 2, 3]);
  expect(dag).toEqual(['taskSucceeded 0', 'executorLost']);
});

test('a partition that fails too often ends its task set, whatever else its task held', () => {
  const { end, dag } = rig(['a']);
  for (let round = 0; round < 3; round++) {
    expect(end('a', BOOM)).toBe(0);
    if (round === 0) for (let i = 1; i < 4; i++) end('a');
  }
  end('a', BOOM);
  expect(dag.filter((each) => each === 'taskSetFailed')).toHaveLength(1);
});

test('a piece that ends well after it came through in an older attempt counts as a late copy', () => {
  const sides: JoinPiece['sides'] = [undefined, undefined];
  const pieces = [0, 1].map((number): JoinPiece => ({ number, of: 2, sides }));
  const h = new TaskHarness().executors('a', 'b');
  h.submit(0, 2, { indices: [0, 0], partitions: [0, 0], groupStarts: [0, 1], pieces });
  h.post({ type: 'taskDone', stageId: 0, index: 0, piece: 1 });
  h.end(SUCCESS, 10, '0/0@a');
  h.end(SUCCESS);
  expect(h.told('taskEnd').map(({ status }) => status)).toEqual(['success', 'killed']);
  expect(h.scheduler.empty).toBe(true);
});

test('pieces of a partition that came through as a whole elsewhere are not computed any more', () => {
  const sides: JoinPiece['sides'] = [undefined, undefined];
  const pieces = [0, 1, 2].map((number): JoinPiece => ({ number, of: 3, sides }));
  const h = new TaskHarness().executors('a');
  h.submit(0, 4, {
    indices: [0, 0, 0, 1],
    partitions: [0, 0, 0, 1],
    groupStarts: [0, 1, 2, 3],
    pieces: [...pieces, undefined],
  });
  expect(h.labels()).toEqual(['0/0@a']);
  h.post({ type: 'taskDone', stageId: 0, index: 0 });
  h.end(SUCCESS);
  expect(h.labels()).toEqual(['0/1@a']);
  h.end(SUCCESS);
  expect(h.scheduler.empty).toBe(true);
});

test('fetch failures leave the rest of a task to end as it may', () => {
  const { end, dag, seen, scheduler } = rig(['a']);
  const reason: TaskEndReason = {
    kind: 'fetchFailed',
    shuffleId: 0,
    mapIndex: 0,
    reduceId: 1,
    executorId: 'x',
    message: 'lost',
  };
  end('a');
  end('a', reason);
  end('a');
  end('a');
  expect(dag).toEqual(['taskSucceeded 0', 'fetchFailed 1', 'taskSucceeded 2', 'taskSucceeded 3']);
  expect(seen).toEqual(['start 0+4', 'failed 0+4']);
  expect(scheduler.empty).toBe(true);
});
