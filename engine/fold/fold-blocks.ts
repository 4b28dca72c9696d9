/** Cached partitions: where each is held. */
import type { EventOf } from './event-of.ts';
import type { ViewState } from './state.ts';

export function foldBlockCached(state: ViewState, event: EventOf<'blockCached'>): void {
  let partitions = state.cached.get(event.rddId);
  if (!partitions) state.cached.set(event.rddId, (partitions = new Map()));
  partitions.set(event.partition, {
    executorId: event.executorId,
    bytes: event.bytes,
    onDisk: event.onDisk,
  });
}

export function foldBlockEvicted(state: ViewState, event: EventOf<'blockEvicted'>): void {
  const partitions = state.cached.get(event.rddId);
  // Another executor may have cached the partition anew before this one's eviction is told.
  if (partitions?.get(event.partition)?.executorId !== event.executorId) return;
  partitions.delete(event.partition);
  if (partitions.size === 0) state.cached.delete(event.rddId);
}
