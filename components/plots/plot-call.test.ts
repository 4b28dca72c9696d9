/** The form writes code: what is written parses back to what was meant, and nothing else in the text changes. */
import fc from 'fast-check';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';
import { PLOT_MARKS, type PlotSpec } from '../../engine/plot-protocol.ts';
import { appendCall, codeOf, findPlotCall, plotCalls, plottedText, rewriteCall } from './plot-call.ts';

/** The options a text calls `plot` with, by running it. */
function optionsOf(source: string, turn = 0): unknown {
  const { errors } = parseSync('cell.ts', source);
  expect(errors).toEqual([]);
  const seen: unknown[] = [];
  new Function('plot', 'rows', source)((_rows: unknown, options: unknown) => seen.push(options), []);
  return seen[turn];
}

describe('finding calls', () => {
  test.each<[string, number]>([
    ['plot(rows)', 1],
    ["// plot(rows)\n/* plot(a) */ 'plot(b)'; `plot(c)`; plot(rows)", 1],
    ['chart.plot(rows); function plot(a) {}', 0],
    ['const r = /plot(a)/; a / plot(b) / c', 1],
    ['`$' + '{plot(rows)}`', 0],
    ['plot(plot(rows))', 2],
    ['plot(rows', 0],
    ['plotter(rows); replot(rows); plot (rows)', 1],
  ])('%s', (source, count) => {
    expect(plotCalls(source).length).toBe(count);
  });

  test('the call is found by its place, and by its turn after the text was edited', () => {
    const ran = 'plot(a);\nplot(b);';
    const place = { line: 2, column: 1 };
    const text = (source: string) => {
      const call = findPlotCall(source, ran, place);
      return call && source.slice(call.start, call.end);
    };
    expect(text(ran)).toBe('plot(b)');
    expect(text('// more above\nplot(a);\n\nplot(bb, { x: 1 });')).toBe('plot(bb, { x: 1 })');
    expect(text('plot(a);')).toBeUndefined();
    expect(text('plot(a); plot(b); plot(c)')).toBeUndefined();
  });
});

describe('rewriting', () => {
  const rewrite = (source: string, changes: object, absent: object = {}) =>
    rewriteCall(source, plotCalls(source)[0]!, { ...changes }, { ...absent });

  test.each<[string, object, string | undefined]>([
    ['plot(rows);', { x: 'a' }, "plot(rows, { x: 'a' });"],
    ['plot(rows,)', { x: 'a' }, "plot(rows, { x: 'a' },)"],
    ["plot(rows, { x: 'a' })", { x: 'b' }, "plot(rows, { x: 'b' })"],
    ["plot(rows, { x: 'a', y: 'b' })", { x: undefined }, "plot(rows, { y: 'b' })"],
    ["plot(rows, { x: 'a', y: 'b' })", { y: undefined }, "plot(rows, { x: 'a' })"],
    ["plot(rows, { x: 'a' })", { x: undefined }, 'plot(rows, {  })'],
    ['plot(rows, {})', { mark: 'dot' }, "plot(rows, { mark: 'dot' })"],
    [
      "plot(rows, {\n  x: 'a', // the weight\n  y: 'b',\n})",
      { color: 'c' },
      "plot(rows, {\n  x: 'a', // the weight\n  y: 'b',\n  color: 'c',\n})",
    ],
    ['plot(rows, options)', { x: 'a' }, undefined],
    ['plot(rows, { ...shared })', { x: 'a' }, undefined],
    ['plot(rows, { x })', { y: 'a' }, undefined],
    ['plot()', { x: 'a' }, undefined],
  ])('%s with %o', (source, changes, expected) => {
    expect(rewrite(source, changes)).toBe(expected);
  });

  test('what the code says already is not written a second time', () => {
    expect(rewrite('plot(rows, { x: "a" })', { color: 'c' }, { x: 'z', y: 'b' })).toBe(
      "plot(rows, { x: \"a\", y: 'b', color: 'c' })",
    );
  });

  const text = fc.string({ maxLength: 12 });
  const channel = fc.oneof(text, fc.integer(), fc.record({ mean: text }), fc.record({ bin: text }));
  const spec = fc.record(
    {
      mark: fc.constantFrom(...PLOT_MARKS),
      x: channel,
      y: channel,
      title: text,
      height: fc.nat(),
      'odd name': text,
    },
    { requiredKeys: [] },
  );

  test('parses back to the changed options, whatever stood there', () => {
    fc.assert(
      fc.property(
        spec,
        spec,
        fc.constantFrom('', '// note\n', 'const a = 1 / 2;\n'),
        (before, changes, above) => {
          const source = `${above}plot(rows, ${codeOf(before)}); // end`;
          const written = rewrite(source, changes)!;
          expect(optionsOf(written)).toEqual({ ...before, ...changes });
          expect(written.startsWith(`${above}plot(rows, {`)).toBe(true);
          expect(written.endsWith('); // end')).toBe(true);
        },
      ),
    );
  });

  test('removing every option one by one leaves an empty object', () => {
    fc.assert(
      fc.property(spec, (before) => {
        const gone = Object.fromEntries(Object.keys(before).map((name) => [name, undefined]));
        expect(optionsOf(rewrite(`plot(rows, ${codeOf(before)})`, gone)!)).toEqual({});
      }),
    );
  });

  test('a call of its own is added at the end', () => {
    const source = appendCall('const a = 1;\n\n', 'rows', { mark: 'dot', x: "it's" } as PlotSpec);
    expect(source).toBe("const a = 1;\nplot(rows, { mark: 'dot', x: 'it\\'s' });\n");
    expect(optionsOf(source)).toEqual({ mark: 'dot', x: "it's" });
  });
});

test('a plot whose call was edited away is made again of what it showed', () => {
  const ran = "const sales = load();\nplot(sales.filter((s) => s.ok), { mark: 'dot' });";
  expect(plottedText(ran, { line: 2, column: 1 })).toBe('sales.filter((s) => s.ok)');
  expect(plottedText(ran, { line: 1, column: 1 })).toBeUndefined();
  expect(plottedText(undefined, { line: 2, column: 1 })).toBeUndefined();
});
