/** Sorts lines of 100 bytes by their first ten characters, checked as they pass. args: input, partitions. */
const [input, partitions] = args as [string, string];
const started = performance.now();
const runs = await sc
  .textFile(input, Number(partitions))
  .map((line): [string, string] => [line.slice(0, 10), line.slice(10)])
  .sortByKey(true, Number(partitions))
  .mapPartitions((sorted) => {
    let rows = 0;
    let characters = 0;
    let last = '';
    let first: string | undefined;
    let ordered = true;
    for (const [key, value] of sorted) {
      if (key < last) ordered = false;
      first ??= key;
      last = key;
      rows++;
      characters += value.length;
    }
    return [[rows, characters, ordered, first ?? '', last] as [number, number, boolean, string, string]];
  })
  .collect();
const filled = runs.filter(([rows]) => rows > 0);
const ordered = filled.every((run, i) => run[2] && (i === 0 || filled[i - 1]![4] <= run[3]));
console.log(`JOB big_sort ${((performance.now() - started) / 1000).toFixed(4)}`);
const sum = (of: 0 | 1) => filled.reduce((total, run) => total + run[of], 0);
console.log(`INFO big_sort ${sum(0)},${sum(1)},${ordered}`);
