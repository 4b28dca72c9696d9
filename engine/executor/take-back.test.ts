/**
 * Every order in which an executor and control can come to the file between them. A side is played again up to where it
 * stood before it takes its next step, so what runs is what the engine runs.
 */
import { mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TaskLaunch } from '../scheduler/backend.ts';
import { seededRandom } from '../testing.ts';
import { headTask, TaskStarts, takeBack } from './take-back.ts';
import { TaskFile, TaskFileOwner } from './task-file.ts';

const PAUSE = new Error('the next step');

type Access = <T>(step: () => T) => T;

/** Something deterministic that goes on by one access at a time. */
class Side<Result> {
  readonly #body: (access: Access) => Result;
  readonly #seen: unknown[] = [];
  result: Result | undefined;
  done = false;

  constructor(body: (access: Access) => Result) {
    this.#body = body;
  }

  step(): void {
    let at = 0;
    let stepped = false;
    const access: Access = (step) => {
      if (at === this.#seen.length) {
        if (stepped) throw PAUSE;
        stepped = true;
        this.#seen.push(step());
      }
      return this.#seen[at++] as never;
    };
    try {
      this.result = this.#body(access);
      this.done = true;
    } catch (error) {
      if (error !== PAUSE) throw error;
    }
  }
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'take-back-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Executed {
  ran: number[];
  left: number[];
}

/** As a slot does with its queue. */
function executor(file: TaskFile, queue: TaskLaunch[], access: Access): Executed {
  const executed: Executed = { ran: [], left: [] };
  const starts = new TaskStarts({
    begins: (taskId: number) => access(() => file.begins(taskId)),
    takenBack: () => access(() => file.takenBack()),
    kept: () => access(() => file.kept()),
    leaves: (taskId: number) => access(() => file.leaves(taskId)),
  });
  for (const launch of queue) (starts.mayBegin(launch) ? executed.ran : executed.left).push(launch.taskId);
  return executed;
}

/** Accesses of control when it takes back once. */
const OF_CONTROL = 4;

/** All orders of so many steps of each of two sides, as bits. */
function* orders(mine: number, others: number): Generator<boolean[]> {
  if (mine === 0 && others === 0) yield [];
  if (mine > 0) for (const rest of orders(mine - 1, others)) yield [true, ...rest];
  if (others > 0) for (const rest of orders(mine, others - 1)) yield [false, ...rest];
}

const alone = (ids: number[]): TaskLaunch[] =>
  ids.map((taskId) => ({ taskId, index: taskId, partition: taskId, attempt: 0 }));
const grouped = (ids: number[], group: { first: number; last: number }): TaskLaunch[] =>
  alone(ids).map((launch) => ({ ...launch, group }));

/** Some orders in which control takes back twice. */
function* someOrders(tasks: number, count: number): Generator<boolean[]> {
  const random = seededRandom(124);
  for (let i = 0; i < count; i++)
    yield Array.from({ length: tasks * 3 + OF_CONTROL * 2 }, () => random() < 0.5);
}

/** The first of one was begun and the second dropped when the stage was given up; then both come again. */
const again: TaskLaunch[] = [4, 4, 5].map((partition, i) => ({
  ...{ taskId: 3 + i, index: partition, partition, attempt: i === 0 ? 0 : 1 },
  group: { first: 4, last: 5 },
}));

const QUEUES: Record<string, TaskLaunch[]> = {
  alone: alone([3, 4, 255, 256]),
  'some of them one task to viewers': [
    ...alone([3]),
    ...grouped([4, 5], { first: 4, last: 5 }),
    ...grouped([6, 7], { first: 6, last: 7 }),
  ],
  'one of them twice': again,
};

/** Control's side: it has heard of what is over but for so many tasks, and takes back what it has not yet. */
function control(owner: TaskFileOwner, queue: TaskLaunch[], untold: number, taken: number[]) {
  const at = owner.standing()?.taskId ?? -1;
  const heard = Math.max(0, queue.filter(({ taskId }) => taskId < at).length - untold);
  const held = queue.slice(heard).filter(({ taskId }) => !taken.includes(taskId));
  const tasks = new Map(held.map((launch) => [launch.taskId, launch]));
  return new Side((access) =>
    takeBack(
      {
        keep: (taskId) => access(() => owner.keep(taskId)),
        takeBack: (last) => access(() => owner.takeBack(last)),
        standing: () => access(() => owner.standing()),
      },
      tasks,
    ),
  );
}

function opened(): { owner: TaskFileOwner; file: TaskFile } {
  const path = join(folder, 'tasks.0');
  const owner = new TaskFileOwner(path);
  const file = new TaskFile(path);
  // One that is written anew is flushed to the disk; one without a name is not.
  unlinkSync(path);
  return { owner, file };
}

/** What the executor ran and left, and what control took, twice: what is left then is behind something else. */
function played(queue: TaskLaunch[], order: boolean[], untold: number): Executed & { taken: number[] } {
  const { owner, file } = opened();
  const ofExecutor = new Side((access) => executor(file, queue, access));
  const taken: number[] = [];
  let ofControl: ReturnType<typeof control> | undefined;
  for (const isExecutors of order) {
    if (isExecutors) {
      if (!ofExecutor.done) ofExecutor.step();
      continue;
    }
    ofControl ??= control(owner, queue, untold, taken);
    ofControl.step();
    if (!ofControl.done) continue;
    taken.push(...(ofControl.result?.taken ?? []));
    ofControl = undefined;
  }
  while (!ofExecutor.done) ofExecutor.step();
  owner.close();
  file.close();
  return { ...ofExecutor.result!, taken };
}

test.each(Object.entries(QUEUES))(
  'no task is begun by an executor and taken back, and none is lost: %s',
  (_, queue) => {
    const ids = queue.map(({ taskId }) => taskId);
    let all = 0;
    let wereTaken = 0;
    let wereTold = 0;
    for (const order of [...orders(queue.length * 2, OF_CONTROL), ...someOrders(queue.length, 300)]) {
      for (const untold of [0, 2]) {
        const { ran, left, taken } = played(queue, order, untold);
        const where = `${order.map((mine) => (mine ? 'e' : 'c')).join('')}, ${untold} untold`;
        expect(
          ran.filter((id) => taken.includes(id)),
          where,
        ).toEqual([]);
        expect(new Set(taken).size, where).toBe(taken.length);
        // The executor tells of what it left: what is not taken at once is known to be free then.
        expect(
          [...ran, ...left].sort((a, b) => a - b),
          where,
        ).toEqual(ids);
        for (const { taskId, group } of queue)
          if (group && group.first < taskId && ran.includes(taskId - 1)) expect(ran, where).toContain(taskId);
        all++;
        if (taken.length > 0) wereTaken++;
        if (left.length > taken.length) wereTold++;
      }
    }
    // All ways out are among them.
    expect(wereTaken).toBeGreaterThan(all / 10);
    expect(wereTold).toBeGreaterThan(all / 100);
  },
);

const byNumber = (launches: TaskLaunch[]) => new Map(launches.map((launch) => [launch.taskId, launch]));

test('an executor that has begun nothing of its queue keeps the first task of it, with what is one with that to viewers', () => {
  const { owner, file } = opened();
  const starts = new TaskStarts(file);
  const may = (launch: TaskLaunch) => starts.mayBegin(launch);
  // Of an earlier stage, and told of.
  expect(alone([1, 2]).map(may)).toEqual([true, true]);
  const queue = alone([3, 4, 5]);
  expect(takeBack(owner, byNumber(queue))).toEqual({ begun: 3, taken: [4, 5] });
  // It is not at that yet when it is asked again.
  expect(takeBack(owner, byNumber(queue.slice(0, 1)))).toEqual({ begun: 3, taken: [] });
  expect(queue.map(may)).toEqual([true, false, false]);
  const group = [...grouped([6, 7], { first: 6, last: 7 }), ...alone([8])];
  expect(takeBack(owner, byNumber(group))).toEqual({ begun: 6, taken: [8] });
  expect(group.map(may)).toEqual([true, true, false]);
  expect(alone([9]).map(may)).toEqual([true]);
  owner.close();
  file.close();
});

test('the task that an executor is at is neither one that it has ended nor one that it has left', () => {
  const { owner, file } = opened();
  const starts = new TaskStarts(file);
  const queue = alone([3, 4, 5]);
  const tasks = byNumber(queue);
  expect(headTask(owner, tasks)).toBe(3);
  starts.mayBegin(queue[0]!);
  expect(headTask(owner, tasks)).toBe(3);
  starts.mayBegin(queue[1]!);
  // The end of the first is not told yet.
  expect(headTask(owner, tasks)).toBe(4);
  owner.takeBack(5);
  expect(starts.mayBegin(queue[2]!)).toBe(false);
  expect(headTask(owner, tasks)).toBeUndefined();
  expect(headTask(owner, byNumber([...queue, ...alone([6])]))).toBe(6);
  owner.close();
  expect(headTask(owner, tasks)).toBe(3);
  file.close();
});
