import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EngineEvent } from '../protocol.ts';

const root = join(import.meta.dirname, '..', '..');
const MB = 1_000_000;
const ROW_BYTES = 8000;

test('400 MB through a shuffle, a sort and a grouping in executors of 32 MB', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stagelight-test-'));
  const events = join(folder, 'events.jsonl');
  try {
    const stdout = await new Promise<string>((resolve, reject) => {
      const job = join(root, 'bench', 'jobs', 'spill.ts');
      const options = ['--executors', '2', '--executor-memory', '32m', '--events', events, '--no-progress'];
      const sizes = [String(400 * MB), '4', String(ROW_BYTES)];
      execFile(
        process.execPath,
        [join(root, 'cli', 'main.ts'), 'run', job, ...options, '--', ...sizes],
        { env: { ...process.env, TMPDIR: folder } },
        (error, text, stderr) => (error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(text)),
      );
    });
    const rows = (400 * MB) / ROW_BYTES;
    expect(stdout).toContain(`INFO sort ${rows} rows, ${400 * MB} characters, in order`);
    expect(stdout).toContain(`INFO group ${rows} rows of ${rows / 4} keys`);
    const all = readFileSync(events, 'utf8').trim().split('\n');
    const ends = all
      .map((line) => JSON.parse(line) as EngineEvent)
      .filter((event) => event.type === 'taskEnd');
    expect(ends.filter(({ status }) => status !== 'success')).toEqual([]);
    const sum = (of: 'memoryBytesSpilled' | 'diskBytesSpilled') =>
      ends.reduce((total, { metrics }) => total + (metrics[of] ?? 0), 0);
    expect(sum('memoryBytesSpilled')).toBeGreaterThan(1000 * MB);
    expect(sum('diskBytesSpilled')).toBeGreaterThan(600 * MB);
    expect(readdirSync(folder).filter((name) => name.startsWith('stagelight-blocks'))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
