import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { captureClosure } from '../closure/capture.ts';
import { Context } from '../context.ts';
import { RecordingRunner, startContext, withContext } from '../testing.ts';
import { collectGarbage } from './test-garbage.ts';

const blocks = (folder: string) =>
  readdirSync(join(folder, '.blocks')).filter((name) => name.startsWith('broadcast_'));

test('tasks read the value, with the functions, classes and shared variables in it', () =>
  withContext({}, async ({ sc }) => {
    class Point {
      readonly x: number;
      constructor(x: number) {
        this.x = x;
      }
    }
    const rows = sc.longAccumulator();
    const inner = sc.broadcast([10, 20]);
    const table = sc.broadcast({
      names: new Map([[1, 'one']]),
      twice: (n: number) => n * 2,
      point: Point,
      inner,
      rows,
    });
    const found = await sc
      .range(0, 4, 1, 2)
      .map((n) => {
        const { names, twice, point, inner: pair, rows: counter } = table.value;
        counter.add(1);
        return [names.get(n) ?? '?', twice(n), new point(n).x, pair.value[n % 2]];
      })
      .collect();
    expect(found).toEqual([
      ['?', 0, 0, 10],
      ['one', 2, 1, 20],
      ['?', 4, 2, 10],
      ['?', 6, 3, 20],
    ]);
    expect(rows.value).toBe(4);
    expect(table.value.inner).toBe(inner);
  }));

test('it is decoded once per executor, until it is unpersisted', () =>
  withContext({ executors: 2 }, async ({ sc }) => {
    const table = sc.broadcast({ list: [1, 2, 3] });
    const lists = () =>
      sc
        .range(0, 20, 1, 10)
        .map(() => {
          const { value } = table as { value: { list: number[]; mark?: number } };
          value.mark ??= Math.floor(Math.random() * 1e9);
          return value.mark;
        })
        .collect();
    const first = new Set(await lists());
    expect(first.size).toBeLessThanOrEqual(2);
    for (const mark of await lists()) first.add(mark);
    expect(first.size).toBeLessThanOrEqual(2);
    table.unpersist();
    const second = await lists();
    for (const mark of second) expect(first.has(mark)).toBe(false);
    // The driver's own value is another.
    expect(table.value).toEqual({ list: [1, 2, 3] });
  }));

test('using it after destroy is an error with a position, in the driver, in new and in old functions', () =>
  withContext({}, async ({ sc, folder }) => {
    const table = sc.broadcast([1]);
    const old = sc.range(2).map((n) => n + table.value[0]!);
    expect(await old.collect()).toEqual([1, 2]);
    expect(blocks(folder)).toEqual(['broadcast_0']);
    table.destroy();
    expect(blocks(folder)).toEqual([]);
    expect(() => table.value).toThrow(/value: broadcast 0 was destroyed at .*broadcast\.test\.ts:\d+$/);
    expect(() => table.destroy()).toThrow(/destroy: broadcast 0 was destroyed/);
    expect(() => sc.range(2).map((n) => n + table.value[0]!)).toThrow(
      /given to map cannot be sent to the executors: "table" is a destroyed broadcast/,
    );
    await expect(old.collect()).rejects.toMatchObject({
      code: 'TASK_FAILED',
      cause: { code: 'BROADCAST_MISSING' },
    });
  }));

test("a damaged, cut, missing or another's file is a named error, at the first attempt", async () => {
  const { sc, folder, events, stop } = startContext({ executors: 1 });
  const other = sc.broadcast('a text that is as long too');
  const damages: [string, (file: string, bytes: Buffer) => void][] = [
    ['BROADCAST_CORRUPT', (file, bytes) => writeFileSync(file, bytes.fill(7, 20, 22))],
    ['BROADCAST_CORRUPT', (file, bytes) => writeFileSync(file, bytes.subarray(0, bytes.length - 1))],
    ['BROADCAST_CORRUPT', (file) => writeFileSync(file, '')],
    ['BROADCAST_CORRUPT', (file) => copyFileSync(join(folder, '.blocks', `broadcast_${other.id}`), file)],
    ['BROADCAST_MISSING', (file) => rmSync(file)],
  ];
  for (const [code, damage] of damages) {
    const table = sc.broadcast('a text that is long enough');
    const file = join(folder, '.blocks', `broadcast_${table.id}`);
    damage(file, readFileSync(file));
    const tasks = events.filter((event) => event.type === 'taskStart').length;
    await expect(
      sc
        .range(0, 1, 1, 1)
        .map(() => table.value)
        .collect(),
    ).rejects.toMatchObject({ cause: { code } });
    expect(events.filter((event) => event.type === 'taskStart')).toHaveLength(tasks + 1);
  }
  await stop();
});

test('the fingerprint of a function tells what its broadcasts hold, not which they are', () =>
  withContext({}, ({ sc }) => {
    const [a, same, other] = [sc.broadcast([1]), sc.broadcast([1]), sc.broadcast([2])];
    const prints = [a, same, other].map((table) => captureClosure(() => table.value, 'map').fingerprint);
    expect(prints[1]).toBe(prints[0]);
    expect(prints[2]).not.toBe(prints[0]);
    const ids = [a, same].map((table) => captureClosure(() => table.value, 'map').id);
    expect(ids[1]).not.toBe(ids[0]);
  }));

test('what cannot be sent is refused with its path; what cannot be written is a named error', () =>
  withContext({}, ({ sc, folder }) => {
    expect(() => sc.broadcast({ data: { rdd: sc.range(2) } })).toThrow(
      'The value given to broadcast cannot be sent to the executors: "value.data.rdd" is an RDD.',
    );
    rmSync(join(folder, '.blocks'), { recursive: true });
    expect(() => sc.broadcast([1])).toThrow(/^broadcast 0 cannot be written: ENOENT/);
  }));

test('one that nothing can reach frees its file; a dataset whose function reads it keeps it', async () => {
  const { sc, folder, stop } = startContext({ executors: 1 });
  const kept = (() => {
    const table = sc.broadcast([5]);
    sc.broadcast('lost');
    return sc.range(2).map((n) => n + table.value[0]!);
  })();
  for (let turn = 0; turn < 100 && blocks(folder).length > 1; turn++) await collectGarbage();
  expect(blocks(folder)).toEqual(['broadcast_0']);
  expect(await kept.collect()).toEqual([5, 6]);
  await stop();
});

test('executors are told once to drop the copies', () => {
  const runner = new RecordingRunner(() => [[1]], process.env['TMPDIR'] ?? '/tmp');
  const table = new Context(runner).broadcast(1);
  table.unpersist();
  table.destroy();
  expect(runner.droppedBroadcasts).toEqual([0, 0]);
});
