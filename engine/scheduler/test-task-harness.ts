/** Posts events to a task scheduler and keeps what it launches; the test ends tasks as it says. */
import { type EngineEvent, TASK_METRICS, type TaskEndReason, type TaskMetrics } from '../protocol.ts';
import type { TaskCommand, TaskEvent, TaskSet } from './events.ts';
import { TaskScheduler } from './task-scheduler.ts';
import type { TaskSchedulerOptions } from './task-state.ts';

export const SUCCESS: TaskEndReason = { kind: 'success' };
export const BOOM: TaskEndReason = {
  kind: 'exception',
  error: { code: 'USER', name: 'Error', message: 'boom' },
};

export class TaskHarness {
  readonly scheduler: TaskScheduler;
  now = 0;
  commands: TaskCommand[] = [];
  /** Executors that were to be killed: their end is up to the test. */
  readonly killed: string[] = [];
  readonly running: { taskId: number; executorId: string; label: string }[] = [];

  /** Everything viewers were told. */
  readonly events: EngineEvent[] = [];

  constructor(options: Partial<TaskSchedulerOptions> = {}) {
    this.scheduler = new TaskScheduler(options);
  }

  post(event: TaskEvent): TaskCommand[] {
    this.commands = this.scheduler.step(event, this.now);
    for (const command of this.commands) {
      if (command.type === 'emit') this.events.push(command.event);
      if (command.type === 'killExecutor') this.killed.push(command.executorId);
      if (command.type !== 'launch') continue;
      const { executorId, plan } = command;
      for (const { taskId, index } of command.tasks) {
        this.running.push({ taskId, executorId, label: `${plan.stageId}/${index}@${executorId}` });
      }
    }
    return this.commands;
  }

  executors(...ids: string[]): this {
    for (const executorId of ids) this.post({ type: 'executorAdded', executorId });
    return this;
  }

  submit(stageId: number, tasks: number, more: Partial<TaskSet> = {}): void {
    const indices = Array.from({ length: tasks }, (_, i) => i);
    const plan = { stageId, attempt: 0, nodes: [] as TaskSet['plan']['nodes'] } as TaskSet['plan'];
    const taskSet = {
      stageId,
      attempt: 0,
      jobId: stageId,
      plan,
      epoch: 0,
      indices,
      partitions: indices,
      ...more,
    };
    this.post({ type: 'taskSetSubmitted', taskSet });
  }

  /** Ends the oldest running task, by its label when given. */
  end(reason: TaskEndReason, ms = 10, label?: string, measured: Partial<TaskMetrics> = {}): TaskCommand[] {
    const at = label === undefined ? 0 : this.running.findIndex((task) => task.label === label);
    const { taskId, executorId } = this.running.splice(at, 1)[0]!;
    const startTime = this.now;
    this.now += ms;
    const metrics = Object.fromEntries(TASK_METRICS.map((name) => [name, 0])) as unknown as TaskMetrics;
    return this.post({
      type: 'taskEnded',
      executorId,
      end: { taskId, reason, metrics: { ...metrics, ...measured }, startTime, endTime: this.now },
    });
  }

  labels(): string[] {
    return this.running.map((task) => task.label);
  }

  dag() {
    return this.commands.flatMap((command) => (command.type === 'dag' ? [command.event] : []));
  }

  told<T extends EngineEvent['type']>(type: T): Extract<EngineEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<EngineEvent, { type: T }> => event.type === type);
  }
}
