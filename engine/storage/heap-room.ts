/** What is really on the heap of this process: the sizes of rows are estimates, and V8 ends a process that has no room. */
import { getHeapStatistics } from 'node:v8';
import { care } from './care.ts';
import { heapInUse, heapSpaces } from './heap-in-use.ts';

const MB = 1 << 20;

const limit = getHeapStatistics().heap_size_limit;
/** What old objects may take, in bytes: V8's limit without the young ones (executor-pool-environment.ts). Asked once: it is not changed while a process runs. */
export const OLD_LIMIT: number = oldOf(limit);

/** Three halves of an eighth, of 16 MB where less than 512 MB are old, or of 32 MB. */
function oldOf(all: number): number {
  const old = (all * 8) / 11;
  if (old <= 128 * MB) return old;
  return all - 48 * MB < 512 * MB ? all - 48 * MB : all - 96 * MB;
}

/** The code of the engine and what belongs to it. */
export const ENGINE_HEAP: number = 10 * MB;

/** What is to be left for rows that come between two looks, and for the collector. */
const LEFT_SHARE = 0.2;
const LEFT_WITH_CARE = 0.35;
const MOST_LEFT = 64 * MB;
/** After a collection so much more may come before the next one that is asked for here, or half of what is left. */
const STEP_SHARE = 0.1;
/** Without care no more than this share of the time goes to such collections: where others hold the heap they help nobody. */
const TIME_SHARE = 0.2;

/** What the heap of this process tells of what is held there. */
export interface HeapRoom {
  isShort(): boolean;
  mostHeld(): number;
}

const usual = OLD_LIMIT - Math.min(OLD_LIMIT * LEFT_SHARE, MOST_LEFT);
const withCare = OLD_LIMIT - Math.min(OLD_LIMIT * LEFT_WITH_CARE, MOST_LEFT);
let next = 0;
let notBefore = 0;

/**
 * Whether the heap is nearly full of what is in use. Cheap as long as it is not; garbage is told apart by collecting it, at
 * most once for each tenth of the limit that comes in after.
 */
function isShort(): boolean {
  const full = care.isTaken ? withCare : usual;
  const { used_heap_size: used, total_heap_size: pages } = getHeapStatistics();
  if (pages < full) {
    next = full;
    return false;
  }
  const { young, oldPages } = heapSpaces();
  if (used < full && oldPages < full) {
    next = full;
    return false;
  }
  if (used - young < next && oldPages < next) return false;
  const began = performance.now();
  if (!care.isTaken && began < notBefore) return false;
  const inUse = heapInUse(full);
  const ended = performance.now();
  notBefore = ended + (ended - began) / TIME_SHARE;
  next = Math.max(full, inUse + Math.min(OLD_LIMIT * STEP_SHARE, Math.max(0, OLD_LIMIT - inUse) / 2));
  return inUse >= full;
}

export const heapRoom: HeapRoom = {
  isShort,
  /** No more bytes than this are held by all holders of rows together, whatever they are taken for. Collects all garbage. */
  mostHeld: () => Math.max(0, heapInUse() - ENGINE_HEAP) + getHeapStatistics().external_memory,
};
