/** Rows of every kind through every operator that holds rows, each many times what memory holds. args: megabytes of each. */
const megabytes = Number(args[0]);
const BYTES = 1_000_000;
const PARTITIONS = 8;
const WIDE = 'сцена и свет '.repeat(100);

/** What a value takes on the heap, about, and the value. */
const KINDS: Record<string, [bytes: number, make: (n: number) => unknown]> = {
  text: [1000, (n) => `${n} `.padEnd(960, 'stage and light ')],
  'text beyond Latin-1': [1000, (n) => `${n} ${WIDE.slice(0, 480)}`],
  'text of pieces': [
    340,
    (n) =>
      Array.from({ length: 300 }, (_, i) => String.fromCharCode(97 + ((n + i) % 26))).reduce(
        (text, piece) => text + piece,
        '',
      ),
  ],
  bigint: [1000, (n) => (1n << 8000n) + BigInt(n)],
  date: [100, (n) => new Date(n)],
  bytes: [230, (n) => Uint8Array.of(n, n >> 8, n >> 16)],
  pair: [64, (n) => [n, n + 1]],
  record: [400, (n) => ({ a: n, b: `${n} b`, c: n / 3, d: [n, n], e: { f: n } })],
  set: [230, (n) => new Set([n, n + 1, n + 2])],
  'record with names of its own': [
    4400,
    (n) => Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${n} ${i}`, i])),
  ],
  map: [3600, (n) => new Map(Array.from({ length: 100 }, (_, i) => [i + n, i]))],
};

const rowsOf = ([bytes, make]: (typeof KINDS)[string]) => {
  const count = Math.floor((megabytes * BYTES) / bytes);
  return { count, rows: sc.range(0, count, 1, PARTITIONS).map((n) => make(n)) };
};

type Check = (kind: (typeof KINDS)[string]) => Promise<[found: number, wanted: number]>;

const OPERATORS: Record<string, Check> = {
  async sortBy(kind) {
    const { count, rows } = rowsOf(kind);
    const keyed = rows.zipWithUniqueId().map(([row, id]): [number, unknown] => [Math.imul(id, 40503), row]);
    const lengths = await keyed
      .sortByKey(true, 2)
      .mapPartitions((sorted) => {
        let length = 0;
        let last = Number.NEGATIVE_INFINITY;
        for (const [key] of sorted) {
          if (key < last) throw new Error('out of order');
          last = key;
          length++;
        }
        return [length];
      })
      .collect();
    return [lengths.reduce((a, b) => a + b), count];
  },
  async groupByKey(kind) {
    const { count, rows } = rowsOf(kind);
    const keys = Math.ceil(count / 4);
    const groups = rows.zipWithUniqueId().map(([row, id]): [number, unknown] => [id % keys, row]);
    return [
      await groups
        .groupByKey(2)
        .map(([, values]) => values.length)
        .sum(),
      count,
    ];
  },
  async cogroup(kind) {
    const { count, rows } = rowsOf(kind);
    const keys = Math.ceil(count / 2);
    const sides = rows.zipWithUniqueId().map(([row, id]): [number, unknown] => [id % keys, row]);
    const pairs = sides.cogroup(sides, 2).map(([, [left, right]]) => left.length + right.length);
    return [await pairs.sum(), 2 * count];
  },
  async cache(kind) {
    const { count, rows } = rowsOf(kind);
    const cached = rows.cache();
    const found = (await cached.count()) + (await cached.count());
    cached.unpersist();
    return [found, 2 * count];
  },
};

const KEYS: Record<string, [bytes: number, key: (n: number) => unknown]> = {
  'whole numbers': [60, (n) => n],
  fractions: [60, (n) => n / 3],
  bigints: [130, (n) => BigInt(n)],
  dates: [280, (n) => new Date(n)],
  'texts beyond Latin-1': [300, (n) => `${WIDE.slice(0, 100)} ${n}`],
  pairs: [240, (n) => [n, `k${n}`]],
  records: [300, (n) => ({ year: n, name: `k${n}` })],
};

async function check(name: string, found: number, wanted: number): Promise<void> {
  console.log(`${found === wanted ? 'RIGHT' : `WRONG (${found} for ${wanted})`} ${name}`);
}

for (const [kind, made] of Object.entries(KINDS)) {
  for (const [operator, run] of Object.entries(OPERATORS))
    await check(`${operator} ${kind}`, ...(await run(made)));
}
for (const [name, [bytes, key]] of Object.entries(KEYS)) {
  const count = Math.floor((megabytes * BYTES) / bytes);
  const pairs = sc.range(0, count, 1, PARTITIONS).map((n): [unknown, number] => [key(n), 1]);
  await check(`reduceByKey by ${name}`, await pairs.reduceByKey((a, b) => a + b, 2).count(), count);
}
const joined = sc
  .range(0, megabytes * 1000, 1, PARTITIONS)
  .map((n): [number, string] => [n % 1000, `${n} `.padEnd(1000, '.')])
  .reduceByKey((a, b) => a + b, 2);
await check(
  'reduceByKey that joins texts',
  await joined.map(([, text]) => text.length).sum(),
  megabytes * BYTES,
);
const numbers = sc.range(0, megabytes * 30_000, 1, PARTITIONS).map((n): [number, number] => [n % 1000, n]);
const sets = numbers.aggregateByKey(
  new Set<number>(),
  (set, n) => set.add(n),
  (a, b) => {
    for (const n of b) a.add(n);
    return a;
  },
  2,
);
await check('aggregateByKey into sets', await sets.map(([, set]) => set.size).sum(), megabytes * 30_000);
