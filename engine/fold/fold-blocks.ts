/** Cached partitions: where each is held. Views share what they were given, so a changed one is a new object. */
import type { EventOf } from './event-of.ts';
import type { CachedPartitionView, Holder, ViewState } from './state.ts';

function holdersOf({ replicas = [], ...first }: CachedPartitionView): Holder[] {
  return [first, ...replicas];
}

function viewOf([first, ...replicas]: Holder[]): CachedPartitionView | undefined {
  return first && (replicas.length > 0 ? { ...first, replicas } : first);
}

export function foldBlockCached(state: ViewState, event: EventOf<'blockCached'>): void {
  let partitions = state.cached.get(event.rddId);
  if (!partitions) state.cached.set(event.rddId, (partitions = new Map()));
  const { executorId, bytes, onDisk } = event;
  const holder = { executorId, bytes, onDisk };
  const known = partitions.get(event.partition);
  const holders = known ? holdersOf(known) : [];
  const at = holders.findIndex((each) => each.executorId === executorId);
  partitions.set(event.partition, viewOf(at < 0 ? [...holders, holder] : holders.with(at, holder))!);
}

export function foldBlockEvicted(state: ViewState, event: EventOf<'blockEvicted'>): void {
  dropHolder(state, event.rddId, event.partition, event.executorId);
}

/** An executor no longer holds a partition. */
export function dropHolder(state: ViewState, rddId: number, partition: number, executorId: string): void {
  const partitions = state.cached.get(rddId);
  const known = partitions?.get(partition);
  if (!partitions || !known) return;
  const holders = holdersOf(known);
  const left = holders.filter((each) => each.executorId !== executorId);
  if (left.length === holders.length) return;
  const view = viewOf(left);
  if (view) partitions.set(partition, view);
  else partitions.delete(partition);
  if (partitions.size === 0) state.cached.delete(rddId);
}
