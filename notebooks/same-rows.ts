// %% [markdown] id="sr-intro"
// # The same rows, every time
//
// A dataset is a recipe, and a recipe may be followed more than once: by two jobs, on another executor, with less memory,
// after a loss. Here is what comes out the same then, and what you can rely on.

// %% [markdown] id="sr-order-text"
// ## Places
//
// `zip` pairs rows that are in the same place. Here both sides come out of the same shuffle, computed twice. Where memory is
// short, such a task sets rows aside on disk and could hand them out in another order; each pair would be two customers.
// So operators that tell rows apart by their places (`zip`, `zipWithIndex`, samples and splits) have all that is before them
// computed **in one order**, whatever memory there is.

// %% id="sr-order"
const sums = sc
  .range(0, 300_000, 1, 8)
  .map((n): [string, number] => [`customer ${(n * 7) % 150_000}`, n])
  .reduceByKey((a, b) => a + b, 2)
  .setName('sums');
const customers = sums.keys();
const rows = await sums.count();
const wrong = await sums
  .zip(customers)
  .filter(([[name], other]) => name !== other)
  .count();
console.log(`${rows} pairs, ${wrong} of them wrong`);

// %% [markdown] id="sr-split-text"
// A split is two datasets, computed by different jobs. Each row is in exactly one of them, because all jobs see it in the
// same place.

// %% id="sr-split"
const [train, test] = sums.randomSplit([0.8, 0.2], 42) as [typeof sums, typeof sums];
const shared = await train.keys().intersection(test.keys()).count();
const missing = rows - (await train.count()) - (await test.count());
console.log(`${shared} rows in both parts, ${missing} in none`);

// %% [markdown] id="sr-chance-text"
// ## Chance
//
// These dice are thrown anew whenever they are computed. `cache()` keeps one throw, in memory and, because a partition that is
// lost could not be made again, in a file that outlives its executor.

// %% id="sr-dice"
const dice = sc
  .range(0, 60_000, 1, 4)
  .map(() => 1 + Math.floor(Math.random() * 6))
  .setName('dice')
  .cache();
const thrown = await dice.sum();

// %% id="sr-again"
console.log(`the same throw: ${(await dice.sum()) === thrown}`);

// %% [markdown] id="sr-again-look"
// **Kill an executor**, or both: in the panel, below *Aggregated Metrics by Executor*, press the sign behind its number. Then run
// the last cell again. Its throw is still the same, and nothing was computed again.

// %% [markdown] id="sr-life-text"
// ## One life
//
// `wins` counts where the ball of a roulette wheel fell, and its shuffle files stay. Then the rows are given up, and the next
// job spins the wheel again: it would read the files of the first game beside the rows of the second. But **a job reads
// one life of a dataset**, so what was made of the first game is made again.

// %% id="sr-life"
const wheel = sc
  .range(0, 60_000, 1, 4)
  .map(() => Math.floor(Math.random() * 37))
  .setName('wheel')
  .cache();
const count = () => wheel.map((pocket): [number, number] => [pocket, 1]).reduceByKey((a, b) => a + b, 2);
const wins = count();
const first = await wins.collectAsMap();

wheel.unpersist();
wheel.cache();
const both = await wins.join(count()).collect();
console.log(`one game in one job: ${both.every(([, [old, now]]) => old === now)}`);
console.log(`another one than before: ${both.some(([pocket, [old]]) => old !== first.get(pocket))}`);

// %% [markdown] id="sr-life-look"
// In the graph of the last job no stage is skipped: that of `wins` ran a second time. A job that reads `wins` alone goes on
// reading the old files. Try it between `unpersist()` and `cache()`.

// %% [markdown] id="sr-deep-text"
// ## Any depth
//
// Rows travel between processes and to disk. Lists that are linked a hundred thousand times do, too, although `JSON` and
// `structuredClone` give up on them.

// %% id="sr-deep"
interface Link {
  n: number;
  next?: Link;
}
const chain = (length: number) => {
  let head: Link = { n: 0 };
  for (let n = 1; n < length; n++) head = { n, next: head };
  return head;
};
const lengthOf = (link: Link) => {
  let length = 1;
  for (let at = link; at.next; at = at.next) length++;
  return length;
};
const chains = sc.parallelize([25_000, 50_000, 100_000], 3).map((length): [number, Link] => [length, chain(length)]);
try {
  JSON.stringify(chain(100_000));
} catch (error) {
  console.log(`JSON: ${(error as Error).name}`);
}
const lengths = await chains.sortByKey(false, 2).mapValues(lengthOf).values().collect();
console.log(`after a shuffle: ${lengths.join(', ')}`);

// %% [markdown] id="sr-more"
// More, and what to try: `docs/guide/same-rows.md`.
