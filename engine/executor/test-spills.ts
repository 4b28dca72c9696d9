/** What tests ask about spills of executors that run in this process. */
import { readdirSync, readlinkSync } from 'node:fs';
import type { TestContext } from '../testing.ts';

/** Bytes of memory that the tasks of all jobs have spilled. */
export function spilled({ events }: TestContext): number {
  return events.reduce(
    (sum, event) => sum + (event.type === 'taskEnd' ? event.metrics.memoryBytesSpilled : 0),
    0,
  );
}

/** Files without a name that this process still has open. */
export function openSpills(): string[] {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('spill_');
    } catch {
      return false;
    }
  });
}
