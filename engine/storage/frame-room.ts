/**
 * Bounds what the rows of a frame take where they are read: all of a frame is there at once, and what is a few bytes while
 * encoded may be megabytes then (a list of nulls, one list that many rows share). Counted column by column while they are
 * written, and before a column is gathered, which takes as much again.
 */

/** Thrown while more rows are written than a frame has room for. */
export class FrameFull extends Error {}

const full = new FrameFull();
let most = Number.POSITIVE_INFINITY;
let taken = 0;
let outside = 0;

/** Of the frame that is written next; rows of one process are never encoded while others are. */
export function frameHasRoom(bytes: number): void {
  most = bytes;
  taken = 0;
  outside = 0;
}

/** What is written next takes so many bytes where it is read, some of them outside of the heap. Throws FrameFull. */
export function takeFrameRoom(bytes: number, outsideOfHeap = 0): void {
  taken += bytes;
  outside += outsideOfHeap;
  if (taken > most) throw full;
}

/** By the last frame. */
export function frameRoomTaken(): number {
  return taken;
}

/** What of it is on the heap. */
export function frameHeapTaken(): number {
  return taken - outside;
}
