/** Broadcasts, accumulators and the task context in real executor processes, whole and under injected faults. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngineEvent } from '../engine/protocol.ts';

const main = join(import.meta.dirname, 'main.ts');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shared-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

function runFile(source: string, ...more: string[]): Promise<Ended> {
  const file = join(folder, 'script.ts');
  writeFileSync(file, source);
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'run', file, '--executors', '2', ...more], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

const COUNTING = `
const mapped = sc.longAccumulator('mapped');
const reduced = sc.doubleAccumulator('reduced');
const long = sc.collectionAccumulator<string>('long');
const lengths = sc.accumulator({
  zero: {} as Record<number, number>,
  add: (counts, n: number) => { counts[n] = (counts[n] ?? 0) + 1; return counts; },
  merge: (a, b) => { for (const [n, count] of Object.entries(b)) a[+n] = (a[+n] ?? 0) + count; return a; },
}, 'lengths');
const weights = sc.broadcast(new Map(Array.from({ length: 26 }, (_, i): [string, number] => [String.fromCharCode(97 + i), i / 10])));
const words = sc.textFile('${join(import.meta.dirname, '..', 'notebooks/data/moby-dick.txt')}', 8)
  .flatMap((line) => line.toLowerCase().match(/[a-z]+/g) ?? [])
  .map((word): [string, number] => { mapped.add(1); lengths.add(word.length); return [word, 1]; });
const counts = words.reduceByKey((a, b) => a + b, 6).map(([word, n]): [string, number] => {
  reduced.add(weights.value.get(word[0]!)! * n);
  if (word.length > 16) long.add(word);
  return [word, n];
});
const byLength = counts.map(([word, n]): [number, number] => [word.length, n]).reduceByKey((a, b) => a + b, 4);
console.log(await byLength.count(), mapped.value, reduced.value, reduced.count, long.value.sort(), lengths.value);
console.log(await byLength.sortByKey().collect());
console.log(mapped.value, reduced.value, reduced.count, long.value.length);
`;

test('accumulators are exact to the last bit under injected faults', async () => {
  const log = join(folder, 'events.jsonl');
  const { code, stdout } = await runFile(COUNTING, '--events', log);
  expect(code).toBe(0);
  const events = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as EngineEvent);
  const told = events.flatMap((event) => (event.type === 'accumulated' ? event.values : []));
  expect(told.map(({ name }) => name).sort()).toEqual(['lengths', 'long', 'mapped', 'reduced']);
  expect(
    stdout.startsWith(`${stdout.split(' ')[0]} ${told.find(({ name }) => name === 'mapped')!.value} `),
  ).toBe(true);
  const seed = Math.floor(Math.random() * 1e6);
  for (const faults of [`${seed}:0.15`, `${seed + 1}:0.3`]) {
    expect({ faults, ...(await runFile(COUNTING, '--faults', faults)) }).toMatchObject({
      faults,
      code: 0,
      stdout,
    });
  }
});

test('a broadcast is decoded once in each executor process, with what its functions import', async () => {
  const { stdout, stderr, code } = await runFile(`
import { basename } from 'node:path';
class Decoded { static count = (globalThis as any).decoded = ((globalThis as any).decoded ?? 0) + 1; }
const table = sc.broadcast({ Decoded, name: (path: string) => basename(path), size: Array.from({ length: 100_000 }, (_, i) => i) });
const seen = async () => (await sc.range(0, 40, 1, 40).map((n) => {
  const { name, size } = table.value;
  const text = name('/a/b' + n) + size[n];
  if (text !== 'b' + n + n) throw new Error(text);
  return process.pid + ':' + (globalThis as any).decoded;
}).distinct().collect()).map((each) => each.split(':'));
const first = await seen();
console.log(new Set(first.map(([pid]) => pid)).size === first.length, first.every(([, count]) => count === '1'));
await seen();
table.unpersist();
const second = await seen();
console.log(second.every(([, count]) => count === '2'));
table.destroy();
`);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'true true\ntrue\n', stderr: '' });
});

/** Where a function can capture a shared variable: whatever the operator, whatever the way. */
const CAPTURES = `
const acc = sc.longAccumulator();
const bc = sc.broadcast({ one: 1, ten: [10] });
const list = [acc], table = new Map([['bc', bc]]);
const helper = (n: number) => { acc.add(bc.value.one); return n; };
class Counter { static add(n: number) { helper(n); return n; } }
const pairs = sc.range(0, 8, 1, 2).map((n): [number, number] => [n % 2, n]);
const rows = sc.range(0, 8, 1, 2);
const cases: [string, () => Promise<unknown>][] = [
  ['map', () => rows.map((n) => helper(n)).count()],
  ['inside an array and a Map', () => rows.map((n) => { list[0]!.add(table.get('bc')!.value.one); return n; }).count()],
  ['class', () => rows.map((n) => Counter.add(n)).count()],
  ['filter', () => rows.filter((n) => helper(n) >= 0).count()],
  ['flatMap with a generator', () => rows.flatMap(function* (n) { acc.add(1); yield n; }).count()],
  ['mapPartitions', () => rows.mapPartitions(function* (part) { for (const n of part) { acc.add(1); yield n; } }).count()],
  ['async', () => rows.map(async (n) => { await sleep(1); helper(n); return n; }).count()],
  ['foreach', () => rows.foreach((n) => void helper(n))],
  ['foreachPartition', () => rows.foreachPartition((part) => { for (const n of part) helper(n); })],
  ['foreachPartition, async', () => rows.foreachPartition(async (part) => { for (const n of part) { await sleep(1); helper(n); } })],
  ['keyBy and a partitioner', () => rows.keyBy((n) => helper(n)).groupByKey().count()],
  ['aggregate', () => rows.aggregate(0, (sum, n) => sum + helper(n), (a, b) => a + b)],
  ['aggregateByKey', () => pairs.aggregateByKey(0, (sum, n) => sum + helper(n), (a, b) => a + b).count()],
  ['mapValues', () => pairs.mapValues((n) => helper(n)).count()],
  ['sortBy', () => rows.map((n) => helper(n)).sortBy((n) => -n).count()],
  ['cached', () => { const kept = rows.map((n) => helper(n)).cache(); return kept.count().then(() => kept.count()); }],
  ['union of the same', () => { const one = rows.map((n) => helper(n)).filter((n) => n < 4); return one.count(); }],
  ['a completion listener', () => rows.foreachPartition(() => { TaskContext.get()!.addTaskCompletionListener(() => acc.add(4)); })],
];
for (const [name, run] of cases) {
  acc.reset();
  await run();
  if (acc.value !== 8) console.log(name, acc.value);
}
console.log('done');
`;

test('shared variables work wherever a function can capture them', async () => {
  expect(await runFile(CAPTURES)).toEqual({ code: 0, stdout: 'done\n', stderr: '' });
});

test('errors say where: reading in a task, a destroyed broadcast, a merge that throws', async () => {
  const failing = async (source: string) => (await runFile(source)).stderr;
  expect(
    await failing(
      'const acc = sc.longAccumulator("rows");\nawait sc.range(3).map((n) => n + acc.value).collect()',
    ),
  ).toMatch(/longAccumulator "rows": value is for the driver only[\s\S]*script\.ts:2:/);
  expect(await failing('const bc = sc.broadcast([1]);\nbc.destroy();\nbc.value;')).toMatch(
    /broadcast 0 was destroyed at [\s\S]*:2[\s\S]*script\.ts:3:/,
  );
  expect(
    await failing(
      'const sum = sc.accumulator({ zero: 0, add: (a, b: number) => a + b,\n  merge: () => { throw new Error("no") } });\nawait sc.range(3).foreach((n) => sum.add(n))',
    ),
  ).toMatch(/accumulator 0: merge threw Error: no/);
});

test('the task context tells of its task, its stage, its job; and its listeners are called', async () => {
  const { stdout, stderr } = await runFile(`
sc.setLocalProperty('who', 'me');
const [row] = await sc.range(0, 3, 1, 3).map((n): [number, number] => [n, n]).partitionBy(2).map(() => {
  const task = TaskContext.get()!;
  const { shuffleReadBytes, shuffleReadRecords } = task.taskMetrics();
  return [task.partitionId(), task.numPartitions(), task.stageId(), task.stageAttemptNumber(), task.attemptNumber(),
    task.getLocalProperty('who'), task.getLocalProperty('what'), task.isInterrupted(), task.isCompleted(), task.isFailed(),
    task.getKillReason(), typeof task.taskAttemptId(), TaskContext.getPartitionId(), shuffleReadBytes > 0];
}).collect();
console.log(JSON.stringify(row));
sc.setLocalProperty('who', undefined);
console.log(sc.getLocalProperty('who'), TaskContext.get(), TaskContext.getPartitionId());
const calls = sc.collectionAccumulator<string>();
await sc.range(0, 1, 1, 1).foreach(() => {
  const task = TaskContext.get()!;
  if (task.attemptNumber() === 0) {
    task.addTaskFailureListener((_, error) => console.log('failure:', error.message));
    task.addTaskCompletionListener(() => console.log('completion, failed:', task.isFailed()));
    throw new Error('first attempt');
  }
  task.addTaskFailureListener(() => calls.add('never'));
  task.addTaskCompletionListener(() => calls.add('first added, last called'));
  task.addTaskCompletionListener(async () => { await sleep(1); calls.add('last added, first called'); });
});
console.log(calls.value);
await sc.range(0, 1, 1, 1).foreach(() => { TaskContext.get()!.addTaskCompletionListener(() => { throw new Error('in a listener'); }); })
  .catch((error) => console.log(error.code, /in a listener/.test(error.message)));
`);
  // The driver and the executors each write in their own time.
  expect({ lines: stdout.split('\n').sort(), stderr }).toEqual({
    lines: [
      '[0,2,1,0,0,"me",null,false,false,false,null,"number",0,true]',
      'undefined undefined 0',
      'failure: first attempt',
      'completion, failed: true',
      "[ 'last added, first called', 'first added, last called' ]",
      'TASK_FAILED true',
      '',
    ].sort(),
    stderr: '',
  });
});

// On a machine that gives the executor no time for a second after the cancel it is killed first: so it may try again.
test('a loop that looks whether it is interrupted stops by itself, in the executor that goes on', {
  retry: 2,
}, async () => {
  const { stdout, stderr } = await runFile(`
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const file = '${join(folder, 'latch')}';
const pid = () => sc.range(0, 1, 1, 1).map(() => process.pid).first();
const until = async (text: string) => { while (!existsSync(file) || readFileSync(file, 'utf8') !== text) await sleep(2); };
const before = new Set((await sc.range(0, 40, 1, 40).map(() => process.pid).collect()));
const job = sc.withJobGroup('g', () => sc.range(0, 1, 1, 1).foreach(() => {
  const task = TaskContext.get()!;
  writeFileSync(file, 'looping');
  while (!task.isInterrupted());
  writeFileSync(file, task.getKillReason()!);
}));
await until('looping');
sc.cancelJobGroup('g');
await job.catch((error) => console.log(error.code));
await until('cancelled');
console.log(before.has(await pid()));
`);
  expect({ stdout, stderr }).toEqual({ stdout: 'JOB_CANCELLED\ntrue\n', stderr: '' });
});
