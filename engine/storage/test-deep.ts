/** For tests: rows of any depth, made and compared without calls that go as deep. */

/** Numbers of a seed, all of 32 bits (a mix of a counter: Steele, Lea and Flood, OOPSLA 2014). */
export function numbersOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let h = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
    return (h ^ (h >>> 15)) >>> 0;
  };
}

/** By name, what wraps a row once more. */
export const LEVELS: Record<string, (inner: unknown, i: number) => unknown> = {
  record: (inner, i) => ({ v: i, next: inner }),
  'record, next first': (inner, i) => ({ next: inner, v: i }),
  array: (inner) => [inner],
  'array among others': (inner, i) => [i, inner, `text ${i}`],
  map: (inner, i) => new Map([[i, inner]]),
  'map by key': (inner, i) => new Map([[inner, i]]),
  set: (inner) => new Set([inner]),
};

export function nested(levels: number, wrap: (inner: unknown, i: number) => unknown): unknown {
  let row: unknown = { end: true };
  for (let i = 0; i < levels; i++) row = wrap(row, i);
  return row;
}

const leaves: ((n: number) => unknown)[] = [
  (n) => n | 0,
  (n) => n,
  (n) => (n % 7) - 3,
  (n) => n / 7,
  () => -0,
  () => Number.NaN,
  () => undefined,
  () => null,
  (n) => n % 2 === 0,
  (n) => BigInt(n) ** 3n,
  (n) => -BigInt(n),
  (n) => `text ${n}`,
  (n) => 'é'.repeat(n % 50),
  (n) => `漢${String.fromCharCode(0xd800 + (n % 0x800))}`,
  (n) => new Date(n),
  () => new Date(Number.NaN),
  (n) => new Uint8Array([n, n >> 8, n >> 16]),
  () => /a+/gi,
  () => [],
  () => ({}),
  () => new Map(),
];

/** A row of so many levels of all kinds, with other parts beside them, some of them shared, some of them levels above. */
export function mixed(levels: number, seed: number): unknown {
  const next = numbersOf(seed);
  const pick = <T>(from: readonly T[]): T => from[next() % from.length]!;
  const leaf = () => pick(leaves)(next());
  const shared = Array.from({ length: 8 }, (_, i) => [i, leaf(), { leaf: leaf() }]);
  // A place that is filled with what is around it.
  const above: { up?: unknown }[] = [];
  let row: unknown = leaf();
  for (let i = 0; i < levels; i++) {
    const other = next() % 8 === 0 ? pick(shared) : leaf();
    const up: { up?: unknown } = {};
    if (next() % 16 === 0) above.push(up);
    switch (next() % 9) {
      case 0:
        row = [other, row];
        break;
      case 1:
        row = [row];
        break;
      case 2: {
        const holes: unknown[] = [];
        holes[1 + (next() % 5)] = row;
        holes.length += next() % 3;
        row = holes;
        break;
      }
      case 3:
        row = { next: row, other, up };
        break;
      case 4:
        row = { [`name ${next() % 40}`]: row, ['__proto__']: other };
        break;
      case 5:
        row = new Map([
          [other, up],
          [i, row],
        ]);
        break;
      case 6:
        row = new Map([[row, other]]);
        break;
      case 7:
        row = new Set([other, row, up]);
        break;
      default: {
        const far: unknown[] = [];
        far[100_000 + (next() % 1000)] = row;
        far[3] = other;
        row = far;
      }
    }
    if (next() % 32 === 0) for (const place of above.splice(0)) place.up = row;
  }
  return row;
}

/** All parts of an object, each with where it is. */
function partsOf(value: object): [string, unknown][] {
  if (value instanceof Map)
    return [...value].flatMap(([key, mapped], i) => [
      [`key ${i}`, key],
      [`value ${i}`, mapped],
    ]);
  if (value instanceof Set) return [...value].map((member, i) => [`member ${i}`, member]);
  if (ArrayBuffer.isView(value)) return [['bytes', String(value)]];
  return Object.entries(value);
}

/** Where two values differ first, other things than content too: what is shared, or a cycle, in one of them alone. */
export function difference(a: unknown, b: unknown): string | undefined {
  const same = new Map<object, object>();
  const left: [unknown, unknown, string][] = [[a, b, 'row']];
  for (let pair = left.pop(); pair !== undefined; pair = left.pop()) {
    const [x, y, where] = pair;
    if (typeof x !== 'object' || x === null || typeof y !== 'object' || y === null) {
      if (!Object.is(x, y)) return `${where}: ${String(x)}, not ${String(y)}`;
      continue;
    }
    const known = same.get(x);
    if (known !== undefined) {
      if (known !== y) return `${where}: another object`;
      continue;
    }
    same.set(x, y);
    if (Object.getPrototypeOf(x) !== Object.getPrototypeOf(y)) return `${where}: another class`;
    if (Array.isArray(x) && x.length !== (y as unknown[]).length) return `${where}: another length`;
    if ((x instanceof Date || x instanceof RegExp) && String(x) !== String(y))
      return `${where}: ${String(y)}`;
    const [xs, ys] = [partsOf(x), partsOf(y)];
    if (xs.length !== ys.length) return `${where}: ${xs.length} parts, not ${ys.length}`;
    for (let i = 0; i < xs.length; i++) {
      if (xs[i]![0] !== ys[i]![0]) return `${where}: ${xs[i]![0]}, not ${ys[i]![0]}`;
      left.push([xs[i]![1], ys[i]![1], xs[i]![0]]);
    }
  }
  return new Set(same.values()).size === same.size ? undefined : 'objects that were two are one';
}
