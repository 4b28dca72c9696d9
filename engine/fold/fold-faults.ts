/** What somebody broke on purpose: kept so that every view can say so, and what it led to. */
import type { EventOf } from './event-of.ts';
import type { ViewState } from './state.ts';

/** The latest; a slowed partition stays listed while it is slowed. */
const RETAINED_FAULTS = 500;

export function foldFaultInjected(state: ViewState, event: EventOf<'faultInjected'>): void {
  const { type: _type, ...fault } = event;
  state.faults.set(event.faultId, fault);
  if (state.faults.size <= RETAINED_FAULTS) return;
  for (const [faultId, old] of state.faults) {
    if (old.fault.kind === 'slowPartition' && old.clearedAt === undefined) continue;
    state.faults.delete(faultId);
    return;
  }
}

export function foldFaultsCleared(state: ViewState, event: EventOf<'faultsCleared'>): void {
  for (const faultId of event.faultIds) {
    const fault = state.faults.get(faultId);
    if (!fault) continue;
    const { time: clearedAt, by: clearedBy } = event;
    state.faults.set(faultId, { ...fault, clearedAt, ...(clearedBy !== undefined && { clearedBy }) });
  }
}

/** A partition that had a cause before, or whose cached one is lost once more, keeps the first. */
export function foldPartitionsLost(state: ViewState, event: EventOf<'partitionsLost'>): void {
  const stage = state.stages.get(`${event.stageId}.${event.attempt}`);
  if (!stage) return;
  const known = new Set(stage.recomputes?.flatMap(({ partitions }) => partitions));
  const more = event.recomputes
    .map((lost) => ({ ...lost, partitions: lost.partitions.filter((one) => !known.has(one)) }))
    .filter(({ partitions }) => partitions.length > 0);
  if (more.length > 0) stage.recomputes = [...(stage.recomputes ?? []), ...more];
}
