import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EngineFiles } from './engine-files.ts';

let root: string;
const write = (path: string, text: string) => writeFileSync(join(root, path), text);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stagelight-engine-'));
  mkdirSync(join(root, 'rdd'));
  write('context.ts', 'one');
  write('rdd/rdd.js', 'two');
  write('rdd/rdd.test.ts', 'three');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('names the source file that another version wrote, or took away', () => {
  const files = new EngineFiles(root);
  expect(files.changed()).toBeUndefined();
  write('rdd/rdd.js', 'two, but longer');
  expect(files.changed()).toBe(join(root, 'rdd/rdd.js'));
  expect(new EngineFiles(root).changed()).toBeUndefined();
  rmSync(join(root, 'context.ts'));
  expect(files.changed()).toBe(join(root, 'context.ts'));
});

test('is silent about tests and about files that nothing known can use', () => {
  const files = new EngineFiles(root);
  write('rdd/rdd.test.ts', 'another test');
  write('notes.md', 'notes');
  write('rdd/new.ts', 'new');
  expect(files.changed()).toBeUndefined();
});

test('finds the engine it is part of unchanged', () => {
  expect(new EngineFiles().changed()).toBeUndefined();
});
