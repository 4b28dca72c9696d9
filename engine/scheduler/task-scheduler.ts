/**
 * The task scheduler: hands the tasks of submitted task sets to executors, first job first or by fair shares, near
 * their cached partitions when that costs no long wait, and tries failed ones again.
 *
 * `step(event, now)` is total and pure like the DAG scheduler's; each task costs constant time.
 */
import type { TaskCommand, TaskEvent, TaskSet, TaskTimer } from './events.ts';
import type { ExclusionDesk } from './exclusion-desk.ts';
import { offer, offerAll } from './offers.ts';
import { speculate, startSpeculationTimer } from './second-copies.ts';
import { startTakeBackTimer, takeBackDue, takenBack } from './take-back.ts';
import { executorRemoved, taskEnded } from './task-ends.ts';
import { DONE, TaskSetState } from './task-set.ts';
import { type TaskSchedulerOptions, TaskState } from './task-state.ts';

export class TaskScheduler {
  readonly #state: TaskState;

  constructor(options: Partial<TaskSchedulerOptions> = {}) {
    this.#state = new TaskState(options);
  }

  /** True when no task set and no task is left. */
  get empty(): boolean {
    return this.#state.empty;
  }

  /** The job of a task that has not ended, or else of the executor's latest task. */
  jobOf(executorId: string, taskId: number): number | undefined {
    const { tasks, executors } = this.#state;
    return (tasks.get(taskId)?.set ?? executors.get(executorId)?.lastSet)?.taskSet.jobId;
  }

  step(event: TaskEvent, now: number): TaskCommand[] {
    const state = this.#state;
    const { exclusion } = state;
    state.now = now;
    state.commands = [];
    state.foundIdle = false;
    switch (event.type) {
      case 'taskSetSubmitted':
        this.#submit(event.taskSet);
        break;
      case 'taskSetRetired':
        for (const set of state.order.all()) {
          const { stageId, attempt } = set.taskSet;
          if (stageId === event.stageId && attempt === event.attempt) state.close(set, 'retired');
        }
        break;
      case 'tasksCancelled':
        this.#cancel(event.stageId, event.reason);
        break;
      case 'taskDone':
        for (const set of state.order.all()) {
          if (set.taskSet.stageId !== event.stageId) continue;
          set.finishIndex(event.index, event.piece);
          state.removeIfOver(set);
        }
        break;
      case 'executorAdded':
        state.executors.set(event.executorId, { queue: [] });
        state.peers.add(event.executorId);
        state.slots = Math.max(state.slots, state.executors.size);
        if (exclusion) exclusion.changed = true;
        offer(state, event.executorId);
        break;
      case 'executorRemoved':
        if (!state.isAlive(event.executorId)) break;
        executorRemoved(state, event);
        offerAll(state);
        break;
      case 'taskEnded':
        taskEnded(state, event.executorId, event.end);
        if (!state.offersDue) offer(state, event.executorId);
        break;
      case 'commitRequested':
        this.#commitRequested(event.executorId, event.taskId);
        break;
      case 'barrierRequested': {
        const task = state.tasks.get(event.taskId);
        const { epoch, method, message } = event;
        if (task) state.barriers.coordinator.request(task, epoch, method, message, now);
        state.barriers.arm(now);
        break;
      }
      case 'taskProgress': {
        const task = state.tasks.get(event.taskId);
        if (task) task.pace = { recordsRead: event.recordsRead, runTime: event.runTime };
        break;
      }
      case 'tasksTakenBack':
        takenBack(state, event.executorId, event.begun, event.taken);
        break;
      case 'localityTimer':
        state.localityTimerRunning = false;
        offerAll(state);
        break;
      case 'timer':
        this.#timer(event.timer);
        break;
      default:
        event satisfies never;
    }
    // Whoever waited for an executor that is out now waits no longer.
    if (state.offersDue || exclusion?.changed) offerAll(state);
    if (exclusion?.isDue) this.#rescueStuck(exclusion);
    if (state.offersDue) offerAll(state);
    if (state.foundIdle) startTakeBackTimer(state);
    return state.commands;
  }

  #timer(timer: TaskTimer): void {
    const state = this.#state;
    switch (timer) {
      case 'speculation':
        speculate(state);
        break;
      case 'barrier':
        for (const set of state.barriers.wake(state.now)) {
          state.dag(state.barriers.slotsFailure(set, state.usable(set).length));
          state.close(set, 'retired');
        }
        break;
      case 'takeBack':
        takeBackDue(state);
        break;
      case 'exclusion':
        state.exclusion?.wake(state.now);
        break;
      default:
        timer satisfies never;
    }
    offerAll(state);
  }

  #submit(taskSet: TaskSet): void {
    const state = this.#state;
    state.order.add(new TaskSetState(taskSet, state.isAlive, state.options.scheduling));
    if (state.exclusion) state.exclusion.changed = true;
    offerAll(state);
    startSpeculationTimer(state);
  }

  #cancel(stageId: number, reason: string): void {
    const state = this.#state;
    for (const set of state.order.all()) if (set.taskSet.stageId === stageId) state.close(set, 'cancelled');
    for (const [executorId, { queue }] of state.executors) {
      // Those not begun first: else the executor would go on to them.
      for (const task of queue.toReversed()) {
        if (task.info.stageId !== stageId) continue;
        state.command({ type: 'kill', executorId, taskId: task.info.taskId, reason });
      }
    }
  }

  /** Sees to the sets of which a task may run on no executor; those that are idle now have nothing else to do. */
  #rescueStuck(exclusion: ExclusionDesk): void {
    const state = this.#state;
    exclusion.changed = false;
    const executors = [...state.executors.keys()];
    const idle = executors.filter((id) => {
      const { queue, ending } = state.executors.get(id)!;
      return queue.length === 0 && !ending;
    });
    // One that is being ended is there no longer: the one in its place is waited for.
    let expected = Math.max(1, state.slots);
    for (const { ending } of state.executors.values()) if (ending) expected++;
    for (const set of state.order.all()) {
      const command = exclusion.rescue(set, executors, idle, expected, state.now);
      if (!command) continue;
      state.command(command);
      if (command.type === 'killExecutor') {
        state.executors.get(command.executorId)!.ending = true;
        expected++;
        // A barrier stage for which there were enough may have too few now, and keeps nobody any more.
        state.offersDue = true;
        idle.splice(idle.indexOf(command.executorId), 1);
      } else state.close(set, 'retired');
    }
  }

  #commitRequested(executorId: string, taskId: number): void {
    const { tasks, commits } = this.#state;
    const task = tasks.get(taskId);
    const entitled =
      task !== undefined && task.set.mode !== 'cancelled' && task.set.status[task.position] !== DONE;
    const allowed = entitled && commits.ask(task.info.stageId, task.info.partition, taskId);
    this.#state.command({ type: 'answerCommit', executorId, taskId, allowed });
  }
}
