import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../engine/testing-eventually.ts';
import { HistoryLogs } from './history-logs.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'stagelight-history-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

test('the oldest logs go past the bound, with their keyframes, but none that is being written', async () => {
  const logs = new HistoryLogs(root, 25);
  const paths = [1, 2, 3, 4].map((second) => logs.begin('a b/c.ts', new Date(second * 1000))!);
  for (const path of paths) await writeFile(path, '0123456789');
  await writeFile(`${paths[1]}.keyframes`, '01234');
  logs.end(paths[1]);
  logs.end(paths[2]);
  const left = [paths[0]!, paths[2]!, paths[3]!].map((path) => basename(path));
  await eventually(async () =>
    expect((await readdir(join(root, '.stagelight', 'history'))).sort()).toEqual(left),
  );
});

test('a bound of 0 keeps no logs', () => {
  expect(new HistoryLogs(root, 0).begin('a.ts', new Date())).toBeUndefined();
});
