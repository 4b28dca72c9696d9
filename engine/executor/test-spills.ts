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

/** Paths of the files that this process has open, each as often as it is open. */
export function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

/** Files without a name that this process still has open. */
export function openSpills(): string[] {
  return openFiles().filter((file) => file.includes('spill_'));
}
