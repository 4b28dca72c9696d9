/** Tasks that wait behind a long one while an executor is idle; the language of the scripts is described in `test-task-script.ts`. */
import { describe, expect, it } from 'vitest';
import type { TaskCommand } from './events.ts';
import { lostTaskEnd } from './running-task.ts';
import { Choices } from './test-random.ts';
import { forEachSeed } from './test-seeds.ts';
import { SUCCESS, TaskHarness } from './test-task-harness.ts';
import { runTaskScript } from './test-task-script.ts';

/** Of ten short tasks on two executors b has done all but what waits on a. */
const BEHIND = `
    executors a b
    submit 0.0 10
    ok 0/0@a in 1
    ok 0/1@b in 1
    ok 0/3@b in 1
    ok 0/6@b in 1
    ok 0/5@b in 1
    ok 0/7@b in 1
    ok 0/8@b in 1`;

const SCRIPTS: Record<string, string> = {
  'they run on the idle executor once the other has said nothing for 50 ms': `${BEHIND}
    runs 0/2@a 0/4@a 0/9@b
    ok 0/9@b in 1
    at 57
    asks nothing
    at 58
    asks a
    runs 0/2@a 0/4@a
    back 0/2@a
    runs 0/2@a 0/4@b
    reason 0/4@b = it waited behind another task on executor a and was taken back
    ok 0/4@b in 1
    runs 0/2@a
    at 1000
    asks nothing
    says ok 0.0/0 · ok 0.0/1 · ok 0.0/3 · ok 0.0/6 · ok 0.0/5 · ok 0.0/7 · ok 0.0/8 · ok 0.0/9 · ok 0.0/4`,
  'nothing is taken back for nobody': `${BEHIND}
    at 1000
    asks nothing
    runs 0/2@a 0/4@a 0/9@b`,
  'nor from one that goes on, however slowly': `${BEHIND}
    ok 0/9@b in 1
    ok 0/2@a in 40
    at 1000
    asks nothing
    runs 0/4@a`,
  'an executor that is not known to be at one of its tasks is asked again': `${BEHIND}
    ok 0/9@b in 1
    at 58
    asks a
    at 83
    asks a
    back 0/2@a
    runs 0/2@a 0/4@b`,
  'behind the long task none waits until it has ended': `${BEHIND}
    ok 0/9@b in 1
    at 58
    back 0/2@a
    submit 1.0 4
    runs 0/2@a 0/4@b
    ok 0/4@b in 1
    runs 0/2@a 1/0@b
    ok 1/0@b in 1
    runs 0/2@a 1/1@b
    ok 0/2@a in 1
    runs 1/1@b 1/2@a`,
  'of a stage that is given up they are not run again': `${BEHIND}
    ok 0/9@b in 1
    at 58
    retire 0.0
    back 0/2@a
    runs 0/2@a`,
  'a task of several partitions is taken back as one': `
    executors a b
    submit 0.0 12 groups 0,1,2,4,6,7,8,9,10,11
    ok 0/0@a in 1
    ok 0/1@b in 1
    runs 0/2@a 0/3@a 0/4@a 0/5@a 0/6@b 0/8@b
    ok 0/6@b in 1
    ok 0/8@b in 1
    ok 0/7@b in 1
    ok 0/9@b in 1
    ok 0/10@b in 1
    ok 0/11@b in 1
    at 84
    asks a a
    back 0/3@a
    runs 0/2@a 0/3@a 0/4@b 0/5@b
    ok 0/2@a in 1
    ok 0/4@b in 1
    ok 0/5@b in 1
    runs 0/3@a`,
  'an executor that is lost takes nothing with it that was taken back': `${BEHIND}
    ok 0/9@b in 1
    at 58
    back 0/2@a
    lose a
    runs 0/4@b 0/2@b`,
};

/** Executors as the scheduler cannot see them: it is told of what they did later. */
class Executor {
  /** In the order in which it got them; those before `at` have run and are not told of. */
  readonly tasks: number[] = [];
  at = 0;
  /** It finds them taken back when it comes to them, and tells of that. */
  readonly left = new Set<number>();

  comeTo(): number | undefined {
    const taskId = this.tasks[this.at];
    if (taskId !== undefined) this.at++;
    return taskId === undefined || this.left.has(taskId) ? undefined : taskId;
  }

  /** As the file between the two decides it: `leaves`, when it was just about to begin the next. */
  takenBack(leaves: boolean): { begun: number; taken: number[] } | undefined {
    const begun = this.tasks[this.at];
    const isBegun = begun !== undefined && !leaves && !this.left.has(begun);
    const behind = this.tasks.slice(isBegun ? this.at + 1 : this.at).filter((id) => !this.left.has(id));
    for (const taskId of behind) this.left.add(taskId);
    return isBegun ? { begun, taken: behind } : undefined;
  }
}

/** Each task is run once, whenever tasks are taken back and whatever is told late. Returns how many were. */
function runEverythingOnce(seed: number): number {
  const choices = new Choices(seed);
  const h = new TaskHarness();
  const executors = new Map<string, Executor>();
  const indices = new Map<number, string>();
  const runs = new Map<string, number>();
  let timer: number | undefined;
  let takenBack = 0;
  const look = (commands: TaskCommand[]): void => {
    for (const command of commands) {
      if (command.type === 'startTimer') timer = h.now + command.ms;
      else if (command.type === 'takeBack') {
        const back = executors.get(command.executorId)!.takenBack(choices.chance(0.3));
        if (!back) continue;
        takenBack += back.taken.length;
        look(h.post({ type: 'tasksTakenBack', executorId: command.executorId, ...back }));
      } else if (command.type === 'launch') {
        for (const { taskId, index } of command.tasks) {
          executors.get(command.executorId)!.tasks.push(taskId);
          indices.set(taskId, `${command.plan.stageId}/${index}`);
        }
      }
    }
  };
  const post = (event: Parameters<TaskHarness['post']>[0]) => look(h.post(event));
  const size = 2 + choices.below(4);
  for (let i = 0; i < size; i++) {
    executors.set(`e${i}`, new Executor());
    post({ type: 'executorAdded', executorId: `e${i}` });
  }
  const sets = 1 + choices.below(3);
  for (let stageId = 0; stageId < sets; stageId++) {
    const tasks = 1 + choices.below(60);
    const indices = Array.from({ length: tasks }, (_, i) => i);
    const plan = { stageId, attempt: 0, nodes: [] } as never;
    const taskSet = { stageId, attempt: 0, jobId: stageId, plan, epoch: 0, indices, partitions: indices };
    post({ type: 'taskSetSubmitted', taskSet });
  }
  const ids = [...executors.keys()];
  /** Takes long, and others do what there is to do. */
  let slow = choices.of(ids);
  for (let step = 0; !h.scheduler.empty; step++) {
    expect(step).toBeLessThan(20_000);
    if (choices.chance(0.02)) slow = choices.of(ids);
    const executorId = choices.of(ids);
    const executor = executors.get(executorId)!;
    h.now += choices.of([0, 0, 1, 60]);
    if (timer !== undefined && timer <= h.now) {
      timer = undefined;
      post({ type: 'timer', timer: 'takeBack' });
    }
    if (executorId !== slow) {
      const taskId = executor.comeTo();
      if (taskId !== undefined) {
        const index = indices.get(taskId)!;
        runs.set(index, (runs.get(index) ?? 0) + 1);
      }
    }
    if (executor.at > 0 && choices.chance(0.7)) {
      const taskId = executor.tasks.shift()!;
      executor.at--;
      const reason = executor.left.has(taskId) ? ({ kind: 'killed', reason: 'left' } as const) : SUCCESS;
      const end = { ...lostTaskEnd(taskId, reason, h.now), startTime: h.now };
      post({ type: 'taskEnded', executorId, end });
    }
  }
  expect([...runs.values()].every((times) => times === 1)).toBe(true);
  expect(new Set(indices.values()).size).toBe(runs.size);
  return takenBack;
}

describe('tasks taken back', () => {
  it.each(Object.entries(SCRIPTS))('%s', (_, script) => runTaskScript(script));

  it('are each run once, whatever the executors have done that is not known', async () => {
    let takenBack = 0;
    let seeds = 0;
    await forEachSeed(300, (seed) => {
      seeds++;
      takenBack += runEverythingOnce(seed);
    });
    if (seeds > 100) expect(takenBack).toBeGreaterThan(seeds);
  });
});
