/** `stagelight convert`: files in, files out, nothing replaced unasked. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StagelightError } from '../engine/errors.ts';
import { runConvert } from './convert.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: StagelightError) => error.code,
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stagelight-convert-'));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test('there and back, with outputs beside the notebook', async () => {
  const cell = {
    cell_type: 'code',
    id: 'c1',
    metadata: {},
    execution_count: 1,
    source: ['6 * 7'],
    outputs: [{ output_type: 'stream', name: 'stdout', text: ['42\n'] }],
  };
  const metadata = { language_info: { name: 'typescript' } };
  writeFileSync(at('a.ipynb'), JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells: [cell] }));
  await runConvert([at('a.ipynb')]);
  expect(readFileSync(at('a.ts'), 'utf8')).toBe('// %% id="c1"\n6 * 7\n');
  expect(existsSync(at('.stagelight/a.ts.outputs.json'))).toBe(true);
  await runConvert([at('a.ts'), '-o', at('b.ipynb')]);
  expect(JSON.parse(readFileSync(at('b.ipynb'), 'utf8')).cells).toEqual([cell]);
  await runConvert([at('a.ts'), '--to', 'html']);
  expect(readFileSync(at('a.html'), 'utf8')).toContain('<pre class="stdout">42\n</pre>');
});

test('what is there is replaced only with --force', async () => {
  writeFileSync(at('a.ts'), '// %% id="a"\n1\n');
  writeFileSync(at('a.html'), 'precious');
  expect(await codeOf(runConvert([at('a.ts'), '--to', 'html']))).toBe('FILE_EXISTS');
  expect(readFileSync(at('a.html'), 'utf8')).toBe('precious');
  await runConvert([at('a.ts'), '--to', 'html', '--force']);
  expect(readFileSync(at('a.html'), 'utf8')).toContain('<!doctype html>');
});

test.each([
  [['no.ts'], 'INPUT_NOT_FOUND'],
  [['a.txt'], 'OPTION_INVALID'],
  [[], 'OPTION_INVALID'],
  [['a.ts', '--to', 'pdf'], 'OPTION_INVALID'],
  [['a.ts', '--nope'], 'OPTION_INVALID'],
])('%j is refused', async (argv, code) => {
  expect(
    await codeOf(runConvert(argv.map((word) => (word.startsWith('-') || word === 'pdf' ? word : at(word))))),
  ).toBe(code);
});
