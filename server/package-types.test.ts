import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { declarationsFor, entryDeclarations, splitSpecifier, typesPackage } from './package-entry.ts';
import { PackageTypesReader } from './package-types.ts';

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'stagelight-types-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

async function files(texts: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(base, path)), { recursive: true });
    await writeFile(join(base, path), text);
  }
}

async function read(specifiers: string[], limits?: ConstructorParameters<typeof PackageTypesReader>[2]) {
  await mkdir(join(base, 'root', 'sub'), { recursive: true });
  const found = await new PackageTypesReader(join(base, 'root'), join(base, 'root', 'sub'), limits).read(
    specifiers,
  );
  return { ...found, files: found.files.map(({ path }) => path).sort() };
}

test('candidates of an entry: conditions, patterns, plain fields', () => {
  expect(entryDeclarations({ types: './t.d.ts', main: 'm.js' }, '.').slice(0, 2)).toEqual([
    't.d.ts',
    'm.d.ts',
  ]);
  const exports = {
    '.': { import: { default: './e.mjs', types: './e.d.mts' } },
    './x/*': './lib/*.js',
    './no': null,
  };
  expect(entryDeclarations({ exports }, '.')[0]).toBe('e.d.mts');
  expect(entryDeclarations({ exports }, './x/y')[0]).toBe('lib/y.d.ts');
  expect(entryDeclarations({ exports: './only.js' }, '.')[0]).toBe('only.d.ts');
  expect(declarationsFor('a.cjs')).toEqual(['a.d.cts', 'a.cjs.d.ts']);
  expect(splitSpecifier('@s/a/b/c')).toEqual({ name: '@s/a', subpath: './b/c' });
  expect(splitSpecifier('a')).toEqual({ name: 'a', subpath: '.' });
  expect(splitSpecifier('../a')).toBeUndefined();
  expect(typesPackage('@s/a')).toBe('@types/s__a');
});

test('a package’s declarations come with all they import, from every folder that Node would look in', async () => {
  await files({
    'node_modules/a/package.json': '{"types":"dist/main.d.ts","scripts":{"secret":"1"}}',
    'node_modules/a/dist/main.d.ts': `export * from './part.js'; import type { B } from 'b'; import c = require('c');`,
    'node_modules/a/dist/part.d.ts': `/// <reference path="more.d.ts" />\nexport const x: import('./deep').D;`,
    'node_modules/a/dist/more.d.ts': '',
    'node_modules/a/dist/deep/index.d.ts': 'export interface D {}',
    'node_modules/a/dist/unrelated.d.ts': '',
    'root/node_modules/b/package.json': '{"exports":{".":{"types":"./b.d.ts"}}}',
    'root/node_modules/b/b.d.ts': '',
    'root/node_modules/@types/c/package.json': '{"types":"index.d.ts"}',
    'root/node_modules/@types/c/index.d.ts': '',
  });
  const { files: found, missing } = await read(['a', 'b', 'node:fs', 'fs', 'data:text/javascript,1', '#x']);
  expect(found).toEqual([
    '../../node_modules/a/dist/deep/index.d.ts',
    '../../node_modules/a/dist/main.d.ts',
    '../../node_modules/a/dist/more.d.ts',
    '../../node_modules/a/dist/part.d.ts',
    '../../node_modules/a/package.json',
    '../node_modules/b/b.d.ts',
    '../node_modules/b/package.json',
  ]);
  expect(missing).toEqual([]);
});

test('what is there without types is not missing, what is not there is', async () => {
  await files({
    'root/node_modules/plain/package.json': '{"main":"index.js"}',
    'root/node_modules/plain/index.js': '',
    'root/sub/own.js': 'export const x = 1;',
    'root/sub/wasm.wasm': '',
    'root/node_modules/@types/typed/index.d.ts': '',
  });
  const found = await read([
    'plain',
    'typed',
    'gone',
    '@no/where',
    './own.js',
    './wasm.wasm',
    './gone.ts',
    '../../up.ts',
  ]);
  expect(found.missing).toEqual(['gone', '@no/where', './gone.ts']);
  expect(found.files).toEqual([
    '../node_modules/@types/typed/index.d.ts',
    '../node_modules/@types/typed/package.json',
    'own.js',
  ]);
});

test('relative modules bring their own imports', async () => {
  await files({
    'root/sub/a.ts': `import { b } from '../lib/b.ts'; import data from './d.json' with { type: 'json' }; import 'p'`,
    'root/lib/b.ts': 'export const b = 1;',
    'root/sub/d.json': '{}',
    'root/node_modules/p/index.d.ts': '',
  });
  expect((await read(['./a.ts'])).files).toEqual([
    '../lib/b.ts',
    '../node_modules/p/index.d.ts',
    '../node_modules/p/package.json',
    'a.ts',
    'd.json',
  ]);
});

test('packages behind links keep their place, and theirs are mounted below them', async () => {
  await files({
    'root/node_modules/.store/a@1/node_modules/a/index.d.ts': `export * from 'dep';`,
    'root/node_modules/.store/a@1/node_modules/dep/index.d.ts': '',
  });
  await symlink('.store/a@1/node_modules/a', join(base, 'root/node_modules/a'));
  expect((await read(['a'])).files).toEqual([
    '../node_modules/a/index.d.ts',
    '../node_modules/a/node_modules/dep/index.d.ts',
    '../node_modules/a/node_modules/dep/package.json',
    '../node_modules/a/package.json',
  ]);
});

test('nothing outside is read: not by dots, links, hidden folders, or other kinds of files', async () => {
  await files({
    'outside.ts': 'secret',
    'outside/index.d.ts': 'secret',
    'root/.env.ts': 'secret',
    'root/sub/key.pem': 'secret',
    'root/node_modules/evil/package.json': '{"types":"../../../outside.ts","main":"key.pem"}',
    'root/node_modules/evil/key.pem': 'secret',
    'root/node_modules/evil/code.js': 'secret',
  });
  await symlink(join(base, 'outside.ts'), join(base, 'root/sub/link.ts'));
  await symlink(join(base, 'outside'), join(base, 'root/node_modules/linked'));
  const asked = [
    '../../outside.ts',
    '../.env.ts',
    './key.pem',
    './link.ts',
    'evil',
    'linked',
    'evil/code.js',
    'evil/../../../outside.ts',
  ];
  expect((await read(asked)).files).toEqual([]);
});

test('bounds hold, and are told', async () => {
  await files({
    'root/sub/a.ts': `import './b.ts'`,
    'root/sub/b.ts': `import './c.ts'`,
    'root/sub/c.ts': 'x'.repeat(100),
  });
  const limits = { files: 10, bytes: 1000, fileBytes: 1000 };
  expect((await read(['./a.ts'], { ...limits, files: 2 })).limited).toBe(true);
  expect((await read(['./a.ts'], { ...limits, files: 2 })).files).toEqual(['a.ts', 'b.ts']);
  expect(await read(['./a.ts'], { ...limits, bytes: 50 })).toMatchObject({
    files: ['a.ts', 'b.ts'],
    limited: true,
  });
  expect((await read(['./a.ts'], limits)).limited).toBe(false);
});
