/**
 * Which tasks an executor may still begin when control takes back those that wait behind a long one, as both sides see
 * it. Tasks have ascending numbers, and one executor runs them in that order.
 */
import type { TaskLaunch } from '../scheduler/backend.ts';
import type { TaskFile, TaskFileOwner } from './task-file.ts';

type Launch = Pick<TaskLaunch, 'taskId' | 'partition' | 'group'>;

/** What is one task to viewers stays with the executor that has begun it: it ends as one. */
function continues(before: Launch | undefined, next: Launch): boolean {
  const { group } = next;
  if (group === undefined || before?.group === undefined) return false;
  const { first, last } = before.group;
  return first === group.first && last === group.last && next.partition > before.partition;
}

/** The executor's side: of its tasks, one after the other, those that it may begin. */
export class TaskStarts {
  readonly #file: Pick<TaskFile, 'begins' | 'takenBack'>;
  #before: Launch | undefined;

  constructor(file: Pick<TaskFile, 'begins' | 'takenBack'>) {
    this.#file = file;
  }

  mayBegin(next: Launch): boolean {
    this.#file.begins(next.taskId);
    const may = continues(this.#before, next) || next.taskId > this.#file.takenBack();
    // With a task that is left all that is one with it to viewers is, also where an earlier attempt of it was begun.
    this.#before = may ? next : undefined;
    return may;
  }
}

/**
 * Control's side: which of the tasks that the executor has, by their numbers, it will not begin any more. Of the task
 * that it is about to begin, and of all when that is not among them, it tells itself what became.
 */
export function takeBack(
  file: Pick<TaskFileOwner, 'takeBack' | 'begun'>,
  tasks: ReadonlyMap<number, Launch>,
): { begun: number; taken: number[] } | undefined {
  const all = [...tasks.values()];
  const last = all.at(-1);
  if (last === undefined) return undefined;
  file.takeBack(last.taskId);
  const begun = file.begun();
  let at = all.findIndex(({ taskId }) => taskId === begun);
  if (begun === undefined || at < 0) return undefined;
  while (at + 1 < all.length && continues(all[at], all[at + 1]!)) at++;
  return { begun, taken: all.slice(at + 1).map(({ taskId }) => taskId) };
}
