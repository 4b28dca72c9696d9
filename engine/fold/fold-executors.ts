/** Executors coming, going and reporting their memory. */
import type { EventOf } from './event-of.ts';
import { dropHolder } from './fold-blocks.ts';
import type { ViewState } from './state.ts';
import { stageKey } from './view-state.ts';

/** Lost executors stay visible, but not without end: fault tests lose thousands. */
const RETAINED_EXECUTORS = 1_000;

export function foldExecutorAdded(state: ViewState, event: EventOf<'executorAdded'>): void {
  state.executors.set(event.executorId, {
    executorId: event.executorId,
    slot: event.slot,
    pid: event.pid,
    addedAt: event.time,
    heapUsed: 0,
    rss: 0,
    storageMemory: 0,
    executionMemory: 0,
    tasksRunning: 0,
    tasksEnded: 0,
  });
  if (state.executors.size <= RETAINED_EXECUTORS) return;
  for (const executor of state.executors.values()) {
    if (executor.removedAt === undefined) continue;
    state.executors.delete(executor.executorId);
    return;
  }
}

/** A removed executor takes its cached partitions with it. */
export function foldExecutorRemoved(state: ViewState, event: EventOf<'executorRemoved'>): void {
  const executor = state.executors.get(event.executorId);
  if (!executor) return;
  executor.removedAt = event.time;
  executor.removedReason = event.reason;
  executor.removedCode = event.code;
  executor.heapUsed = 0;
  executor.rss = 0;
  executor.storageMemory = 0;
  executor.executionMemory = 0;
  for (const [rddId, partitions] of [...state.cached]) {
    for (const partition of [...partitions.keys()]) dropHolder(state, rddId, partition, event.executorId);
  }
}

/** From one stage attempt, or from all stages for a time. */
export function foldExecutorExcluded(state: ViewState, event: EventOf<'executorExcluded'>): void {
  const { executorId, stageId, stageAttempt, reason, until } = event;
  if (stageId === undefined) {
    const executor = state.executors.get(executorId);
    if (executor)
      executor.excluded = { reason, since: event.time, ...(until === undefined ? {} : { until }) };
    return;
  }
  const stage = state.stages.get(stageKey(stageId, stageAttempt ?? 0));
  if (!stage) return;
  const others = (stage.excludedExecutors ?? []).filter((known) => known.executorId !== executorId);
  stage.excludedExecutors = [...others, { executorId, reason, since: event.time }];
}

export function foldExecutorUnexcluded(state: ViewState, event: EventOf<'executorUnexcluded'>): void {
  delete state.executors.get(event.executorId)?.excluded;
}

export function foldExecutorMetrics(state: ViewState, event: EventOf<'executorMetrics'>): void {
  const executor = state.executors.get(event.executorId);
  if (!executor || executor.removedAt !== undefined) return;
  executor.heapUsed = event.heapUsed;
  executor.rss = event.rss;
  executor.storageMemory = event.storageMemory;
  executor.executionMemory = event.executionMemory;
}
