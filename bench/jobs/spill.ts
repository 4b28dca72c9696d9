/** A sort and a grouping of wide rows that memory cannot hold, checked as they pass. args: bytes, partitions, bytes of a row. */
const [bytes, partitions, width] = (args as string[]).map(Number) as [number, number, number];
const count = Math.floor(bytes / width);

/** As good as random, for a row to take its part from. */
const NOISE = Array.from({ length: 1 << 17 }, (_, i) =>
  (Math.imul(i + 1, 2654435761) >>> 0).toString(36).padStart(8, '0'),
).join('');

/** Half of a row is the same text over and over: it shrinks by about half. */
const rows = sc.range(0, count, 1, partitions).map((n): [string, string] => {
  const hash = Math.imul(n, 2654435761) >>> 0;
  const noise = NOISE.slice(hash % (NOISE.length - width / 2)).slice(0, width / 2);
  return [hash.toString(36).padStart(8, '0'), `${n} ${noise}`.padEnd(width, 'stage and light ')];
});

async function timed(name: string, run: () => Promise<string>): Promise<void> {
  const started = performance.now();
  const check = await run();
  console.log(`JOB ${name} ${((performance.now() - started) / 1000).toFixed(4)}`);
  console.log(`INFO ${name} ${check}`);
}

await timed('sort', async () => {
  const runs = await rows
    .sortByKey(true, partitions)
    .mapPartitions((sorted) => {
      let seen = 0;
      let size = 0;
      let last = '';
      let ordered = true;
      for (const [key, value] of sorted) {
        if (key < last) ordered = false;
        last = key;
        seen++;
        size += value.length;
      }
      return [[seen, size, ordered] as [number, number, boolean]];
    })
    .collect();
  const sum = (of: 0 | 1) => runs.reduce((total, run) => total + run[of], 0);
  return `${sum(0)} rows, ${sum(1)} characters, ${runs.every(([, , ordered]) => ordered) ? 'in order' : 'OUT OF ORDER'}`;
});

await timed('group', async () => {
  const groups = rows
    .map(([, value]): [number, string] => [Number.parseInt(value, 10) % Math.ceil(count / 4), value])
    .groupByKey(partitions)
    .map(([, values]) => values.length);
  const { count: keys, sum } = await groups.stats();
  return `${sum} rows of ${keys} keys`;
});
