/**
 * Functions of the engine made from arguments: their id carries the arguments as JSON, `builtin:name(…)`. Rows among
 * the arguments (bounds, fractions by key) travel as base64 of the row codec's bytes.
 */
import { compareKeys } from '../storage/compare-keys.ts';
import { keyToMapKey } from '../storage/key-encoding.ts';
import { decodeRows, encodeRows } from '../storage/row-codec.ts';
import { countStrata, fractionMissing, splitQuotas, takeQuotas } from './exact-sampling.ts';
import { type PipeOptions, pipeRows } from './pipe.ts';
import { Random } from './random.ts';

type Rows = Iterable<unknown>;
export type EncodedRows = string;

export function rowsArgument(rows: readonly unknown[]): EncodedRows {
  return Buffer.from(encodeRows(rows)).toString('base64');
}

function decodedRows(rows: EncodedRows): unknown[] {
  return decodeRows(Buffer.from(rows, 'base64'));
}

const MAKERS = {
  /** [row, id] where partition p of n gives p, p + n, p + 2n, … */
  uniqueIds: (numPartitions: number) =>
    function* (index: number, rows: Rows) {
      let id = index;
      for (const row of rows) {
        yield [row, id];
        id += numPartitions;
      }
    },
  /** Pairs whose key spreads the rows of one partition over `numKeys` keys by partition. */
  keyByPartition: (numKeys: number) =>
    function* (index: number, rows: Rows) {
      for (const row of rows) yield [index % numKeys, row];
    },
  /** Rows whose random number, drawn in order from (seed, partition), lies in [low, high). */
  sampleBetween: (seed: number, low: number, high: number) =>
    function* (index: number, rows: Rows) {
      const random = new Random(seed, index);
      for (const row of rows) {
        const x = random.next();
        if (x >= low && x < high) yield row;
      }
    },
  /** A sample of pairs with a fraction of its own for each key. */
  sampleByKey: (withReplacement: boolean, seed: number, fractions: EncodedRows) => {
    const byKey = new Map(
      (decodedRows(fractions) as [unknown, number][]).map(([key, fraction]) => [keyToMapKey(key), fraction]),
    );
    return function* (index: number, rows: Rows) {
      const random = new Random(seed, index);
      for (const row of rows) {
        const key = (row as [unknown, unknown])[0];
        const fraction = byKey.get(keyToMapKey(key));
        if (fraction === undefined) {
          throw fractionMissing('sampleByKey', key);
        }
        const copies = withReplacement ? random.poisson(fraction) : random.next() < fraction ? 1 : 0;
        for (let i = 0; i < copies; i++) yield row;
      }
    };
  },
  countStrata,
  splitQuotas: (withReplacement: boolean, seed: number, fractions: EncodedRows) =>
    splitQuotas(withReplacement, seed, decodedRows(fractions) as [unknown, number][]),
  takeQuotas,
  keyBetween: (bounds: EncodedRows) => {
    const [lower, upper] = decodedRows(bounds);
    return ([key]: readonly [unknown]) => compareKeys(key, lower) >= 0 && compareKeys(key, upper) <= 0;
  },
  /** Adds a number to the bucket it falls into; the last bucket includes its upper edge, what lies outside is left out. */
  countIntoBuckets: (edges: number[]) => {
    const last = edges.length - 1;
    return (counts: number[], value: number): number[] => {
      if (!(value >= edges[0]! && value <= edges[last]!)) return counts;
      let low = 0;
      for (let high = last; high - low > 1; ) {
        const middle = (low + high) >> 1;
        if (value >= edges[middle]!) low = middle;
        else high = middle;
      }
      counts[low]!++;
      return counts;
    };
  },
  pipe: (command: string | string[], options: PipeOptions) => (rows: Rows) =>
    pipeRows(command, options, rows),
} satisfies Record<string, (...args: never[]) => unknown>;

export type ParametricName = keyof typeof MAKERS;
export type ParametricId = `builtin:${ParametricName}(${string})`;

export function builtinWith<Name extends ParametricName>(
  name: Name,
  ...args: Parameters<(typeof MAKERS)[Name]>
): ParametricId {
  return `builtin:${name}(${JSON.stringify(args).slice(1, -1)})`;
}

/** The function an id of this form names, or undefined. */
export function parametricFunction(name: string): unknown {
  const parts = /^(\w+)\((.*)\)$/s.exec(name);
  if (!parts || !Object.hasOwn(MAKERS, parts[1]!)) return undefined;
  const make = MAKERS[parts[1] as ParametricName] as (...args: unknown[]) => unknown;
  return make(...(JSON.parse(`[${parts[2]}]`) as unknown[]));
}
