/** `stagelight check` on real files, with the compiler as installed. */

import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TYPE, VALUE } from '../engine/cell-chain.ts';
import { cellNames } from './cell-names.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stagelight-check-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function check(...args: string[]) {
  const main = join(import.meta.dirname, 'main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'check', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function namesOf(text: string) {
  const { program } = parseSync('cell.ts', text, { lang: 'ts', sourceType: 'module' });
  const names = cellNames(program, text);
  return {
    values: [...names.declared].filter(([, meaning]) => meaning & VALUE).map(([name]) => name),
    types: [...names.declared].filter(([, meaning]) => meaning & TYPE).map(([name]) => name),
    local: [...names.local],
    exported: [...names.exported],
    assigned: [...names.assigned],
  };
}

test('names of a cell, as the page sees them', () => {
  expect(
    namesOf(`const { a, b: [c, ...d], ...e } = x; let g; function i() {} class K {} enum L {} namespace M {} interface N {}
      type O = 1; declare const p: number; import q, { r as s, type T } from 'q'; import * as u from 'u';
      import type { V } from 'v'; declare module 'x' {} declare global {} if (x) { var h = 1; let no } using w = f();
      export const y = 1; export { a as z }; [a, { k: g }] = []; g++; for (a of []) {}; export default class Q {}`),
  ).toEqual({
    values: ['a', 'c', 'd', 'e', 'g', 'i', 'K', 'L', 'M', 'p', 'q', 's', 'u', 'h', 'w', 'y', 'Q'],
    types: ['K', 'L', 'M', 'N', 'O', 'q', 's', 'T', 'u', 'V', 'Q'],
    local: ['w'],
    exported: ['y', 'z'],
    assigned: ['a', 'g'],
  });
});

test('a notebook is checked across its cells, and errors stand where its lines do', async () => {
  await mkdir(join(folder, 'lib'));
  await writeFile(join(folder, 'lib', 'helper.ts'), 'export const helped = (n: number) => String(n);\n');
  await writeFile(
    join(folder, 'book.ts'),
    `// %% id="a"
let total = 0;
const row = await Promise.resolve({ a: 1 });

// %% [markdown] id="b"
// # Text

// %% id="c"
import { helped } from './lib/helper.ts'; const n: number = helped(1);
const row = 'again';
total += 1;
const counts = sc.parallelize(['a']).map((word): [string, number] => [word, 1]).reduceByKey((x, y) => x + y);

// %% id="d"
const first: number = (await counts.collect())[0]![0];
row.toUpperCase() + later + untyped({}, (any) => any.x);
function untyped(a, b) { return a ?? b }
// %% id="e"
const later = 1; // a comment ends the file`,
  );
  expect(check('book.ts')).toEqual({
    status: 1,
    stdout: [
      "book.ts:9:49: TS2322: Type 'string' is not assignable to type 'number'.",
      "book.ts:15:7: TS2322: Type 'string' is not assignable to type 'number'.",
      "book.ts:16:21: TS2304: Cannot find name 'later'.\n",
    ].join('\n'),
    stderr: '3 errors in 1 file\n',
  });
  expect((await readdir(folder)).sort()).toEqual(['book.ts', 'lib']);
});

test('a script without cells, several files, a syntax error', async () => {
  await writeFile(join(folder, 'good.ts'), `const [file = 'x'] = args;\nawait sc.textFile(file).count();\n`);
  await writeFile(join(folder, 'open.ts'), `// %%\nconst a = 1;\n\n// %%\nconst b = [a,\n`);
  expect(check('good.ts')).toMatchObject({ status: 0, stdout: '', stderr: 'no errors in 1 file\n' });
  const both = check('good.ts', 'open.ts');
  expect(both).toMatchObject({ status: 1, stderr: '1 error in 2 files\n' });
  expect(both.stdout).toMatch(/^open\.ts:5:\d+: /);
});

test('wrong uses say what to do', () => {
  expect(check()).toMatchObject({ status: 1, stderr: expect.stringContaining('no file to check is named') });
  expect(check('gone.ts')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('there is no file gone.ts'),
  });
  expect(check('--help')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('stagelight check FILE'),
  });
});
