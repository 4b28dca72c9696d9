/** What viewers get of a batch of raw events: one `stageProgress` per touched stage in place of its task events. */
import type { SequencedEvent } from '../protocol.ts';
import type { EventBatch } from '../viewer-protocol.ts';
import type { EventOf } from './event-of.ts';
import { jsonSize, MAX_MESSAGE_BYTES } from './message-size.ts';
import { copyProgress } from './progress.ts';
import type { ViewState } from './state.ts';
import { stageKey } from './view-state.ts';

/**
 * `state` is the full state after the batch was folded into it. Each `stageProgress` stands at its stage's last task
 * event and carries that event's sequence number; the counters in it are those at the end of the batch.
 */
export function reduceForViewers(state: ViewState, events: readonly SequencedEvent[]): SequencedEvent[] {
  const lastOfStage = new Map<string, number>();
  const executors = new Set<string>();
  for (let i = 0; i < events.length; i++) {
    const { event } = events[i] as SequencedEvent;
    if (event.type !== 'taskStart' && event.type !== 'taskEnd') continue;
    lastOfStage.set(stageKey(event.task.stageId, event.task.stageAttempt), i);
    executors.add(event.task.executorId);
  }
  const reduced: SequencedEvent[] = [];
  let last: EventOf<'stageProgress'> | undefined;
  for (let i = 0; i < events.length; i++) {
    const sequenced = events[i] as SequencedEvent;
    const { seq, event } = sequenced;
    if (event.type !== 'taskStart' && event.type !== 'taskEnd') {
      reduced.push(sequenced);
      continue;
    }
    const key = stageKey(event.task.stageId, event.task.stageAttempt);
    if (lastOfStage.get(key) !== i) continue;
    const stage = state.stages.get(key);
    if (!stage) continue;
    const time = event.type === 'taskStart' ? event.task.launchTime : event.finishTime;
    last = { type: 'stageProgress', time, ...copyProgress(stage.progress) };
    reduced.push({ seq, event: last });
  }
  // On the last one: by then every executor that ran a task has been announced.
  if (last) last.executorTasks = executorTasks(state, executors);
  return reduced;
}

function executorTasks(
  state: ViewState,
  touched: Set<string>,
): NonNullable<EventOf<'stageProgress'>['executorTasks']> {
  const counts = [];
  for (const executorId of touched) {
    const executor = state.executors.get(executorId);
    if (executor) counts.push({ executorId, running: executor.tasksRunning, ended: executor.tasksEnded });
  }
  return counts;
}

/**
 * Cuts reduced events into batches under the size limit. Together they cover `from`…`to` without a gap, so that a
 * viewer that has one of them can ask for the rest by its sequence number. A single larger event goes alone.
 */
export function batchesForViewers(
  boot: string,
  from: number,
  to: number,
  events: readonly SequencedEvent[],
  maxBytes = MAX_MESSAGE_BYTES,
): EventBatch[] {
  const envelope = 200;
  const batches: EventBatch[] = [];
  let batch: EventBatch = { boot, from, to, events: [] };
  let size = envelope;
  let last = from - 1;
  for (const { seq, event } of events) {
    const bytes = jsonSize(event) + 1;
    // Events that share a sequence number stay together.
    if (size + bytes > maxBytes && batch.events.length > 0 && seq > last) {
      batch.to = last;
      batches.push(batch);
      batch = { boot, from: last + 1, to, events: [] };
      size = envelope;
    }
    batch.events.push(event);
    size += bytes;
    last = seq;
  }
  batches.push(batch);
  return batches;
}
