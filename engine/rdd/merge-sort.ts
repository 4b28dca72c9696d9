/** A stable sort whose comparator may return promises, which Array.sort cannot await. */

export type MaybeAwaited<T> = T | Promise<T>;

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function'
  );
}

/** The rows in order, in a new array; undefined comes last and no comparator is asked about it, as in Array.sort. */
export async function mergeSort<T>(
  rows: readonly T[],
  compare: (a: T, b: T) => MaybeAwaited<number>,
): Promise<T[]> {
  let sorted: T[] = rows.filter((row) => row !== undefined);
  const last = rows.length - sorted.length;
  for (let width = 1; width < sorted.length; width *= 2) {
    const merged: T[] = [];
    for (let from = 0; from < sorted.length; from += width * 2) {
      await mergeRuns(sorted, from, width, compare, merged);
    }
    sorted = merged;
  }
  return last === 0 ? sorted : [...sorted, ...rows.filter((row) => row === undefined)];
}

/** Merges the sorted runs [from, from + width) and [from + width, from + 2 × width) onto the end of `out`. */
async function mergeRuns<T>(
  rows: readonly T[],
  from: number,
  width: number,
  compare: (a: T, b: T) => MaybeAwaited<number>,
  out: T[],
): Promise<void> {
  const middle = Math.min(from + width, rows.length);
  const end = Math.min(middle + width, rows.length);
  let left = from;
  let right = middle;
  while (left < middle && right < end) {
    const order = compare(rows[left]!, rows[right]!);
    if (Number(isPromise(order) ? await order : order) > 0) out.push(rows[right++]!);
    else out.push(rows[left++]!);
  }
  while (left < middle) out.push(rows[left++]!);
  while (right < end) out.push(rows[right++]!);
}
