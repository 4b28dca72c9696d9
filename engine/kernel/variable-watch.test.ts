/** What is reported after each run: what changed, once, and never more than the bounds. */
import { expect, test } from 'vitest';
import { Context } from '../context.ts';
import { jsonSize } from '../fold/message-size.ts';
import { RecordingRunner } from '../testing.ts';
import { MOST_VARIABLES, VariableWatch } from './variable-watch.ts';

function watching(scope: Record<string, unknown>, now?: () => number) {
  const watch = new VariableWatch(scope, now);
  let runs = 0;
  return (cellId: string, ...definitions: string[]) =>
    watch.look({ cellId, runId: `r${++runs}`, definitions });
}
const names = (report: { changed: { name: string }[] } | undefined) =>
  report?.changed.map(({ name }) => name);

test('only what changed is reported, with the cell that defines it and the run that changed it', () => {
  const scope: Record<string, unknown> = { a: 1, list: [1] };
  let time = 0;
  const look = watching(scope, () => (time += 0.001));
  expect(names(look('c1', 'a', 'list'))).toEqual(['a', 'list']);
  time += 1000;
  expect(look('c2')).toBeUndefined();
  (scope['list'] as number[]).push(2);
  scope['a'] = 2;
  time += 1000;
  const report = look('c3');
  expect(report?.changed).toMatchObject([
    { name: 'a', preview: '2', definedIn: 'c1', changedBy: { cellId: 'c3', runId: 'r3' } },
    { name: 'list', type: 'number[] (2)', definedIn: 'c1', changedBy: { cellId: 'c3' } },
  ]);
  delete scope['a'];
  expect(look('c4')).toMatchObject({ changed: [], removed: ['a'], total: 1 });
});

test('a name declared by another cell moves there, with the same value too', () => {
  const scope = { a: 1 };
  const look = watching(scope);
  look('c1', 'a');
  expect(look('c2', 'a')?.changed).toMatchObject([{ name: 'a', definedIn: 'c2' }]);
});

test('so many names are described, and how many there are is said', () => {
  const scope = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`v${i}`, 'é"\n'.repeat(300)]));
  const look = watching(scope, () => 0);
  const seen = new Set<string>();
  for (let report = look('c'); report; report = look('c')) {
    expect(report.total).toBe(1000);
    expect(jsonSize(report)).toBeLessThan(256 * 1024);
    for (const { name } of report.changed) seen.add(name);
  }
  expect(seen.size).toBe(MOST_VARIABLES);
});

test('looking ends when its time is over; the rest follows after the next run', () => {
  let time = 0;
  // Every reading of the clock is 5 ms later: some values fit into one look.
  const look = watching({ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }, () => (time += 5));
  const first = names(look('c')) ?? [];
  expect(first.length).toBeGreaterThan(0);
  expect(first.length).toBeLessThan(6);
  const all = new Set(first);
  for (let i = 0; i < 6; i++) for (const name of names(look('c')) ?? []) all.add(name);
  expect(all.size).toBe(6);
});

test('a value that took long is left alone for a hundred times as long', () => {
  let time = 0;
  let slow = 10;
  const scope = { big: [1] };
  const look = watching(scope, () => {
    time += slow;
    return time;
  });
  look('c1');
  slow = 0;
  scope.big.push(2);
  time += 50;
  expect(look('c2')).toBeUndefined();
  time += 5_000;
  expect(names(look('c3'))).toEqual(['big']);
});

test('values that are huge or hostile are described in passing', () => {
  const bomb = () => {
    throw new Error('user code ran');
  };
  const huge = new Map(Array.from({ length: 200_000 }, (_, i) => [i, i]));
  const scope = Object.defineProperty(
    { huge, buffer: new ArrayBuffer(2 ** 28), proxy: new Proxy({}, { ownKeys: bomb, get: bomb }) },
    'getter',
    { get: bomb, enumerable: true },
  );
  expect(watching(scope, () => 0)('c')?.changed).toMatchObject([
    { name: 'huge', type: 'Map<number, number> (200,000)', size: { atLeast: true } },
    { name: 'buffer', type: 'ArrayBuffer (268,435,456)' },
    { name: 'proxy', type: 'Proxy', expandable: false },
    { name: 'getter' },
  ]);
});

test('the lineage of datasets follows when it changes', () => {
  const sc = new Context(new RecordingRunner());
  const scope: Record<string, unknown> = { numbers: sc.range(10) };
  const look = watching(scope);
  expect(look('c1')?.rdds).toHaveLength(1);
  expect(look('c2')).toBeUndefined();
  (scope['numbers'] as ReturnType<typeof sc.range>).cache();
  expect(look('c3')).toMatchObject({ changed: [], rdds: [{ storageLevel: 'MEMORY_ONLY' }] });
});
