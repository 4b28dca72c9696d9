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
    if (fault) state.faults.set(faultId, { ...fault, clearedAt: event.time });
  }
}
