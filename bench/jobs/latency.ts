/** The latency of a tiny job, cold and warm. */
const tiny = () =>
  sc
    .parallelize(
      Array.from({ length: 100 }, (_, i) => i),
      2,
    )
    .map((x) => x * 2)
    .count();
const shuffle = () =>
  sc
    .parallelize(
      Array.from({ length: 100 }, (_, i) => i),
      2,
    )
    .map((x): [number, number] => [x % 10, 1])
    .reduceByKey((a, b) => a + b, 2)
    .count();

async function median(job: () => Promise<number>, warm: number, runs: number): Promise<number> {
  for (let i = 0; i < warm; i++) await job();
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    await job();
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[runs >> 1]!;
}

const started = performance.now();
await tiny();
console.log(`JOB first_job ${((performance.now() - started) / 1000).toFixed(4)}`);
console.log(`JOB tiny_job ${((await median(tiny, 300, 300)) / 1000).toFixed(6)}`);
console.log(`JOB tiny_shuffle_job ${((await median(shuffle, 100, 100)) / 1000).toFixed(6)}`);
