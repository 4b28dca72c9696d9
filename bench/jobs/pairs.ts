/** Group-sum, sort and self-join of "key,value" lines; each job reads the file again. args: input. */
const [input] = args as [string];

const pairs = () =>
  sc.textFile(input, 4).map((line): [number, number] => {
    const comma = line.indexOf(',');
    return [Number(line.slice(0, comma)), Number(line.slice(comma + 1))];
  });

async function job(name: string, run: () => Promise<string>): Promise<void> {
  const started = performance.now();
  const check = await run();
  console.log(`JOB ${name} ${((performance.now() - started) / 1000).toFixed(4)}`);
  console.log(`INFO ${name} ${check}`);
}

await job('groupsum', async () => {
  const [groups, total] = await pairs()
    .reduceByKey((a, b) => a + b)
    .map(([, sum]): [number, number] => [1, sum])
    .reduce((a, b) => [a[0] + b[0], a[1] + b[1]]);
  return `${groups},${total.toFixed(0)}`;
});

await job('sort', async () => {
  const runs = await pairs()
    .sortByKey()
    .mapPartitions((rows) => {
      let count = 0;
      let last = -Infinity;
      let ordered = true;
      for (const [key] of rows) {
        if (key < last) ordered = false;
        last = key;
        count++;
      }
      return [[count, ordered] as [number, boolean]];
    })
    .collect();
  return `${runs.reduce((sum, [count]) => sum + count, 0)},${runs.every(([, ordered]) => ordered)}`;
});

await job('join', async () => {
  const left = pairs();
  const [rows, total] = await left
    .join(pairs())
    .map(([, [a, b]]): [number, number] => [1, a * b])
    .reduce((a, b) => [a[0] + b[0], a[1] + b[1]]);
  return `${rows},${(total / 1e6).toFixed(0)}e6`;
});
