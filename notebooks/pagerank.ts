// %% [markdown] id="pr-intro"
// # PageRank
//
// Which airport matters most? The one that many flights reach from airports that matter. The graph is
// every route flown in the United States in 2008; ranks flow along the routes until they hardly change.

// %% id="pr-routes"
interface Route {
  to: string;
  flights: number;
}

const departures = sc
  .textFile('data/routes-2008.csv', 4)
  .filter((line) => !line.startsWith('origin'))
  .flatMap((line): [string, Route[]][] => {
    const [from = '', to = '', flights] = line.split(',');
    return [
      [from, [{ to, flights: Number(flights) }]],
      [to, []],
    ];
  })
  .reduceByKey((a, b) => [...a, ...b], 4);

const routes = departures.mapValues((list) => {
  const total = list.reduce((sum, { flights }) => sum + flights, 0);
  return list.map(({ to, flights }) => ({ to, share: flights / total }));
});
const airports = await routes.count();
const flown = routes.map(([, list]) => list.length);
console.log(`${airports} airports, ${await flown.sum()} routes`);

// %% [markdown] id="pr-step-text"
// One step: an airport keeps nothing and hands its rank on, to each destination its share of the flights.
// (The two airports nobody departs from keep theirs.) `routes` and `ranks` are both hash-partitioned by
// airport into four parts, so the `join` moves nothing: each step has **one** shuffle.

// %% id="pr-step"
const initial = routes.mapValues(() => 1 / airports);

const step = (ranks: typeof initial) =>
  routes
    .join(ranks)
    .flatMap(([airport, [list, rank]]): [string, number][] => [
      [airport, list.length > 0 ? 0 : rank],
      ...list.map(({ to, share }): [string, number] => [to, rank * share]),
    ])
    .reduceByKey((a, b) => a + b, 4)
    .mapValues((received) => 0.15 / airports + 0.85 * received);

// %% [markdown] id="pr-plain-text"
// First without a cache. The panel groups the five jobs as iterations: open them and choose the last. A job
// needs all steps before its own, but not their work: their shuffle files are still there, so those stages are
// **skipped**. Yet the step itself reads all routes from a shuffle: see *Shuffle Read Size* of its stage.

// %% id="pr-plain"
let plain = initial;
for (let i = 1; i <= 5; i++) {
  plain = step(plain);
  console.log(
    `step ${i}: the ranks add up to ${(await plain.values().sum()).toFixed(6)}`,
  );
}

// %% [markdown] id="pr-cached-text"
// Now the routes stay in memory, and so do the ranks of a step until the next ones are there. Choose one of
// these iterations: the stage of its step says *from cache* and has no *Shuffle Read* at all. The loop ends when no rank
// changes by more than a millionth.

// %% id="pr-cached"
routes.setName('routes').cache();
let ranks = initial;
const steps: { step: number; 'largest change': number }[] = [];
for (let change = 1; change > 1e-6; ) {
  const next = step(ranks).cache();
  const changes = next.join(ranks).map(([, [a, b]]) => Math.abs(a - b));
  change = await changes.max();
  ranks.unpersist();
  ranks = next;
  steps.push({ step: steps.length + 1, 'largest change': change });
  plot(steps, {
    key: 'steps',
    mark: 'line',
    points: true,
    scales: { y: { type: 'log' } },
  });
}
console.log(`no rank changes any more after ${steps.length} steps`);

// %% id="pr-result"
const best = await ranks.top(10, ([, a], [, b]) => a - b);
best.map(([airport, rank]) => ({ airport, rank: Number(rank.toFixed(5)) }));

// %% [markdown] id="pr-more"
// More, and what to try: `docs/guide/pagerank.md`.
