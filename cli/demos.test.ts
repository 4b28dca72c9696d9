/** Every demo runs without a page and prints what plain loops over the same data compute. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as oracles from './demo-oracles.ts';

const demos = join(import.meta.dirname, '..', 'notebooks');
const folder = mkdtempSync(join(tmpdir(), 'stagelight-demos-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runFile(file: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const args = [join(import.meta.dirname, 'main.ts'), 'run', file, '--executors', '2'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

const runDemo = (name: string) => runFile(join(demos, `${name}.ts`));

test('word count', async () => {
  const { code, stdout, stderr } = await runDemo('word-count');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { top, counts, end } = oracles.wordCount();
  const rows = stdout.split('\n').slice(2, 22);
  expect(rows.map((row) => Number(row.split(/\s+/)[1]))).toEqual(top);
  expect(rows.map((row) => counts.get(row.split(/\s+/)[0]!))).toEqual(top);
  expect(stdout).toContain('reduceByKey ShuffledRDD');
  expect(stdout.endsWith(end)).toBe(true);
});

test.each([
  ['inverted-index', oracles.invertedIndex],
  ['flights', oracles.flights],
  ['monte-carlo-pi', oracles.monteCarloPi],
  ['pagerank', oracles.pagerank],
  ['lose-a-block', oracles.loseABlock],
  ['same-rows', oracles.sameRows],
])('%s', async (name, expected) => {
  expect(await runDemo(name)).toEqual({ code: 0, stdout: expected(), stderr: '' });
});

test('skewed-keys', async () => {
  const { code, stdout, stderr } = await runDemo('skewed-keys');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { start, largestProduct } = oracles.skewedKeys();
  const rest = stdout.slice(start.length).split('\n');
  expect(stdout.slice(0, start.length)).toBe(start);
  expect(rest[0]).toMatch(/^largest partition: 3\.\d times the mean, salted 1\.\d times$/);
  expect(rest.at(-2)).toBe('[plot, barY of partition and rows; 16 of 16 rows]');
  const rows = rest.slice(3, 11).map((row) => row.trim().split(/\s+/).map(Number));
  const sum = (column: number) => rows.reduce((total, row) => total + row[column]!, 0);
  expect([sum(1), sum(2)]).toEqual([1_000_000, 1_000_000]);
  const largest = (column: number) => Math.max(...rows.map((row) => row[column]!));
  expect(largest(1)).toBeGreaterThan(largestProduct);
  expect(largest(2)).toBeLessThan(largestProduct / 2);
});

test('faults: two answers in spite of them, and one error with its line', async () => {
  const { code, stdout, stderr } = await runDemo('faults');
  expect(code).toBe(0);
  const sums = Array.from({ length: 10 }, (_, digit) => `${digit}  ${40 * digit + 7800}`);
  expect(stdout.split('\n')[0]).toBe('0 1 4 9 16 25 36 49');
  expect(stdout).toContain(sums.join('\n ').trim());
  expect(stderr).toMatch(
    /partition 2 failed 4 times; last failure on executor \d+: Error: no age in "Alan"\n {2}at .*faults\.ts:\d+:\d+/,
  );
  expect(stderr).toContain('throw new Error(`no age in');
  expect(stderr).toContain("while processing 'Alan'");
});

test('flights says what to install where the data is missing', async () => {
  mkdirSync(join(folder, 'demos'));
  cpSync(join(demos, 'flights.ts'), join(folder, 'demos', 'flights.ts'));
  const { code, stdout, stderr } = await runFile(join(folder, 'demos', 'flights.ts'));
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('Cannot find "vega-datasets".');
  expect(stderr).toContain('npm install vega-datasets');
  expect(stderr).toMatch(/flights\.ts:\d+:\d+/);
});
