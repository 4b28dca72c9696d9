/** What each demo must print, computed without the engine: plain loops over plain arrays. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableOutput } from '../engine/kernel/table-output.ts';
import { tableText } from './output-text.ts';

const root = join(import.meta.dirname, '..');
const book = () => readFileSync(join(root, 'notebooks', 'data', 'moby-dick.txt'), 'utf8');
const wordsOf = (text: string) => text.toLowerCase().match(/\p{L}+/gu) ?? [];
const vega = (name: string) =>
  readFileSync(join(root, 'node_modules', 'vega-datasets', 'data', name), 'utf8');

/** Rows as a headless run prints them. */
function table(rows: unknown[]): string {
  return tableText(tableOutput(rows)!);
}

const lines = (...text: string[]) => text.map((line) => `${line}\n`).join('');
const english = (n: number) => n.toLocaleString('en');

function counted<K>(keys: Iterable<K>): Map<K, number> {
  const counts = new Map<K, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

export function wordCount() {
  const words = wordsOf(book());
  const counts = counted(words);
  return {
    /** How often the twenty most frequent words occur; equal ones come in no defined order. */
    top: [...counts.values()].sort((a, b) => b - a).slice(0, 20),
    counts,
    end: lines(`${english(words.length)} words, ${english(counts.size)} different ones`),
  };
}

export function invertedIndex(): string {
  const chapters = book()
    .split(/^(?=CHAPTER \d+\. )/m)
    .map((text) => ({ title: text.split('\n')[0], counts: counted(wordsOf(text)) }));
  const query = ['white', 'whale'];
  const weights = query.map((word) =>
    Math.log(chapters.length / chapters.filter(({ counts }) => counts.has(word)).length),
  );
  const found = chapters.flatMap(({ title, counts }) => {
    const each = query.map((word) => counts.get(word) ?? 0);
    if (each.includes(0)) return [];
    const score = each.reduce((sum, count, i) => sum + count * weights[i]!, 0);
    return [{ title, found: each.join(' + '), score: Number(score.toFixed(2)) }];
  });
  return (
    lines(
      `${chapters.length} chapters, the last is "${chapters.at(-1)?.title}"`,
      `${english(new Set(wordsOf(book())).size)} words in the index`,
    ) + table(found.sort((a, b) => b.score - a.score).slice(0, 10))
  );
}

interface Sum {
  flights: number;
  minutes: number;
}

function meansBy<K>(rows: { delay: number }[], keyOf: (row: never) => K) {
  const sums = new Map<K, Sum>();
  for (const row of rows) {
    const key = keyOf(row as never);
    const sum = sums.get(key) ?? { flights: 0, minutes: 0 };
    sums.set(key, { flights: sum.flights + 1, minutes: sum.minutes + row.delay });
  }
  return [...sums].map(([key, { flights, minutes }]) => ({
    key,
    flights,
    'mean delay': Number((minutes / flights).toFixed(2)),
  }));
}

export function flights(): string {
  const flown: { origin: string; delay: number }[] = JSON.parse(vega('flights-20k.json'));
  const airports = vega('airports.csv')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [, iata = '', quoted, plain = '', state = ''] =
        /^(\w+),(?:"(.*?)"|([^,"]*)),(?:"[^"]*"|[^,]*),(\w*),/.exec(line) ?? [];
      return { iata, name: quoted ?? plain, state };
    });
  const stateOf = new Map(airports.map(({ iata, state }) => [iata, state]));
  const latest = meansBy(flown, ({ origin }: { origin: string }) => stateOf.get(origin))
    .filter((state) => state.flights >= 200)
    .sort((a, b) => b['mean delay'] - a['mean delay'])
    .slice(0, 8)
    .map(({ key, ...rest }) => ({ state: key, ...rest }));
  const used = new Set(flown.map(({ origin }) => origin));
  const unused = airports.filter(({ iata }) => !used.has(iata)).sort((a, b) => (a.iata < b.iata ? -1 : 1));
  const departures: { time: number; delay: number }[] = JSON.parse(vega('flights-200k.json'));
  const delays = departures.map(({ delay }) => delay).sort((a, b) => a - b);
  const percentiles = [1, 25, 50, 75, 90, 99].map((percentile) => ({
    percentile,
    'minutes late': delays[Math.floor((percentile / 100) * (delays.length - 1))],
  }));
  const hours = meansBy(departures, ({ time }: { time: number }) => Math.floor(time))
    .sort((a, b) => a.key - b.key)
    .map(({ key, ...rest }) => ({ hour: key, ...rest }));
  return [
    lines(`${flown.length} flights, ${airports.length} airports`),
    table(latest),
    lines('same answer: true', 'same answer: true'),
    lines(`${unused.length} airports without a departure, for example:`),
    table(unused.slice(0, 4)),
    table(percentiles),
    table(hours),
    lines('[plot, barY of hour and mean delay; 24 of 24 rows]'),
  ].join('');
}

const DARTS = 1_000_000;

function hits(seed: number): number {
  let inside = 0;
  let state = Math.imul(seed + 1, 0x9e3779b1);
  let x = 0;
  for (let i = 0; i < 2 * DARTS; i++) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const random = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    if (i % 2 === 1 && x * x + random * random <= 1) inside += 1;
    x = random;
  }
  return inside;
}

export function monteCarloPi(): string {
  const estimates: number[] = [];
  let sum = 0;
  for (let partitions = 1; partitions <= 64; partitions++) {
    sum += hits(partitions - 1);
    estimates.push((4 * sum) / (partitions * DARTS));
  }
  const errors = [1, 4, 16, 64].map((partitions) => {
    const pi = estimates[partitions - 1]!;
    return { darts: partitions * DARTS, pi, error: Number(Math.abs(pi - Math.PI).toFixed(6)) };
  });
  return lines('[plot, line of partitions and pi, ruleY; 64 of 64 rows]') + table(errors);
}

export function pagerank(): string {
  const routes = readFileSync(join(root, 'notebooks', 'data', 'routes-2008.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  const departures = new Map<string, number>();
  for (const [from = '', to = '', flights] of routes) {
    departures.set(from, (departures.get(from) ?? 0) + Number(flights));
    departures.set(to, departures.get(to) ?? 0);
  }
  const airports = departures.size;
  let ranks = new Map([...departures.keys()].map((airport) => [airport, 1 / airports]));
  let steps = 0;
  for (let change = 1; change > 1e-6; steps++) {
    const received = new Map([...departures].map(([each, n]) => [each, n === 0 ? ranks.get(each)! : 0]));
    for (const [from = '', to = '', flights] of routes) {
      const share = Number(flights) / departures.get(from)!;
      received.set(to, received.get(to)! + ranks.get(from)! * share);
    }
    const next = new Map([...received].map(([each, sum]) => [each, 0.15 / airports + 0.85 * sum]));
    change = Math.max(...[...next].map(([each, rank]) => Math.abs(rank - ranks.get(each)!)));
    ranks = next;
  }
  const best = [...ranks].sort(([, a], [, b]) => b - a).slice(0, 10);
  return [
    lines(`${airports} airports, ${routes.length} routes`),
    lines(...[1, 2, 3, 4, 5].map((step) => `step ${step}: the ranks add up to 1.000000`)),
    lines(`no rank changes any more after ${steps} steps`),
    lines(`[plot, line of step and largest change; ${steps} of ${steps} rows]`),
    table(best.map(([airport, rank]) => ({ airport, rank: Number(rank.toFixed(5)) }))),
  ].join('');
}

/** What a plain loop finds of the visits of pages. */
export function loseABlock(): string {
  const pages = ['about', 'demos', 'docs', 'home', 'search'];
  const sums = new Map<string, number>();
  for (let n = 0; n < 240_000; n++) {
    const page = pages[(n % 11) % 5]!;
    sums.set(page, (sums.get(page) ?? 0) + (n % 60));
  }
  const each = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  const total = each.reduce((all, [, seconds]) => all + seconds, 0);
  return [
    table(each.map(([page, seconds]) => ({ page, seconds }))),
    table(each.map(([page, seconds]) => ({ page, hours: Math.round(seconds / 3600) }))),
    lines(`${each.length} pages, kept in the memory of the executors`),
    lines(`${Math.round(total / 60)} minutes in all`),
  ].join('');
}

/** What holds whatever chance, memory and losses do. */
export function sameRows(): string {
  const customers = new Set(Array.from({ length: 300_000 }, (_, n) => (n * 7) % 150_000));
  const chains = [25_000, 50_000, 100_000];
  return lines(
    `${customers.size} pairs, 0 of them wrong`,
    '0 rows in both parts, 0 in none',
    'the same throw: true',
    'one game in one job: true',
    'another one than before: true',
    'JSON: RangeError',
    `after a shuffle: ${chains.reverse().join(', ')}`,
  );
}

/** The highest prices of the first products, and how many orders each product has. */
export function skewedKeys() {
  const prices = new Map<number, number[]>();
  for (let id = 0; id < 1_000_000; id++) {
    const random = (stream: number) => {
      let mixed = Math.imul(id ^ Math.imul(stream, 0x9e3779b1), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
    };
    const product = Math.floor(1000 ** (random(1) * random(1)));
    const price = Math.floor(random(2) * 1e6) / 100;
    const known = prices.get(product);
    if (known) known.push(price);
    else prices.set(product, [price]);
  }
  const products = [...prices].sort(([a], [b]) => a - b);
  const top = products.slice(0, 5).map(([product, all]) => ({
    product,
    prices: all
      .sort((a, b) => b - a)
      .slice(0, 3)
      .join(', '),
  }));
  return {
    start: lines(`${products.length} products`, 'same answer: true') + table(top),
    largestProduct: Math.max(...products.map(([, all]) => all.length)),
  };
}
