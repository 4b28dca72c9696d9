/** 10,000 empty tasks, three times. */
for (const run of [1, 2, 3]) {
  const started = performance.now();
  await sc
    .parallelize(
      Array.from({ length: 10_000 }, (_, i) => i),
      10_000,
    )
    .foreach(() => {});
  console.log(`JOB tasks10k_run${run} ${((performance.now() - started) / 1000).toFixed(4)}`);
}
