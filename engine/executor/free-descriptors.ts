/** Whether a process can be started as far as descriptors go, asked before it is tried. */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/** What the start of a process with three pipes to it takes for a moment, and something to spare. */
const FOR_A_PROCESS = 12;

/**
 * Throws as the system does when they are not free. Node (24) would try, and lose the descriptors of the pipes that it
 * had already made when those for the rest are lacking.
 */
export function needDescriptors(): void {
  const opened: number[] = [];
  try {
    while (opened.length < FOR_A_PROCESS) opened.push(openSync(devNull, 'r'));
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}
