/**
 * What is on the heap of this thread and in use. V8 bounds the pages of old objects, whatever of them is used: of a page of
 * 256 KB two texts of 100 KB are all, and the rest is lost until something small fills it.
 */
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

interface CollectOptions {
  type: 'major';
  execution: 'sync';
  flavor: 'regular' | 'last-resort';
}

let collector: ((options: CollectOptions) => void) | undefined;

/** `last-resort`: what is left is moved together into as few pages as can be. */
function collect(flavor: CollectOptions['flavor']): void {
  if (collector === undefined) {
    setFlagsFromString('--expose-gc');
    collector = runInNewContext('gc') as typeof collector;
    setFlagsFromString('--no-expose-gc');
  }
  // V8 ends a thread after four collections in a row that left it nearly full and little time between them: those asked for
  // here are to find that out.
  setFlagsFromString('--no-detect-ineffective-gcs-near-heap-limit');
  try {
    collector!({ type: 'major', execution: 'sync', flavor });
  } finally {
    setFlagsFromString('--detect-ineffective-gcs-near-heap-limit');
  }
}

export interface HeapSpaces {
  /** Bytes that young objects take: V8 collects what is of no use of them often, and by itself. */
  young: number;
  /** Bytes of the pages of old objects. */
  oldPages: number;
}

export function heapSpaces(): HeapSpaces {
  const spaces = { young: 0, oldPages: 0 };
  for (const { space_name: name, space_size, space_used_size } of getHeapSpaceStatistics()) {
    if (name === 'new_space') spaces.young = space_used_size;
    else if (name !== 'new_large_object_space') spaces.oldPages += space_size;
  }
  return spaces;
}

/**
 * In bytes, and that in pages where those are `crowded` or more after what lies about in many was moved together. Collects
 * all garbage: for when there would be no room otherwise. No pages are looked at where the bytes alone are `full`.
 */
export function heapInUse(full: number = Number.POSITIVE_INFINITY, crowded: number = full): number {
  collect('regular');
  const { used_heap_size: used } = getHeapStatistics();
  if (used >= full || heapSpaces().oldPages < crowded) return used;
  collect('last-resort');
  return Math.max(getHeapStatistics().used_heap_size, heapSpaces().oldPages);
}
