import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Context } from '../context.ts';
import { RecordingRunner } from '../testing.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.runIf(existsSync('/proc/self'))('a place where no folder can be made is refused at once', async () => {
  const rdd = new Context(new RecordingRunner(() => [[]], folder)).parallelize(['a'], 1);
  await expect(rdd.saveAsTextFile('/proc/no/such/place')).rejects.toMatchObject({
    code: 'OUTPUT_UNWRITABLE',
  });
});

test('saveAsTextFile marks a finished directory and refuses an existing one', async () => {
  const runner = new RecordingRunner(() => [[]], folder);
  const rdd = new Context(runner).parallelize(['a'], 1);
  await rdd.saveAsTextFile('deep/out', { compression: 'gzip' });
  expect(readdirSync(join(folder, 'deep/out'))).toEqual(['_SUCCESS']);
  const directory = join(folder, 'deep/out');
  expect(runner.jobs[0]!.action).toEqual({
    kind: 'saveAsFile',
    directory: expect.stringMatching(/deep\/\.out\._temporary-\d+\.[-0-9a-f]{36}$/),
    format: { kind: 'text', compression: 'gzip' },
  });
  await expect(rdd.saveAsTextFile('deep/out')).rejects.toMatchObject({
    code: 'OUTPUT_EXISTS',
    message: `saveAsTextFile: ${directory} already exists`,
  });
  expect(runner.jobs).toHaveLength(1);
});

test('a failed job leaves nothing behind', async () => {
  const runner = new RecordingRunner(() => {
    throw new Error('task failed');
  }, folder);
  const rdd = new Context(runner).parallelize(['a'], 1);
  await expect(rdd.saveAsTextFile('out')).rejects.toThrow('task failed');
  expect(existsSync(join(folder, 'out'))).toBe(false);
});
