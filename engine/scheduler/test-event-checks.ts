/** What must hold of the events of any simulation. */
import assert from 'node:assert/strict';
import type { EngineEvent } from '../protocol.ts';

/** What waited or started has ended, once, jobs waited for those that had not, and no slot ran two tasks at a time. */
export function expectBalanced(events: EngineEvent[]): void {
  const open = new Set<string>();
  const slots = new Map<string, number>();
  const toggle = (key: string, starts: boolean): void => {
    if (open.has(key) === starts) throw new Error(`${key} ${starts ? 'began' : 'ended'} twice`);
    if (starts) open.add(key);
    else open.delete(key);
  };
  const waiting = new Set<number>();
  for (const event of events) {
    if (event.type === 'jobWaiting') {
      const { jobId, wait } = event;
      if (!waiting.has(jobId)) toggle(`job ${jobId}`, true);
      waiting.add(jobId);
      assert.equal(wait.jobIds.length === 0, wait.code === 'PREPARATION', `job ${jobId} waits for nothing`);
      for (const other of wait.jobIds) assert(open.has(`job ${other}`), `job ${jobId} waits for ${other}`);
    } else if (event.type === 'jobStart') {
      if (!waiting.delete(event.jobId)) toggle(`job ${event.jobId}`, true);
    } else if (event.type === 'jobEnd') toggle(`job ${event.jobId}`, false);
    else if (event.type === 'stageSubmitted')
      toggle(`stage ${event.stage.stageId}.${event.stage.attempt}`, true);
    else if (event.type === 'stageCompleted') toggle(`stage ${event.stageId}.${event.attempt}`, false);
    else if (event.type === 'taskStart' || event.type === 'taskEnd') {
      const starts = event.type === 'taskStart';
      toggle(`task ${event.task.taskId}`, starts);
      const { executorId } = event.task;
      const running = (slots.get(executorId) ?? 0) + (starts ? 1 : -1);
      if (running > 1) throw new Error(`executor ${executorId} runs two tasks at once`);
      slots.set(executorId, running);
    }
  }
  assert.deepEqual([...open], [], 'began and never ended');
}

/** No attempt of a stage has more tasks that ended well than it has tasks: what ends well a second time came too late. */
export function expectSuccessesOnce(events: EngineEvent[]): void {
  const left = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'stageSubmitted')
      left.set(`${event.stage.stageId}.${event.stage.attempt}`, event.stage.numTasks);
    if (event.type !== 'taskEnd' || event.status !== 'success') continue;
    const key = `${event.task.stageId}.${event.task.stageAttempt}`;
    left.set(key, left.get(key)! - 1);
    assert(left.get(key)! >= 0, `stage attempt ${key} has more successes than tasks`);
  }
}

/** The tasks of an attempt of a barrier stage began one after the other, with nothing in between. */
export function expectStartedTogether(events: EngineEvent[]): void {
  const sizes = new Map<string, number>();
  let open: { key: string; left: number } | undefined;
  for (const event of events) {
    if (event.type === 'stageSubmitted' && event.stage.barrier)
      sizes.set(`${event.stage.stageId}.${event.stage.attempt}`, event.stage.numTasks);
    if (event.type !== 'taskStart') continue;
    const key = `${event.task.stageId}.${event.task.stageAttempt}`;
    if (open) {
      assert.equal(key, open.key, 'a task began among those of a barrier stage');
      if (--open.left === 0) open = undefined;
      continue;
    }
    const size = sizes.get(key);
    if (size === undefined) continue;
    sizes.set(key, 0);
    assert(size > 0, `tasks of barrier stage attempt ${key} began at different times`);
    open = size > 1 ? { key, left: size - 1 } : undefined;
  }
  assert.equal(open, undefined, 'a barrier stage began in part');
}
