/**
 * `npm run -s bench -- [NAME…] [--peers] [--json] [--runs N]`: each case in its own process, contenders in turn
 * (A B A B …), medians, ratios to each peer. Results are compared before any time is believed.
 */
import { rmSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bar, type BenchCase, benchCases } from './cases.ts';
import { prepareData } from './data.ts';
import { digestOutput, type Measurement, measure } from './measure.ts';

const root = join(import.meta.dirname, '..');
const cache = join(root, '.cache');

interface CaseResult {
  name: string;
  title: string;
  /** Median seconds by contender and figure. */
  medians: Record<string, Record<string, number>>;
  peakRss: Record<string, number>;
  bars: (Bar & { value: number; met: boolean })[];
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

function assertSameResults(benchCase: BenchCase, results: Map<string, Measurement[]>): void {
  const expected = new Map<string, string>();
  for (const [contender, runs] of results) {
    for (const { info } of runs) {
      for (const [key, value] of Object.entries(info)) {
        if (!expected.has(key)) expected.set(key, value);
        else if (expected.get(key) !== value) {
          throw new Error(
            `${benchCase.name}: ${contender} has ${key} = ${value}, another ${expected.get(key)}`,
          );
        }
      }
    }
  }
}

async function runCase(benchCase: BenchCase, runs: number, withPeers: boolean): Promise<CaseResult> {
  benchCase.prepare?.();
  const contenders = withPeers ? benchCase.contenders : benchCase.contenders.slice(0, 1);
  const results = new Map<string, Measurement[]>(contenders.map(({ name }) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const contender of contenders) {
      if (benchCase.output) rmSync(benchCase.output, { recursive: true, force: true });
      const measurement = await measure(contender);
      if (benchCase.output) measurement.info['output'] = digestOutput(benchCase.output);
      results.get(contender.name)!.push(measurement);
    }
  }
  assertSameResults(benchCase, results);
  const medians: CaseResult['medians'] = {};
  const peakRss: CaseResult['peakRss'] = {};
  for (const [name, measurements] of results) {
    const figures = Object.keys(measurements[0]!.figures);
    medians[name] = Object.fromEntries(
      figures.map((f) => [f, median(measurements.map((m) => m.figures[f]!))]),
    );
    peakRss[name] = median(measurements.map((m) => m.peakRss));
  }
  const bars = benchCase.bars.flatMap((bar) => {
    const { figure, peer, of, atMost } = bar;
    const own = medians['stagelight']![figure];
    const other = peer || of ? medians[peer ?? 'stagelight']?.[of ?? figure] : 1;
    if (own === undefined || other === undefined) return [];
    return [{ ...bar, value: own / other, met: own / other <= atMost }];
  });
  return { name: benchCase.name, title: benchCase.title, medians, peakRss, bars };
}

function print(result: CaseResult): void {
  const { medians, peakRss } = result;
  const names = Object.keys(medians);
  const own = medians['stagelight']!;
  console.log(`\n${result.name}: ${result.title}`);
  console.log(
    ['figure', ...names.flatMap((n) => (n === 'stagelight' ? [n] : [n, 'ratio']))]
      .map((t) => t.padStart(14))
      .join(''),
  );
  for (const figure of Object.keys(own)) {
    const row = [figure];
    for (const name of names) {
      const value = medians[name]![figure];
      row.push(
        value === undefined
          ? '–'
          : `${value < 0.1 ? `${(value * 1000).toFixed(2)} ms` : `${value.toFixed(2)} s`}`,
      );
      if (name !== 'stagelight') row.push(value === undefined ? '–' : (own[figure]! / value).toFixed(2));
    }
    console.log(row.map((text) => text.padStart(14)).join(''));
  }
  console.log(
    [
      'peak memory',
      ...names.flatMap((n) => [`${(peakRss[n]! / 1e6).toFixed(0)} MB`, ...(n === 'stagelight' ? [] : [''])]),
    ]
      .map((text) => text.padStart(14))
      .join(''),
  );
  for (const { figure, peer, of, atMost, value, met } of result.bars) {
    const other = peer ?? of;
    const target = other ? `${atMost.toFixed(2)} × ${other}` : `${atMost} s`;
    console.log(`  ${met ? '✓' : '✕'} ${figure} ${value.toFixed(other ? 2 : 4)} (bar: ${target})`);
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { peers: { type: 'boolean' }, json: { type: 'boolean' }, runs: { type: 'string', default: '3' } },
});
const cases = benchCases({ root, cache, data: prepareData(cache), node: process.execPath });
const unknown = positionals.filter((name) => !cases.some((c) => c.name === name));
if (unknown.length > 0) {
  console.error(`bench: there is no case "${unknown[0]}". Cases: ${cases.map((c) => c.name).join(', ')}`);
  process.exit(2);
}
const machine = {
  cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  memory: `${(totalmem() / 1024 ** 3).toFixed(0)} GiB`,
  system: `${process.platform} ${release()}`,
  node: process.version,
};
if (!values.json)
  console.log(
    Object.entries(machine)
      .map(([k, v]) => `${k}: ${v}`)
      .join(' · '),
  );
const all: CaseResult[] = [];
const asked = cases.filter((c) =>
  positionals.length === 0 ? !c.onlyWhenNamed : positionals.includes(c.name),
);
for (const benchCase of asked) {
  const result = await runCase(benchCase, Number(values.runs), values.peers === true);
  all.push(result);
  if (!values.json) print(result);
}
if (values.json) console.log(JSON.stringify({ machine, runs: Number(values.runs), cases: all }, null, 2));
