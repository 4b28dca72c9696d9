/**
 * Arrays with far fewer items than places (`a = []; a[1e8] = 1`): V8 keeps a table of the items instead of the places.
 * Nobody may go through all their places, or make room for them.
 */
import { hasItemTable } from './heap-probe.ts';

/** Shorter ones cost little in either form; items farther apart make V8 change to a table. */
export const LEAST_SPARSE = 1024;

/** Whether what an array takes goes by its items, not by its length. */
export function isSparse(array: readonly unknown[]): boolean {
  return array.length > LEAST_SPARSE && hasItemTable(array);
}

/** Where a sparse array has items, from the first to the last. */
export function itemPositions(array: readonly unknown[]): number[] {
  const positions: number[] = [];
  // Positions come before names, in ascending order.
  for (const name of Object.keys(array)) {
    const position = Number(name);
    if (position >>> 0 !== position || position >= array.length || String(position) !== name) break;
    positions.push(position);
  }
  return positions;
}

/** How many parts an array has that take memory. */
export function itemCount(array: readonly unknown[]): number {
  return isSparse(array) ? itemPositions(array).length : array.length;
}

/** An array of `length` places with items at some of them, as a table where it would mostly be holes. */
export function sparseArray(
  length: number,
  positions: ArrayLike<number>,
  items: readonly unknown[],
  from: number,
  to: number,
): unknown[] {
  const array: unknown[] = [];
  // A place that far from all others makes the table; setting the length would make all places.
  const isTable = length > LEAST_SPARSE && to - from < length / 9;
  if (isTable) array[length - 1] = undefined;
  for (let i = from; i < to; i++) array[positions[i]!] = items[i];
  if (!isTable) array.length = length;
  else if (to === from || positions[to - 1] !== length - 1) delete array[length - 1];
  return array;
}
