/** The sum of 5 million values of a "key,value" file, twice over a cached dataset. args: input. */
const [input] = args as [string];
const pairs = sc
  .textFile(input, 4)
  .map((line): [number, number] => {
    const comma = line.indexOf(',');
    return [Number(line.slice(0, comma)), Number(line.slice(comma + 1))];
  })
  .cache();

for (const pass of ['first', 'second', 'third']) {
  const started = performance.now();
  const sum = await pairs.map(([, value]) => value).reduce((a, b) => a + b);
  console.log(`JOB ${pass}_pass ${((performance.now() - started) / 1000).toFixed(4)}`);
  console.log(`INFO ${pass}_pass ${sum.toFixed(0)}`);
}
