/**
 * Large parts that hide among small ones, drawn from a seed: what kind, how many, how deep, under which operator. Prints
 * RIGHT or WRONG for each case. Arguments: seed, cases.
 */
import { seededRandom } from '../../engine/testing-random.ts';

const [seed, cases] = args.map(Number) as [number, number];

type Make = (items: number, n: number) => unknown;
/** Of a value with about so many items. */
const makers: Record<string, Make> = {
  list: (items, n) => Array.from({ length: items }, (_, i) => ({ i: i + n })),
  field: (items, n) => ({ n, inner: { list: Array.from({ length: items }, (_, i) => [i + n, 'x']) } }),
  map: (items, n) => new Map(Array.from({ length: items }, (_, i) => [i + n, `${i}`])),
  set: (items, n) => new Set(Array.from({ length: items }, (_, i) => `${i + n}`)),
  text: (items, n) => `${n}`.padEnd(items * 40, 'z'),
  wide: (items, n) => `${n}é漢`.padEnd(items * 20, '漢'),
  bytes: (items, n) => new Uint8Array(items * 40).fill(n),
  bigints: (items, n) => Array.from({ length: items }, (_, i) => (BigInt(i + n) << 70n) + 1n),
  dates: (items, n) => Array.from({ length: items >> 1 }, (_, i) => new Date(i + n)),
};

/** Where it hides: each gives the row its part, or a small one. */
const places: Record<string, (part: unknown, n: number) => unknown> = {
  itself: (part) => part,
  'in a field': (part, n) => ({ n, part }),
  'among 1,000': (part, n) => Array.from({ length: 1000 }, (_, i) => (i === (n * 37) % 1000 ? part : { i })),
  'in a field among 300': (part, n) =>
    Array.from({ length: 300 }, (_, i) => (i === (n * 37) % 300 ? { i, part } : { i })),
  'in a map of 300': (part, n) =>
    new Map(Array.from({ length: 300 }, (_, i) => [`k${i}`, i === (n * 37) % 300 ? { i, part } : { i }])),
};

type Rows = RDD<[number, unknown]>;
/** How many rows come out; every row is looked at. */
const operators: Record<
  string,
  (rows: Rows, isRight: (row: [number, unknown]) => boolean) => Promise<number>
> = {
  sortBy: (rows, ok) =>
    rows
      .sortBy(([n]) => -n, true, 2)
      .filter(ok)
      .count(),
  groupByKey: (rows, ok) =>
    rows
      .groupByKey(2)
      .filter(([n, [value]]) => ok([n, value]))
      .count(),
  reduceByKey: (rows, ok) =>
    rows
      .reduceByKey((a) => a, 2)
      .filter(ok)
      .count(),
  join: (rows, ok) =>
    rows
      .join(
        rows.mapValues(() => 1),
        2,
      )
      .filter(([n, [value]]) => ok([n, value]))
      .count(),
  cogroup: (rows, ok) =>
    rows
      .cogroup(
        rows.mapValues(() => 1),
        2,
      )
      .filter(([n, [[value]]]) => ok([n, value]))
      .count(),
  subtractByKey: (rows, ok) =>
    rows
      .subtractByKey(
        rows.filter(() => false),
        2,
      )
      .filter(ok)
      .count(),
  zip: (rows, ok) => {
    const shuffled = rows.repartition(2);
    return shuffled
      .zip(shuffled.keys())
      .filter(([row, n]) => row[0] === n && ok(row))
      .count();
  },
  cache: async (rows, ok) => {
    const cached = rows.cache();
    const counts = [await cached.filter(ok).count(), await cached.filter(ok).count()];
    cached.unpersist();
    return counts[0] === counts[1] ? counts[0]! : -1;
  },
  'cached zip': async (rows, ok) => {
    const cached = rows.cache();
    await cached.count();
    const right = await cached
      .zip(cached)
      .filter(([a, b]) => a[0] === b[0] && ok(a) && ok(b))
      .count();
    cached.unpersist();
    return right;
  },
  mapPartitions: (rows, ok) =>
    rows
      .mapPartitions(function* (all) {
        for (const row of all) yield row;
      })
      .filter(ok)
      .count(),
  coalesce: (rows, ok) => rows.coalesce(1, true).filter(ok).count(),
};

for (let at = 0; at < cases; at++) {
  const draw = seededRandom(seed + at);
  const of = <T>(table: Record<string, T>): [string, T] => {
    const names = Object.keys(table);
    const name = names[Math.floor(draw() * names.length)]!;
    return [name, table[name]!];
  };
  const [kind, make] = of(makers);
  const [place, put] = of(places);
  const [operator, run] = of(operators);
  const items = Math.floor(4000 * 10 ** draw());
  // From one in ten to one in a thousand, alone or in bursts of up to eight.
  const every = Math.floor(10 * 100 ** draw());
  const burst = 1 + Math.floor(draw() ** 2 * 8);
  const larges = 30;
  const total = Math.ceil(larges / burst) * every * burst;
  const isLarge = (n: number) => n % (every * burst) >= every * burst - burst;
  const weigh = (value: unknown): number => {
    if (typeof value === 'string' || ArrayBuffer.isView(value))
      return (value as string).length ?? (value as DataView).byteLength;
    if (value instanceof Map || value instanceof Set)
      return value.size + [...value.values()].reduce((sum: number, part) => sum + weigh(part), 0);
    if (Array.isArray(value)) return value.length + value.reduce((sum, part) => sum + weigh(part), 0);
    if (value instanceof Date || typeof value !== 'object' || value === null) return 1;
    return Object.values(value).reduce((sum: number, part) => sum + weigh(part), 0);
  };
  const value = (n: number) => put(isLarge(n) ? make(items, n) : make(2, n), n);
  const rows: Rows = sc.range(0, total, 1, 2).map((n): [number, unknown] => [n, value(n)]);
  const isRight = ([n, found]: [number, unknown]) => weigh(found) === weigh(value(n));
  const name = `${seed + at}: ${operator}, ${kind} ${place}, ${items} items, 1 in ${every}, bursts of ${burst}, ${total} rows`;
  const started = Date.now();
  try {
    const right = await run(rows, isRight);
    console.log(
      `${right === total ? 'RIGHT' : `WRONG ${right} of ${total}`} ${name} ${Date.now() - started} ms`,
    );
  } catch (error) {
    const { code, cause, message } = error as Error & { code?: string; cause?: { code?: string } };
    console.log(`FAILED ${code} ${cause?.code} ${name}: ${message.slice(0, 300)}`);
  }
}
