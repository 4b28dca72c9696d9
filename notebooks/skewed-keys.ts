// %% [markdown] id="sk-intro"
// # Skewed keys, and salt
//
// Some products sell more than others. When orders are grouped by product, all orders of the best
// seller land in one partition, and everybody waits for one task.

// %% id="sk-orders"
interface Order {
  product: number;
  price: number;
}

/** The order of this number. Every third is for product 1; most products sell rarely. */
function order(id: number): Order {
  const random = (stream: number) => {
    let mixed = Math.imul(id ^ Math.imul(stream, 0x9e3779b1), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
  const product = Math.floor(1000 ** (random(1) ** 2));
  return { product, price: Math.floor(random(2) * 1e6) / 100 };
}

const orders = sc.range(0, 1_000_000, 1, 8).map(order).setName('orders');
const topThree = (prices: number[]) => prices.sort((a, b) => b - a).slice(0, 3);

// %% [markdown] id="sk-plain-text"
// The three highest prices of each product. Switch the timeline to *per partition*: in the second stage one bar
// is much longer than the others. Select that stage, and its summary says the same: compare *Median* and *Max*
// of *Duration* and of *Shuffle Read Records*.

// %% id="sk-plain"
const byProduct = orders
  .map(({ product, price }): [number, number] => [product, price])
  .groupByKey(8);
const plain = await byProduct.mapValues(topThree).collect();
console.log(`${plain.length} products`);

// %% [markdown] id="sk-salted-text"
// The fix is salt: a second part of the key, here a number below 32, deals the orders of each product out
// to 32 groups. The best prices of those are few; a second, small shuffle brings them together. The salt is
// made from the row, not from chance, so a task that is tried again deals as before.

// %% id="sk-salted"
const SALTS = 32;
const bySaltedProduct = orders
  .map(({ product, price }): [[number, number], number] => [
    [product, Math.floor(price * 100) % SALTS],
    price,
  ])
  .groupByKey(8);
const salted = await bySaltedProduct
  .map(([[product], prices]): [number, number[]] => [product, topThree(prices)])
  .reduceByKey((a, b) => topThree([...a, ...b]), 8)
  .collect();

const inOrder = (rows: [number, number[]][]) =>
  JSON.stringify(rows.sort(([a], [b]) => a - b));
console.log(`same answer: ${inOrder(salted) === inOrder(plain)}`);
salted.slice(0, 5).map(([product, prices]) => ({ product, prices: prices.join(', ') }));

// %% [markdown] id="sk-compare-text"
// How many orders each partition had to group, before and after. The stages that made them are **skipped**: their
// shuffle files are still there, and only reading them is new.

// %% id="sk-compare"
const size = (groups: Iterable<[unknown, number[]]>) => {
  let rows = 0;
  for (const [, group] of groups) rows += group.length;
  return [rows];
};
const before = await byProduct.mapPartitions(size).collect();
const after = await bySaltedProduct.mapPartitions(size).collect();

const skew = (rows: number[]) => (Math.max(...rows) / (1_000_000 / 8)).toFixed(1);
console.log(
  `largest partition: ${skew(before)} times the mean, salted ${skew(after)} times`,
);
const partitions = (grouping: string, counts: number[]) =>
  counts.map((rows, partition) => ({ grouping, partition, rows }));
plot([...partitions('by product', before), ...partitions('salted', after)], {
  mark: 'bar',
  x: 'partition',
  y: 'rows',
  color: 'grouping',
  stack: 'group',
});
before.map((rows, partition) => ({
  partition,
  'by product': rows,
  salted: after[partition],
}));

// %% [markdown] id="sk-more"
// More, and what to try: `docs/guide/skewed-keys.md`.
