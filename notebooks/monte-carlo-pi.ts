// %% [markdown] id="pi-intro"
// # Monte Carlo pi
//
// Throw darts at a square: the share that lands in the quarter circle is π / 4. Darts know nothing of
// each other, which is what parallel machines like best: one stage, no shuffle.

// %% id="pi-hits"
const DARTS = 1_000_000;

/** How many of a million darts hit. The seed decides where they land (mulberry32). */
function hits(seed: number): number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  let inside = 0;
  for (let i = 0; i < DARTS; i++) if (random() ** 2 + random() ** 2 <= 1) inside += 1;
  return inside;
}

// %% [markdown] id="pi-seed"
// Each partition has a seed of its own, its number. A task that is tried again throws the very same
// darts, so the result does not depend on what fails on the way. With `Math.random` it would.

// %% id="pi-throw"
const estimates: { partitions: number; pi: number }[] = [];
let inside = 0;
for (let seed = 0; seed < 64; seed += 8) {
  const batch = sc.range(seed, seed + 8, 1, 8).map(hits);
  for (const count of await batch.collect()) {
    inside += count;
    const partitions = estimates.length + 1;
    estimates.push({ partitions, pi: (4 * inside) / (partitions * DARTS) });
  }
  plot(estimates, {
    key: 'pi',
    marks: [
      { mark: 'line', x: 'partitions', y: 'pi' },
      { mark: 'rule', y: Math.PI },
    ],
  });
}

// %% [markdown] id="pi-look"
// Eight jobs of eight partitions; the plot grows with each. In the timeline of a job the lanes are full, and nearly all
// of it is *Executor Computing*. One more digit costs a hundred times the darts: the error shrinks with
// the square root of their number.

// %% id="pi-error"
[1, 4, 16, 64].map((partitions) => {
  const pi = estimates[partitions - 1]?.pi ?? 0;
  return {
    darts: partitions * DARTS,
    pi,
    error: Number(Math.abs(pi - Math.PI).toFixed(6)),
  };
});

// %% [markdown] id="pi-more"
// More, and what to try: `docs/guide/monte-carlo-pi.md`.
