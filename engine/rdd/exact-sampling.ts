/**
 * A stratified sample of exact size: the rows of each key are counted by partition, each key's share is split over the
 * partitions as a draw from all its rows would fall, and each partition then draws its part in one pass.
 */
import { StagelightError } from '../errors.ts';
import { hashKey, keyToMapKey } from '../storage/key-encoding.ts';
import { binomialQuantile, hypergeometricQuantile } from './distributions.ts';
import { Random } from './random.ts';

type Rows = Iterable<unknown>;
/** Of one key in one partition: how many rows there are, and how many to take. */
type Quota = [key: unknown, rows: number, wanted: number];

/** Per key of a partition: [key, [partition, rows]]. */
export const countStrata = () =>
  function* (index: number, rows: Rows) {
    const counts = new Map<unknown, [unknown, [number, number]]>();
    for (const row of rows) {
      const [key] = row as [unknown];
      const known = counts.get(keyToMapKey(key));
      if (known) known[1][1]++;
      else counts.set(keyToMapKey(key), [key, [index, 1]]);
    }
    yield* counts.values();
  };

/** Splits each key's sample of ceil(fraction × rows) over the partitions: [partition, quota]. */
export function splitQuotas(
  withReplacement: boolean,
  seed: number,
  fractions: readonly (readonly [unknown, number])[],
) {
  const byKey = new Map(fractions.map(([key, fraction]) => [keyToMapKey(key), fraction]));
  return function* (rows: Rows): Generator<[number, Quota]> {
    for (const [key, parts] of rows as Iterable<[unknown, [number, number][]]>) {
      const fraction = byKey.get(keyToMapKey(key));
      if (fraction === undefined) throw fractionMissing('sampleByKeyExact', key);
      const random = new Random(seed, hashKey(key));
      let rowsLeft = parts.reduce((sum, [, count]) => sum + count, 0);
      let wanted = Math.ceil(fraction * rowsLeft);
      // A shuffle brings the parts in any order; the draws must not depend on it.
      for (const [partition, count] of parts.sort(([a], [b]) => a - b)) {
        const share = withReplacement
          ? binomialQuantile(random.next(), wanted, count / rowsLeft)
          : hypergeometricQuantile(random.next(), rowsLeft, count, wanted);
        rowsLeft -= count;
        wanted -= share;
        if (share > 0) yield [partition, [key, count, share]];
      }
    }
  };
}

/**
 * Takes of each key as many rows as its quota says: each row with the probability that is left for it (Knuth's
 * algorithm S), or as many copies as the draws that are left fall on it.
 */
export const takeQuotas = (withReplacement: boolean, seed: number) =>
  function* (rows: Rows, quotas: Rows) {
    const left = new Map<unknown, { rows: number; wanted: number }>();
    let random: Random | undefined;
    for (const [partition, [key, count, wanted]] of quotas as Iterable<[number, Quota]>) {
      left.set(keyToMapKey(key), { rows: count, wanted });
      random ??= new Random(seed, partition);
    }
    if (!random) return;
    for (const row of rows) {
      const quota = left.get(keyToMapKey((row as [unknown])[0]));
      if (!quota || quota.wanted === 0) continue;
      const copies = withReplacement
        ? binomialQuantile(random.next(), quota.wanted, 1 / quota.rows)
        : Number(random.next() * quota.rows < quota.wanted);
      quota.rows--;
      quota.wanted -= copies;
      for (let i = 0; i < copies; i++) yield row;
    }
  };

export function fractionMissing(operator: string, key: unknown): StagelightError {
  return new StagelightError('FRACTION_MISSING', `${operator}: no fraction for the key ${String(key)}`, {
    hint: 'Name every key that occurs, with 0 for those to leave out.',
  });
}
