/** Selection without sorting everything: exact order statistics in linear time. */

/** Reorders `values[low…high]` so that `values[k]` is what it would be if sorted, smaller before, larger behind. */
export function select(values: Float64Array, k: number, low = 0, high = values.length - 1): number {
  let from = low;
  let to = high;
  while (from < to) {
    const pivot = medianOfThree(values[from]!, values[(from + to) >>> 1]!, values[to]!);
    let i = from;
    let j = to;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const swapped = values[i]!;
        values[i] = values[j]!;
        values[j] = swapped;
        i++;
        j--;
      }
    }
    if (k <= j) to = j;
    else if (k >= i) from = i;
    else break;
  }
  return values[k]!;
}

/** The same over row numbers, ordered by `compare`; the first `count` rows come out sorted. */
export function sortFirst(
  rows: Int32Array,
  count: number,
  compare: (a: number, b: number) => number,
): Int32Array {
  if (count < rows.length) {
    let from = 0;
    let to = rows.length - 1;
    while (from < to) {
      const pivot = rows[(from + to) >>> 1]!;
      let i = from;
      let j = to;
      while (i <= j) {
        while (compare(rows[i]!, pivot) < 0) i++;
        while (compare(rows[j]!, pivot) > 0) j--;
        if (i <= j) {
          const swapped = rows[i]!;
          rows[i] = rows[j]!;
          rows[j] = swapped;
          i++;
          j--;
        }
      }
      if (count <= j) to = j;
      else if (count >= i) from = i;
      else break;
    }
  }
  return rows.subarray(0, count).sort(compare);
}

function medianOfThree(a: number, b: number, c: number): number {
  if (a < b) return b < c ? b : Math.max(a, c);
  return a < c ? a : Math.max(b, c);
}
