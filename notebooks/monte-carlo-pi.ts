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

// %% id="pi-rounds"
const rounds: { partitions: number; pi: number; error: number }[] = [];
for (const partitions of [1, 4, 16, 64]) {
  const inside = await sc.range(0, partitions, 1, partitions).map(hits).sum();
  const pi = (4 * inside) / (partitions * DARTS);
  rounds.push({ partitions, pi, error: Number(Math.abs(pi - Math.PI).toFixed(6)) });
  console.log(`${(partitions * DARTS).toLocaleString('en')} darts: π ≈ ${pi.toFixed(6)}`);
}
rounds;

// %% [markdown] id="pi-look"
// A line appears when its job has ended. In the timeline of the last job the lanes are full, and nearly all of it
// is *Executor Computing*. One more digit costs a hundred times the darts: the error shrinks with the
// square root of their number. Below, what the estimate was after each partition of the last round.

// %% id="pi-running"
const inside = await sc.range(0, 64, 1, 64).map(hits).collect();
let sum = 0;
const running = inside.map((hit, i) => ({
  partitions: i + 1,
  pi: (4 * (sum += hit)) / ((i + 1) * DARTS),
}));
running;

// %% [markdown] id="pi-more"
// More, and what to try: `docs/guide/monte-carlo-pi.md`.
