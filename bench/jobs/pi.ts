/** Monte Carlo pi, 100 million samples through closures. */
const samples = 100_000_000;
for (const run of [1, 2]) {
  const started = performance.now();
  const inside = await sc
    .range(0, samples, 1, 2)
    .map(() => {
      const x = Math.random() * 2 - 1;
      const y = Math.random() * 2 - 1;
      return x * x + y * y <= 1 ? 1 : 0;
    })
    .reduce((a, b) => a + b);
  console.log(`JOB pi_run${run} ${((performance.now() - started) / 1000).toFixed(4)}`);
  console.log(`INFO pi ${((4 * inside) / samples).toFixed(2)}`);
}
