/** Whatever a name holds, a file ends where the user said, or nothing changes and the error says why. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StagelightError } from '../engine/errors.ts';
import { FileBin } from './file-bin.ts';
import { FileTree } from './file-tree.ts';
import { readSource } from './read-source.ts';

let base: string;
let root: string;
let tree: FileTree;
let bin: FileBin;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'stagelight-tree-'));
  root = join(base, 'root');
  await mkdir(join(root, 'sub', '.stagelight'), { recursive: true });
  await mkdir(join(root, '.stagelight'));
  await writeFile(join(root, 'a.ts'), '// %% [markdown] id="a"\n// # Alpha\n// About it.\n');
  await writeFile(join(root, '.stagelight', 'a.ts.outputs.json'), 'outputs of a');
  await writeFile(join(root, 'sub', 'data.csv'), 'x\n1\n');
  tree = new FileTree(root);
  bin = new FileBin(tree);
});

afterEach(() => rm(base, { recursive: true, force: true }));

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: StagelightError) => error.code,
  );
const outputs = (name: string, folder = '') =>
  readFile(join(root, folder, '.stagelight', `${name}.outputs.json`), 'utf8').catch(() => undefined);
const names = async (folder = '') => (await tree.list(folder)).entries.map(({ name }) => name);

test('a folder lists folders, notebooks with their title, and files; nothing hidden', async () => {
  await mkdir(join(root, 'node_modules'));
  await writeFile(join(root, 'lib.ts'), 'export const x = 1;\n');
  expect(await tree.list('')).toMatchObject({
    total: 3,
    entries: [
      { path: 'a.ts', kind: 'notebook', title: 'Alpha', description: 'About it.' },
      { path: 'lib.ts', kind: 'file' },
      { path: 'sub', kind: 'folder' },
    ],
  });
  expect(await tree.list('sub')).toMatchObject({
    entries: [{ path: 'sub/data.csv', kind: 'file', size: 4 }],
  });
  expect(await codeOf(tree.list('no'))).toBe('FILE_NOT_FOUND');
  expect(await codeOf(tree.list('sub/data.csv'))).toBe('FILE_NOT_FOUND');
});

test('a search finds names in all folders, case aside', async () => {
  await mkdir(join(root, 'sub', 'Deep DATA'));
  expect((await tree.search('data')).entries.map(({ path }) => path)).toEqual([
    'sub/Deep DATA',
    'sub/data.csv',
  ]);
  expect((await tree.search('zzz')).entries).toEqual([]);
});

describe('moving', () => {
  test.each([
    'b.ts',
    'sub/b.ts',
    'new folder/c d.ts',
    `it's "quoted" 🎉.ts`,
    'A.ts',
    '-rf.ts',
    '__proto__.ts',
    'con.ts',
  ])('a notebook to %j takes its outputs along', async (to) => {
    const text = await readFile(join(root, 'a.ts'), 'utf8');
    await tree.move('a.ts', to);
    expect(await readFile(join(root, to), 'utf8')).toBe(text);
    const [name, ...folders] = to.split('/').reverse();
    expect(await outputs(name!, folders.reverse().join('/'))).toBe('outputs of a');
    expect(await outputs('a.ts')).toBeUndefined();
    expect(await names()).not.toContain('a.ts');
  });

  test.each([
    ['../b.ts', 'FILE_NAME'],
    ['/b.ts', 'FILE_NAME'],
    ['sub/../../b.ts', 'FILE_NAME'],
    ['.b.ts', 'FILE_NAME'],
    ['.stagelight/bin/b.ts', 'FILE_NAME'],
    ['node_modules/b.ts', 'FILE_NAME'],
    ['b:c.ts', 'FILE_NAME'],
    ['b\\c.ts', 'FILE_NAME'],
    ['b\0.ts', 'FILE_NAME'],
    [' b.ts', 'FILE_NAME'],
    ['b\ud800.ts', 'FILE_NAME'],
    ['', 'FILE_NAME'],
    [`${'n'.repeat(300)}.ts`, 'FILE_NAME'],
    [`${'🎉'.repeat(60)}.ts`, 'FILE_NAME'],
    ['b.txt', 'FILE_NAME'],
    ['sub/data.csv/b.ts', 'FILE_EXISTS'],
    ['there.ts', 'FILE_EXISTS'],
  ])('a notebook to %j is refused and changes nothing', async (to, code) => {
    await writeFile(join(root, 'there.ts'), 'precious');
    expect(await codeOf(tree.move('a.ts', to))).toBe(code);
    expect(await names()).toContain('a.ts');
    expect(await outputs('a.ts')).toBe('outputs of a');
    expect(await readFile(join(root, 'there.ts'), 'utf8')).toBe('precious');
  });

  test('a folder goes with all in it, but not into itself, nor onto another', async () => {
    await mkdir(join(root, 'other'));
    await writeFile(join(root, 'other', 'x'), '');
    expect(await codeOf(tree.move('sub', 'sub/inner'))).toBe('FILE_NAME');
    expect(await codeOf(tree.move('sub', 'other'))).toBe('FILE_EXISTS');
    expect(await codeOf(tree.move('', 'x'))).toBe('FILE_NAME');
    await tree.move('sub', 'other/sub 2');
    expect(await names('other/sub 2')).toEqual(['data.csv']);
  });

  test('what is not there cannot be moved, and what stays in place is no move', async () => {
    expect(await codeOf(tree.move('no.ts', 'b.ts'))).toBe('NOTEBOOK_NOT_FOUND');
    expect(await codeOf(tree.move('a.ts', 'a.ts'))).toBe('no error');
  });

  test('through links nothing leaves the root', async () => {
    await mkdir(join(base, 'outside'));
    await writeFile(join(base, 'outside', 'secret.txt'), 'secret');
    await symlink(join(base, 'outside'), join(root, 'way'));
    await symlink(join(base, 'outside', 'secret.txt'), join(root, 'secret.txt'));
    await symlink('loop', join(root, 'loop'));
    await symlink(join(root, 'sub'), join(root, 'inside'));
    expect(await names()).toEqual(['a.ts', 'inside', 'sub']);
    for (const path of ['way/secret.txt', 'way', 'secret.txt', 'loop', 'loop/x']) {
      expect(await codeOf(tree.move(path, 'taken.txt'))).toBe('FILE_NAME');
      expect(await codeOf(tree.duplicate(path))).toBe('FILE_NAME');
      expect(await codeOf(bin.delete(path))).toBe('FILE_NAME');
      expect(await codeOf(tree.move('sub/data.csv', `${path}/data.csv`))).toBe('FILE_NAME');
    }
    expect(await names('inside')).toEqual(['data.csv']);
  });

  test('any name either moves the file there and back, or is refused and leaves it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 30 }), async (stem) => {
        const to = `${stem}.ts`;
        const code = await codeOf(tree.move('a.ts', to));
        if (code === 'no error' && to !== 'a.ts') await tree.move(to, 'a.ts');
        expect(await outputs('a.ts')).toBe('outputs of a');
        expect((await readdir(base)).sort()).toEqual(['root']);
      }),
      { numRuns: 60 },
    );
  });
});

test('copies lie beside the original under free names, outputs with them', async () => {
  expect(await tree.duplicate('a.ts')).toBe('a-copy.ts');
  expect(await tree.duplicate('a.ts')).toBe('a-copy-2.ts');
  expect(await outputs('a-copy-2.ts')).toBe('outputs of a');
  expect(await tree.duplicate('sub')).toBe('sub-copy');
  expect(await names('sub-copy')).toEqual(['data.csv']);
});

test('a folder is made with those above it, once', async () => {
  await tree.createFolder('x/y z');
  expect(await names('x')).toEqual(['y z']);
  expect(await codeOf(tree.createFolder('x/y z'))).toBe('FILE_EXISTS');
  expect(await codeOf(tree.createFolder('../x'))).toBe('FILE_NAME');
});

describe('the bin', () => {
  test('keeps what was deleted and gives it back, outputs too, never over another file', async () => {
    const first = await bin.delete('a.ts', 1);
    expect(await names()).toEqual(['sub']);
    expect(await outputs('a.ts')).toBeUndefined();
    await writeFile(join(root, 'a.ts'), 'another');
    await bin.delete('sub', 2);
    expect(await bin.list()).toMatchObject([
      { path: 'sub', kind: 'folder', deletedAt: 2 },
      { path: 'a.ts', kind: 'file', deletedAt: 1 },
    ]);
    expect(await bin.restore(first.id)).toBe('a-2.ts');
    expect(await outputs('a-2.ts')).toBe('outputs of a');
    expect(await readFile(join(root, 'a.ts'), 'utf8')).toBe('another');
    expect(await bin.restore((await bin.list())[0]!.id)).toBe('sub');
    expect(await names('sub')).toEqual(['data.csv']);
    expect(await bin.list()).toEqual([]);
  });

  test('is emptied by the piece or as a whole', async () => {
    const { id } = await bin.delete('a.ts');
    await bin.delete('sub');
    await bin.empty(id);
    expect(await bin.list()).toMatchObject([{ path: 'sub' }]);
    expect(await codeOf(bin.restore(id))).toBe('FILE_NOT_FOUND');
    await bin.empty();
    expect(await bin.list()).toEqual([]);
  });

  test('restores into a folder that is gone, and survives what a stranger put there', async () => {
    const { id } = await bin.delete('sub/data.csv');
    await bin.delete('sub');
    await mkdir(join(root, '.stagelight', 'bin', 'strange1'));
    await writeFile(join(root, '.stagelight', 'bin', 'strange1', 'entry.json'), '{"path":7}');
    expect(await bin.list()).toHaveLength(2);
    expect(await bin.restore(id)).toBe('sub/data.csv');
    for (const wrong of ['..', '../..', 'strange1', ''])
      expect(await codeOf(bin.restore(wrong))).toBe('FILE_NOT_FOUND');
    expect(await codeOf(bin.delete(''))).toBe('FILE_NAME');
    expect(await codeOf(bin.delete('no.csv'))).toBe('FILE_NOT_FOUND');
  });
});

describe('a source', () => {
  test('is read by its path in the folder and by the absolute one an error names', async () => {
    await writeFile(join(root, 'sub', 'lib.ts'), 'export const x = "é";\n');
    const wanted = { path: 'sub/lib.ts', text: 'export const x = "é";\n' };
    expect(await readSource(tree, 'sub/lib.ts')).toEqual(wanted);
    expect(await readSource(tree, join(root, 'sub', 'lib.ts'))).toEqual(wanted);
    // The folder was given by a link, the error names where it really is.
    await symlink(root, join(base, 'link'));
    expect(await readSource(new FileTree(join(base, 'link')), join(root, 'sub', 'lib.ts'))).toEqual(wanted);
  });

  test('outside of the folder, of bytes, too large or missing is refused by name', async () => {
    await writeFile(join(base, 'secret.ts'), 'x');
    await symlink(join(base, 'secret.ts'), join(root, 'out.ts'));
    await writeFile(join(root, 'bytes.bin'), Buffer.from([65, 0, 66]));
    await writeFile(join(root, 'latin.txt'), Buffer.from([0xe9]));
    await writeFile(join(root, 'long.txt'), 'x'.repeat(1_000_001));
    const code = (file: string) => codeOf(readSource(tree, file));
    expect(await code(join(base, 'secret.ts'))).toBe('FILE_OUTSIDE');
    expect(await code(`${root}/../secret.ts`)).toBe('FILE_OUTSIDE');
    expect(await code('/etc/passwd')).toBe('FILE_OUTSIDE');
    expect(await code('../secret.ts')).not.toBe('no error');
    expect(await code('out.ts')).not.toBe('no error');
    expect(await code('bytes.bin')).toBe('FILE_NOT_TEXT');
    expect(await code('latin.txt')).toBe('FILE_NOT_TEXT');
    expect(await code('long.txt')).toBe('FILE_TOO_LARGE');
    expect(await code('no.txt')).toBe('FILE_NOT_FOUND');
    expect(await code('sub')).toBe('FILE_NAME');
  });
});
