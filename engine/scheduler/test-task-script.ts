/**
 * Task scheduler cases as scripts of a few lines: executors and task sets, how tasks end, and what must run then.
 *
 *     with exclusion timeout=1000      also speculation, barrier (options by name), fair, slots=2, localityWait=300; lines add up
 *     executors a b                    come in this order
 *     submit 1.0 4 near a a,b - c      stage.attempt and tasks; executors near each, if any, or `stays near`; also `barrier`, `groups 0,2`
 *     runs 1/0@a 1/1@b                 all tasks that are launched and have not ended, in the order of their launch; or `nothing`
 *     ok 1/0@a in 50                   a task ends well, after so many ms (10); also boom, fatal, killed, denied, fetch
 *     lose a · crash a                 an executor goes, by no fault of its task, or by that
 *     late 1/0@a                       the answer of a task whose executor was lost comes all the same
 *     at 300                           the clock goes on; timers that are due run off
 *     retire 1.0 · cancel 1 · done 1/0 what the DAG scheduler says: no more of an attempt, kill a stage, a partition came elsewhere
 *     kills 1/1@b                      that were asked for since the last look; or `nothing`
 *     asks a                           executors of which a queue was to be taken back since the last look; or `nothing`
 *     back 1/0@a                       the executor is at this task and begins none of those behind it
 *     says ok 1.0/0 · failed 1.0       what the DAG scheduler was told since the last look; or `nothing`
 *     reason 1/0@a = attempt 0 failed: boom      why it was started again; or why it is a copy
 *
 * After the last line whatever runs ends well, and nothing may be left: a task that nobody launched is a failure.
 */
import { expect } from 'vitest';
import { zeroMetrics } from '../fold/progress.ts';
import type { TaskEndReason } from '../protocol.ts';
import type { DagEvent } from './events.ts';
import {
  EXCLUSION_DEFAULTS,
  SCHEDULING_DEFAULTS,
  type SchedulingOptions,
  SPECULATION_DEFAULTS,
} from './scheduling-options.ts';
import type { TaskSchedulerOptions } from './task-state.ts';
import { forEachStep } from './test-script-steps.ts';
import { BOOM, SUCCESS, TaskHarness } from './test-task-harness.ts';

type Words = Record<string, string | undefined>;

const ENDS: Record<string, TaskEndReason> = {
  ok: SUCCESS,
  boom: BOOM,
  fatal: { ...BOOM, fatal: true } as TaskEndReason,
  killed: { kind: 'killed', reason: 'by the script' },
  denied: { kind: 'commitDenied', message: 'by the script' },
  fetch: { kind: 'fetchFailed', shuffleId: 0, mapIndex: 0, reduceId: 0, executorId: 'x', message: 'lost' },
};

/** More steps than any script needs to come to its end. */
const LAST_STEPS = 100;

function described(event: DagEvent): string[] {
  switch (event.type) {
    case 'taskSucceeded':
      return [event.stageId < 0 ? 'discarded' : `ok ${event.stageId}.${event.attempt}/${event.index}`];
    case 'fetchFailed':
      return [`fetch ${event.stageId}.${event.attempt}/${event.index}`];
    case 'taskSetFailed':
      return [`failed ${event.stageId}.${event.attempt} ${event.failure.times}`];
    case 'barrierTaskFailed':
      return [`failed ${event.stageId}.${event.attempt} together`];
    case 'executorLost':
      return [`lost ${event.executorId}`];
    default:
      return [];
  }
}

class Script {
  readonly #options: { -readonly [K in keyof TaskSchedulerOptions]?: TaskSchedulerOptions[K] } = {};
  readonly #scheduling: SchedulingOptions = { ...SCHEDULING_DEFAULTS };
  #harness: TaskHarness | undefined;
  readonly #timers: { at: number; post: () => void }[] = [];
  readonly #labels = new Map<number, string>();
  readonly #lost = new Map<string, number>();
  #killed: string[] = [];
  #asked: string[] = [];
  #said: string[] = [];

  /** Made when all options are known. */
  get harness(): TaskHarness {
    this.#harness ??= new TaskHarness({ ...this.#options, scheduling: this.#scheduling });
    return this.#harness;
  }

  run(text: string): void {
    forEachStep(text, (step) => {
      const found = VERBS.find(([pattern]) => pattern.test(step));
      if (!found) throw new Error('no such step');
      found[1](this, found[0].exec(step)!.groups ?? {});
    });
    this.#finish();
  }

  #finish(): void {
    const { harness } = this;
    for (let i = 0; i < LAST_STEPS && !harness.scheduler.empty; i++) {
      const [task] = harness.running;
      if (task) this.end({ how: 'ok', task: task.label });
      else if (this.#timers.length > 0) this.advance(this.#timers[0]!.at);
    }
    expect(harness.scheduler.empty, 'something is left that nobody runs').toBe(true);
  }

  /** After each event: what it asked for. */
  collect(): void {
    const { harness } = this;
    for (const { taskId, label } of harness.running) this.#labels.set(taskId, label);
    for (const command of harness.commands.splice(0)) {
      if (command.type === 'kill') this.#killed.push(this.#labels.get(command.taskId)!);
      else if (command.type === 'takeBack') this.#asked.push(command.executorId);
      else if (command.type === 'dag') this.#said.push(...described(command.event));
      else if (command.type === 'startLocalityTimer')
        this.#setTimer(command.ms, () => harness.post({ type: 'localityTimer' }));
      else if (command.type === 'startTimer') {
        const { timer } = command;
        this.#setTimer(command.ms, () => harness.post({ type: 'timer', timer }));
      }
    }
  }

  #setTimer(ms: number, post: () => void): void {
    this.#timers.push({ at: this.harness.now + ms, post });
    this.#timers.sort((a, b) => a.at - b.at);
  }

  advance(now: number): void {
    const { harness } = this;
    while (this.#timers.length > 0 && this.#timers[0]!.at <= now) {
      const { at, post } = this.#timers.shift()!;
      harness.now = Math.max(harness.now, at);
      post();
      this.collect();
    }
    harness.now = Math.max(harness.now, now);
  }

  with({ what, more = '' }: Words): void {
    const given = Object.fromEntries(
      [...more.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, JSON.parse(value!)]),
    );
    const { efficiency: _, ...plain } = SPECULATION_DEFAULTS;
    if (what === 'speculation') this.#scheduling.speculation = { ...plain, ...given };
    else if (what === 'exclusion') this.#scheduling.exclusion = { ...EXCLUSION_DEFAULTS, ...given };
    else if (what === 'barrier') this.#scheduling.barrier = { ...this.#scheduling.barrier, ...given };
    else if (what === 'fair') this.#scheduling.mode = 'FAIR';
    else Object.assign(this.#options, given);
  }

  executors({ list }: Words): void {
    for (const executorId of list!.split(' ')) {
      this.harness.executors(executorId);
      this.collect();
    }
  }

  submit({ stage, attempt, tasks, near, stays, barrier, groups }: Words): void {
    const preferred = near?.split(' ').map((ids) => (ids === '-' ? undefined : ids.split(',')));
    this.harness.submit(Number(stage), Number(tasks), {
      attempt: Number(attempt),
      ...(stays && { staysNear: true as const }),
      ...(preferred && { preferred: Array.from({ length: Number(tasks) }, (_, at) => preferred[at]) }),
      ...(barrier && { barrier: true }),
      ...(groups && { groupStarts: groups.split(',').map(Number) }),
    });
    this.collect();
  }

  expectRunning({ list }: Words): void {
    expect(this.harness.labels().join(' ') || 'nothing').toBe(list);
  }

  end({ how, task, ms = '10' }: Words): void {
    expect(this.harness.labels()).toContain(task);
    this.harness.end(ENDS[how!]!, Number(ms), task!);
    this.collect();
    this.advance(this.harness.now);
  }

  lose({ executor, blamed }: Words): void {
    const { running } = this.harness;
    for (let at = running.length - 1; at >= 0; at--) {
      const { taskId, executorId, label } = running[at]!;
      if (executorId !== executor) continue;
      this.#lost.set(label, taskId);
      running.splice(at, 1);
    }
    const causedByTask = blamed !== undefined;
    this.harness.post({ type: 'executorRemoved', executorId: executor!, reason: 'gone', causedByTask });
    this.collect();
  }

  late({ task }: Words): void {
    const taskId = this.#lost.get(task!)!;
    const { now } = this.harness;
    const result = { bytes: new Uint8Array() };
    const end = { taskId, reason: SUCCESS, metrics: zeroMetrics(), startTime: now, endTime: now, result };
    this.post({ type: 'taskEnded', executorId: task!.split('@')[1]!, end });
  }

  post(event: Parameters<TaskHarness['post']>[0]): void {
    this.harness.post(event);
    this.collect();
  }

  takenBack({ task }: Words): void {
    const { running } = this.harness;
    const { taskId, executorId } = running.find(({ label }) => label === task)!;
    const taken = running.filter((each) => each.executorId === executorId && each.taskId > taskId);
    for (const each of taken) running.splice(running.indexOf(each), 1);
    const ids = taken.map((each) => each.taskId);
    this.post({ type: 'tasksTakenBack', executorId, begun: taskId, taken: ids });
  }

  expectAsked({ list }: Words): void {
    expect(this.#asked.splice(0).join(' ') || 'nothing').toBe(list);
  }

  expectKilled({ list }: Words): void {
    expect(this.#killed.splice(0).join(' ') || 'nothing').toBe(list);
  }

  expectSaid({ list }: Words): void {
    expect(this.#said.splice(0).join(' · ') || 'nothing').toBe(list);
  }

  expectReason({ task, reason }: Words): void {
    const taskId = this.harness.running.find(({ label }) => label === task)?.taskId;
    const started = this.harness.told('taskStart').find((event) => event.task.taskId === taskId);
    expect(started?.reason ?? 'none').toBe(reason);
  }
}

const VERBS: [RegExp, (script: Script, words: Words) => void][] = [
  [
    /^with (?:(?<what>speculation|exclusion|barrier|fair)\b)?(?<more>.*)$/,
    (script, words) => script.with(words),
  ],
  [/^executors (?<list>.+)$/, (script, words) => script.executors(words)],
  [
    /^submit (?<stage>\d+)\.(?<attempt>\d+) (?<tasks>\d+)(?<barrier> barrier)?(?: groups (?<groups>[\d,]+))?(?:(?<stays> stays)? near (?<near>.+))?$/,
    (script, words) => script.submit(words),
  ],
  [/^runs (?<list>.+)$/, (script, words) => script.expectRunning(words)],
  [
    /^(?<how>ok|boom|fatal|killed|denied|fetch) (?<task>\S+)(?: in (?<ms>\d+))?$/,
    (script, words) => script.end(words),
  ],
  [/^(?:lose|(?<blamed>crash)) (?<executor>\w+)$/, (script, words) => script.lose(words)],
  [/^late (?<task>\S+)$/, (script, words) => script.late(words)],
  [/^at (?<now>\d+)$/, (script, { now }) => script.advance(Number(now))],
  [
    /^retire (?<stage>\d+)\.(?<attempt>\d+)$/,
    (script, { stage, attempt }) =>
      script.post({ type: 'taskSetRetired', stageId: Number(stage), attempt: Number(attempt) }),
  ],
  [
    /^cancel (?<stage>\d+)$/,
    (script, { stage }) =>
      script.post({ type: 'tasksCancelled', stageId: Number(stage), reason: 'by the script' }),
  ],
  [
    /^done (?<stage>\d+)\/(?<index>\d+)$/,
    (script, { stage, index }) =>
      script.post({ type: 'taskDone', stageId: Number(stage), index: Number(index) }),
  ],
  [/^asks (?<list>.+)$/, (script, words) => script.expectAsked(words)],
  [/^back (?<task>\S+)$/, (script, words) => script.takenBack(words)],
  [/^kills (?<list>.+)$/, (script, words) => script.expectKilled(words)],
  [/^says (?<list>.+)$/, (script, words) => script.expectSaid(words)],
  [/^reason (?<task>\S+) = (?<reason>.+)$/, (script, words) => script.expectReason(words)],
];

export function runTaskScript(text: string): void {
  new Script().run(text);
}
