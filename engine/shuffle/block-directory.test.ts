import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createBlockDirectory,
  directoryFor,
  executorDirectory,
  removeBlockDirectory,
  sweepStaleBlockDirectories,
} from './block-directory.ts';

let root: string;
let temporaryDirectory: string | undefined;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'stagelight-test-'));
  temporaryDirectory = process.env['TMPDIR'];
  process.env['TMPDIR'] = root;
});
afterEach(() => {
  if (temporaryDirectory === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = temporaryDirectory;
  rmSync(root, { recursive: true });
});

test('a private folder, in memory when there is room, gone with its overflow when removed', () => {
  const directory = createBlockDirectory(`app/${process.pid}`);
  try {
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(path.basename(directory)).toBe(`stagelight-blocks-app_${process.pid}-${process.pid}`);
    expect(directoryFor(directory, 1)).toBe(directory);
    if (!directory.startsWith(root)) {
      const overflow = readlinkSync(path.join(directory, 'overflow'));
      expect(overflow.startsWith(root)).toBe(true);
      expect(directoryFor(directory, Number.MAX_SAFE_INTEGER)).toBe(overflow);
    }
    // What leaves memory goes to the disk, even where there is room in memory.
    expect(executorDirectory(directory, '3')).toBe(path.join(root, path.basename(directory), 'executor_3'));
    expect(() => createBlockDirectory(`app/${process.pid}`)).toThrow('EEXIST');
  } finally {
    removeBlockDirectory(directory);
  }
  expect(existsSync(directory)).toBe(false);
  expect(existsSync(path.join(root, path.basename(directory)))).toBe(false);
});

test('with no room in memory the folder is on disk', () => {
  const directory = createBlockDirectory('large', Number.MAX_SAFE_INTEGER);
  expect(path.dirname(directory)).toBe(root);
  removeBlockDirectory(directory);
  expect(existsSync(directory)).toBe(false);
});

test('where none can be made, the error names the folder and what to set', () => {
  process.env['TMPDIR'] = path.join(root, 'none');
  expect(() => createBlockDirectory('nowhere')).toThrow(
    expect.objectContaining({
      code: 'BLOCKS_UNWRITABLE',
      message: expect.stringContaining(path.join(root, 'none')),
      hint: expect.stringContaining('TMPDIR'),
    }),
  );
});

test('only folders of ended processes are swept', () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  const live = createBlockDirectory('live', Number.MAX_SAFE_INTEGER);
  const folder = (name: string, owner?: object) => {
    const directory = path.join(root, name);
    mkdirSync(directory);
    if (owner) writeFileSync(path.join(directory, 'owner.json'), JSON.stringify(owner));
    return directory;
  };
  const pidNamespace = existsSync('/proc/self/ns/pid') ? readlinkSync('/proc/self/ns/pid') : '';
  const stale = folder('stagelight-blocks-stale', { pid: gone, pidNamespace });
  const kept = [
    live,
    folder('stagelight-blocks-elsewhere', { pid: gone, pidNamespace: 'pid:[1]' }),
    folder('stagelight-blocks-unknown'),
    folder('other', { pid: gone, pidNamespace }),
  ];
  expect(sweepStaleBlockDirectories([root, path.join(root, 'missing')])).toEqual([stale]);
  expect(existsSync(stale)).toBe(false);
  for (const directory of kept) expect(existsSync(directory)).toBe(true);
});
