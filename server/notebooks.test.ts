import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NotebookFiles } from './notebook-files.ts';
import { Notebooks } from './notebooks.ts';
import { RichOutputs } from './rich-outputs.ts';

const LONG = 720_000;
let root: string;
let notebooks: Notebooks;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  root = mkdtempSync(join(tmpdir(), 'stagelight-test-'));
  writeFileSync(join(root, 'a.ts'), '// %% id="a"\n1\n');
  notebooks = new Notebooks({
    files: new NotebookFiles(root, join(root, 'demos')),
    outputs: new RichOutputs(),
    options: { executors: 1, executorMemory: 1, maxKernels: 1, idleKernel: LONG, historyMax: 0 },
    broadcast: () => {},
  });
});
afterEach(async () => {
  await notebooks.close();
  vi.useRealTimers();
  rmSync(root, { recursive: true });
});

test('a notebook without kernel is let go when nobody has looked at it for long, and nothing is lost', async () => {
  const first = await notebooks.open('a.ts');
  notebooks.viewerJoined('a.ts', 'v');
  vi.advanceTimersByTime(LONG);
  expect(await notebooks.open('a.ts')).toBe(first);
  await first.command({ type: 'editCell', cellId: 'a', source: '2', baseRevision: 0 }, 'v');
  notebooks.viewerLeft(undefined, 'v');
  vi.advanceTimersByTime(60_000);
  expect(await notebooks.open('a.ts')).toBe(first);
  vi.advanceTimersByTime(LONG);
  const second = await notebooks.open('a.ts');
  expect(second).not.toBe(first);
  expect(second.join(undefined, undefined)).toMatchObject({ snapshot: { cells: [{ source: '2' }] } });
  expect(readFileSync(join(root, 'a.ts'), 'utf8')).toBe('// %% id="a"\n2\n');
});
