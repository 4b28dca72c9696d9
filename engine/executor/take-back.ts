/**
 * Which tasks an executor may still begin when control takes back those that wait behind a long one, as both sides see
 * it. Tasks have ascending numbers, and one executor runs them in that order.
 */
import type { TakenBack, TaskLaunch } from '../scheduler/backend.ts';
import type { Standing, TaskFile, TaskFileOwner } from './task-file.ts';

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
  readonly #file: Pick<TaskFile, 'begins' | 'takenBack' | 'kept' | 'leaves'>;
  #before: Launch | undefined;

  constructor(file: Pick<TaskFile, 'begins' | 'takenBack' | 'kept' | 'leaves'>) {
    this.#file = file;
  }

  mayBegin(next: Launch): boolean {
    const { taskId } = next;
    this.#file.begins(taskId);
    const may =
      continues(this.#before, next) || taskId > this.#file.takenBack() || taskId === this.#file.kept();
    if (!may) this.#file.leaves(taskId);
    // With a task that is left all that is one with it to viewers is, also where an earlier attempt of it was begun.
    this.#before = may ? next : undefined;
    return may;
  }
}

/**
 * Of the tasks that an executor has and has not told the end of, by their numbers, the one that it is at, or comes to
 * next: it has ended or left those before it. Undefined when it has ended or left all. While it writes down where it
 * stands, and that cannot be told, the first.
 */
export function headTask(
  file: Pick<TaskFileOwner, 'standing'>,
  tasks: ReadonlyMap<number, unknown>,
): number | undefined {
  const at = file.standing();
  for (const taskId of tasks.keys()) if (at === undefined || isAhead(taskId, at)) return taskId;
  return undefined;
}

function isAhead(taskId: number, at: Standing): boolean {
  return at.left ? taskId > at.taskId : taskId >= at.taskId;
}

/**
 * Control's side: which of the tasks that the executor has, by their numbers, it will not begin any more. The one that
 * it is at, or comes to when it has loaded what that needs, stays with it. Of a task that it is just about to begin, and
 * of all where it cannot be told where it stands, it tells itself what became.
 */
export function takeBack(
  file: Pick<TaskFileOwner, 'keep' | 'takeBack' | 'standing'>,
  tasks: ReadonlyMap<number, Launch>,
): TakenBack | undefined {
  const all = [...tasks.values()];
  const head = headTask(file, tasks);
  if (head === undefined) return undefined;
  file.keep(head);
  file.takeBack(all.at(-1)!.taskId);
  const standing = file.standing();
  let at = standing === undefined ? -1 : all.findIndex(({ taskId }) => isAhead(taskId, standing));
  if (at < 0) return undefined;
  const begun = all[at]!.taskId;
  while (at + 1 < all.length && continues(all[at], all[at + 1]!)) at++;
  return { begun, taken: all.slice(at + 1).map(({ taskId }) => taskId) };
}
