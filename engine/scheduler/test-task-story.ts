/**
 * A task scheduler by itself under random events from one seed, and what must hold whatever happens: no executor is left
 * idle that would be given a task if it were only looked at (after each event another offer of all executors, at the same
 * moment, launches nothing on an idle one), and nothing is left in the end. Throws plain errors: a test and a soak share it.
 */
import assert from 'node:assert/strict';
import type { TaskEndReason } from '../protocol.ts';
import { EXCLUSION_DEFAULTS, SCHEDULING_DEFAULTS, SPECULATION_DEFAULTS } from './scheduling-options.ts';
import { Choices } from './test-random.ts';
import { BOOM, SUCCESS, TaskHarness } from './test-task-harness.ts';

const ENDS: TaskEndReason[] = [
  SUCCESS,
  SUCCESS,
  SUCCESS,
  SUCCESS,
  BOOM,
  { kind: 'killed', reason: 'by the test' },
  { kind: 'commitDenied', message: 'by the test' },
  { kind: 'fetchFailed', shuffleId: 0, mapIndex: 0, reduceId: 0, executorId: 'x', message: 'lost' },
];

class Story {
  readonly choices: Choices;
  readonly harness: TaskHarness;
  readonly alive: string[] = [];
  readonly #barriers = new Set<number>();
  #nextExecutor = 0;
  #nextStage = 0;
  /** Tasks that were ended as the story goes on: it is one. */
  ended = 0;

  constructor(seed: number) {
    this.choices = new Choices(seed);
    const { choices } = this;
    const { efficiency: _, ...speculation } = SPECULATION_DEFAULTS;
    this.harness = new TaskHarness({
      slots: 3,
      scheduling: {
        ...SCHEDULING_DEFAULTS,
        mode: choices.of(['FIFO', 'FAIR']),
        ...(choices.chance(0.5) && { exclusion: { ...EXCLUSION_DEFAULTS, timeout: 500 } }),
        ...(choices.chance(0.5) && { speculation: { ...speculation, quantile: 0.5, multiplier: 1 } }),
      },
    });
  }

  run(events: number): void {
    for (let i = 0; i < 3; i++) this.#addExecutor();
    for (let i = 0; i < events; i++) {
      this.#happen();
      this.#expectNobodyForgotten();
      // Between the kill and the end of the process other things happen.
      if (this.choices.chance(0.3)) this.#endKilled();
    }
    // Everything else ends well.
    for (let i = 0; i < 2_000 && !this.harness.scheduler.empty; i++) {
      this.#endKilled();
      if (this.alive.length < 3) this.#addExecutor();
      if (this.harness.running.length > 0) this.#end(SUCCESS);
      else this.#wait(500);
      this.#expectNobodyForgotten();
    }
    assert(this.harness.scheduler.empty, 'something is left');
  }

  #expectNobodyForgotten(): void {
    const { harness } = this;
    const busy = new Set(harness.running.map(({ executorId }) => executorId));
    for (const command of harness.post({ type: 'localityTimer' })) {
      if (command.type !== 'launch' || busy.has(command.executorId)) continue;
      const { stageId } = command.plan;
      throw new Error(
        `executor ${command.executorId} was left idle while stage ${stageId} had a task for it`,
      );
    }
  }

  #addExecutor(): void {
    const executorId = `e${this.#nextExecutor++}`;
    this.alive.push(executorId);
    this.harness.executors(executorId);
  }

  #happen(): void {
    const { choices, harness, alive } = this;
    const roll = choices.below(100);
    if (roll < 60 && harness.running.length > 0) this.#end(choices.of(ENDS));
    else if (roll < 75) this.#submit();
    else if (roll < 80 && alive.length > 1) this.#lose();
    else if (roll < 85 && alive.length < 4) this.#addExecutor();
    else if (roll < 90) this.#close();
    else this.#wait(choices.of([1, 50, 300]));
  }

  #end(reason: TaskEndReason): void {
    const { choices, harness } = this;
    // Of the tasks of an executor the first ends first.
    const heads = new Map<string, string>();
    for (const { executorId, label } of harness.running)
      if (!heads.has(executorId)) heads.set(executorId, label);
    const ms = choices.of([1, 20, 200]);
    // Whoever has waited long enough for what is near is looked at when that is so, not only at the end of a task.
    harness.now += ms;
    harness.post({ type: 'localityTimer' });
    harness.now -= ms;
    this.ended++;
    harness.end(reason, ms, choices.of([...heads.values()]));
  }

  #submit(): void {
    const { choices } = this;
    const stageId = this.#nextStage++;
    const tasks = 1 + choices.below(6);
    const near = () => (choices.chance(0.5) ? [choices.of(this.alive)] : undefined);
    const barrier = choices.chance(0.25);
    if (barrier) this.#barriers.add(stageId);
    const grouped = !barrier && choices.chance(0.25);
    this.harness.submit(stageId, barrier ? 1 + choices.below(3) : tasks, {
      ...(choices.chance(0.5) && { preferred: Array.from({ length: tasks }, near) }),
      ...(barrier && { barrier }),
      ...(grouped && { groupStarts: tasks > 2 ? [0, 2] : [0] }),
      ...(choices.chance(0.5) && { pool: 'other' }),
    });
  }

  #lose(): void {
    const { choices, alive } = this;
    this.#remove(choices.of(alive), choices.chance(0.3));
  }

  #endKilled(): void {
    for (const executorId of this.harness.killed.splice(0))
      if (this.alive.includes(executorId)) this.#remove(executorId, false);
  }

  #remove(executorId: string, causedByTask: boolean): void {
    const { harness, alive } = this;
    alive.splice(alive.indexOf(executorId), 1);
    for (let at = harness.running.length - 1; at >= 0; at--)
      if (harness.running[at]!.executorId === executorId) harness.running.splice(at, 1);
    harness.post({ type: 'executorRemoved', executorId, reason: 'gone', causedByTask });
  }

  /** What the DAG scheduler may say of any stage. */
  #close(): void {
    const { choices, harness } = this;
    if (this.#nextStage === 0) return;
    const stageId = choices.below(this.#nextStage);
    if (choices.chance(0.3)) harness.post({ type: 'tasksCancelled', stageId, reason: 'by the test' });
    else if (choices.chance(0.5)) harness.post({ type: 'taskSetRetired', stageId, attempt: 0 });
    // Of a barrier stage nothing counts that an earlier attempt brings.
    else if (!this.#barriers.has(stageId))
      harness.post({ type: 'taskDone', stageId, index: choices.below(6) });
  }

  #wait(ms: number): void {
    const { harness } = this;
    harness.now += ms;
    for (const timer of ['speculation', 'barrier', 'exclusion'] as const)
      harness.post({ type: 'timer', timer });
  }
}

/** Returns how many tasks ended as the story went on. */
export function runTaskStory(seed: number): number {
  const story = new Story(seed);
  story.run(120);
  return story.ended;
}
