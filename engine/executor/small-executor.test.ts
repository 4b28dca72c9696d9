/** The heap of an executor near its limit, in real processes. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngineEvent } from '../protocol.ts';

const root = join(import.meta.dirname, '..', '..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stagelight-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a job printed that ran in one executor, and the reasons for which executors ended meanwhile. */
async function runJob(job: string, memory: string): Promise<{ printed: string; lost: string[] }> {
  const file = join(folder, 'job.ts');
  const events = join(folder, 'events.jsonl');
  writeFileSync(file, job);
  const options = ['--executors', '1', '--executor-memory', memory, '--no-progress', '--events', events];
  const printed = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [join(root, 'cli', 'main.ts'), 'run', file, ...options],
      { env: { ...process.env, TMPDIR: folder } },
      (error, out, stderr) => (error ? reject(new Error(`${out}${stderr}`)) : resolve(out)),
    );
  });
  const told = readFileSync(events, 'utf8').trim().split('\n');
  const lost = told
    .map((line) => JSON.parse(line) as EngineEvent)
    .flatMap((event) => (event.type === 'executorRemoved' ? [event.reason] : []));
  return { printed, lost: lost.filter((reason) => reason !== 'shut down') };
}

test('in 32 MB a cache of records with names of their own leaves the collector room to work in', async () => {
  const { printed, lost } = await runJob(
    `const rows = sc.range(0, 4500, 1, 8).map((n) =>
       Object.fromEntries(Array.from({ length: 40 }, (_, i) => [\`\${n} \${i}\`, i])));
     const cached = rows.cache();
     const found = (await cached.count()) + (await cached.count());
     const [heap] = await sc.range(0, 1, 1, 1).map(() => process.memoryUsage().heapTotal).collect();
     console.log(JSON.stringify([found, heap]));`,
    '32m',
  );
  expect(lost).toEqual([]);
  const [found, heap] = JSON.parse(printed) as [number, number];
  expect(found).toBe(9000);
  // The limit, and a young generation of three times 4 MB.
  expect(heap).toBeLessThan(44 << 20);
});

test('in 32 MB a key of 600,000 numbers is grouped by, and a row whose only item is far out is cached and shuffled', async () => {
  const { printed, lost } = await runJob(
    `const keys = sc.range(0, 2, 1, 1).map((): [number[], number] => [Array.from({ length: 600_000 }, (_, i) => i), 1]);
     const grouped = await keys.reduceByKey((a, b) => a + b, 1).map(([key, n]) => [key.length, n]).collect();
     const far = sc.range(0, 1000, 1, 2).map((n) => {
       const row: number[] = [];
       row[30_000_000 + n] = n;
       return row;
     });
     const cached = far.cache();
     const lengths = await cached.map((row) => row.length).sum() - await cached.map((row) => row.length).sum();
     const items = await cached.repartition(3).map((row) => Object.values(row)[0]).sum();
     console.log(JSON.stringify([grouped, lengths, items]));`,
    '32m',
  );
  expect(lost).toEqual([]);
  expect(JSON.parse(printed)).toEqual([[[600_000, 2]], 0, 499_500]);
});
