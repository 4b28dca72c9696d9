/** Plots of datasets: what jobs draw is what the same rows in the driver would, exactly where rows are grouped. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addRow, emptyGroups, type Groups, mergeGroups, reducedValue } from '../../rdd/row-groups.ts';
import { emptySample, mergeSamples, type RowSample, sampleRow } from '../../rdd/row-sample.ts';
import { decodeRows, encodeRows } from '../../storage/row-codec.ts';
import { withContext } from '../../testing.ts';
import { plotRows } from './plot.ts';
import { plotDataset } from './plot-rdd.ts';

const travelled = <T>(value: T): T => decodeRows(encodeRows([value]))[0] as T;
const row = fc.record({ k: fc.constantFrom('a', 'b', 1, null), n: fc.integer({ min: -9, max: 9 }) });
const parts = fc.array(fc.array(row, { maxLength: 20 }), { minLength: 1, maxLength: 5 });

describe('partitions', () => {
  test('grouped alone and merged are the groups of all rows', () => {
    const reducers = [
      'count',
      'sum',
      'mean',
      'min',
      'max',
      'deviation',
      'median',
      'distinct',
      'first',
      'last',
    ] as const;
    const empty = () =>
      emptyGroups({ keys: [{ part: 'k' }], reducers: reducers.map((reducer) => ({ part: 'n', reducer })) });
    const values = ({ groups, rows }: Groups) =>
      [...groups.values()].map(({ keys, states }) => [
        keys[0],
        ...states.map((state, i) => {
          const value = reducedValue(state, reducers[i]!, rows);
          return typeof value === 'number' ? Number(value.toFixed(9)) + 0 : value;
        }),
      ]);
    fc.assert(
      fc.property(parts, (partitions) => {
        const merged = travelled(empty());
        for (const rows of partitions)
          mergeGroups(merged, travelled(rows.reduce(addRow, travelled(empty()))));
        expect(values(merged)).toEqual(values(partitions.flat().reduce(addRow, empty())));
      }),
    );
  });

  test('sampled alone and merged count every row, keep their ranges and no more rows than asked for', () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 12 }), (partitions, limit) => {
        const merged = emptySample(limit);
        for (const rows of partitions)
          mergeSamples(merged, travelled(rows.reduce<RowSample>(sampleRow, emptySample(limit))));
        const all = partitions.flat();
        expect(merged.count).toBe(all.length);
        expect(merged.rows.length).toBeLessThanOrEqual(limit);
        if (all.length <= limit) expect(merged.rows).toEqual(all);
        for (const kept of merged.rows) expect(all).toContainEqual(kept);
        const numbers = all.map(({ n }) => n);
        expect(merged.ranges.get('n')).toEqual(
          all.length === 0 ? undefined : [Math.min(...numbers), Math.max(...numbers)],
        );
      }),
    );
  });
});

test('a dataset is drawn like its rows, and says how many of how many', async () => {
  await withContext({}, async ({ sc }) => {
    const rows = Array.from({ length: 20_000 }, (_, i) => ({ n: (i * 7919) % 1_000, k: `k${i % 3}`, i }));
    const rdd = sc.parallelize(rows, 4);
    const bars = { mark: 'bar', x: 'k', y: { mean: 'n' } } as const;
    const histogram = { mark: 'histogram', x: 'n' } as const;
    for (const spec of [bars, histogram]) {
      const drawn = await plotDataset(rdd, spec, 'p');
      const expected = plotRows(rows, spec, 'p');
      const sorted = ({ layers }: typeof drawn) => {
        const columns = Object.values(layers[0]!.channels).map(({ values }) => values);
        return columns[0]!
          .map((_, at) =>
            JSON.stringify(
              columns.map((values) =>
                typeof values[at] === 'number' ? Number(values[at].toFixed(6)) : values[at],
              ),
            ),
          )
          .sort();
      };
      expect(sorted(drawn)).toEqual(sorted(expected));
      expect(drawn.rows).toEqual({ shown: 20_000, total: 20_000, how: 'all' });
    }
    const dots = await plotDataset(rdd, { mark: 'dot', x: 'i', y: 'n' }, 'p');
    expect(dots.rows).toEqual({ shown: 5_000, total: 20_000, how: 'sampled' });
    await expect(plotDataset(rdd, { x: 'm' }, 'p')).rejects.toThrow('plot: "x" names the column "m"');
  });
});
