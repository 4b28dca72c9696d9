import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StagelightError } from '../engine/errors.ts';
import { MAX_NOTEBOOK_BYTES, MAX_NOTEBOOK_CELLS, NotebookFiles } from './notebook-files.ts';

let base: string;
let root: string;
let files: NotebookFiles;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'stagelight-files-'));
  root = join(base, 'root');
  const demos = join(base, 'demos');
  await mkdir(join(demos, 'data'), { recursive: true });
  await mkdir(root);
  await writeFile(join(demos, 'tour.ts'), '// %% [markdown] id="a"\n// # The tour\n// What it shows.\n');
  await writeFile(join(demos, 'data', 'words.txt'), 'words');
  files = new NotebookFiles(root, demos);
});

afterEach(() => rm(base, { recursive: true, force: true }));

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: StagelightError) => error.code,
  );

test.each([
  '../out.ts',
  'a/../../out.ts',
  '/etc/a.ts',
  'a\0.ts',
  'a\\b.ts',
  'C:/a.ts',
  '.hidden.ts',
  'x/.git/a.ts',
  'node_modules/a.ts',
  'a.txt',
  'a//b.ts',
  '',
  `${'n'.repeat(300)}.ts`,
])('the path %j is refused', async (path) => {
  expect(await codeOf(files.read(path))).toBe('NOTEBOOK_PATH');
  expect(await codeOf(files.write(path, 'x'))).toBe('NOTEBOOK_PATH');
});

test('a link that leaves the root is refused, for reading and writing', async () => {
  await mkdir(join(base, 'outside'));
  await writeFile(join(base, 'outside', 'secret.ts'), '// %%\n');
  await symlink(join(base, 'outside'), join(root, 'way'));
  await symlink(join(base, 'outside', 'secret.ts'), join(root, 'file.ts'));
  expect(await codeOf(files.read('way/secret.ts'))).toBe('NOTEBOOK_PATH');
  expect(await codeOf(files.write('way/new.ts', 'x'))).toBe('NOTEBOOK_PATH');
  expect(await codeOf(files.read('file.ts'))).toBe('NOTEBOOK_PATH');
});

test('names with spaces, quotes and emoji are names', async () => {
  const path = `my "first" nóte 🎉/it's.ts`;
  await mkdir(join(root, `my "first" nóte 🎉`));
  await files.write(path, '// %%\n1\n');
  expect((await files.read(path)).text).toBe('// %%\n1\n');
  expect((await files.list()).map((notebook) => notebook.path)).toContain(path);
});

test('a binary and a missing notebook have errors of their own', async () => {
  await writeFile(join(root, 'b.ts'), Buffer.from([1, 0, 2]));
  expect(await codeOf(files.read('b.ts'))).toBe('NOTEBOOK_BINARY');
  expect(await codeOf(files.read('no.ts'))).toBe('NOTEBOOK_NOT_FOUND');
});

test('writing replaces the text at once, keeps the mode and leaves nothing else behind', async () => {
  await writeFile(join(root, 'a.ts'), 'old', { mode: 0o600 });
  await files.write('a.ts', 'new');
  expect(await readFile(join(root, 'a.ts'), 'utf8')).toBe('new');
  expect(await readdir(root)).toEqual(['a.ts']);
  expect((await stat(join(root, 'a.ts'))).mode & 0o777).toBe(0o600);
});

test('a demo is listed with its title, and opening it copies it with its data, once', async () => {
  expect(await files.list()).toMatchObject([
    { path: 'demos/tour.ts', title: 'The tour', description: 'What it shows.', demo: true },
  ]);
  await files.read('demos/tour.ts');
  expect(await readFile(join(root, 'demos', 'data', 'words.txt'), 'utf8')).toBe('words');
  await files.write('demos/tour.ts', '// %%\nmine\n');
  expect((await files.read('demos/tour.ts')).text).toBe('// %%\nmine\n');
});

test('a new notebook takes the next free name', async () => {
  expect(await files.create('first look')).toBe('first look.ts');
  expect(await files.create('first look')).toBe('first look-2.ts');
  expect(await codeOf(files.create('../x'))).toBe('NOTEBOOK_PATH');
});

test('what cannot be opened says why: not UTF-8, too large, a folder; what is empty or marked opens', async () => {
  await writeFile(join(root, 'latin.ts'), Buffer.from('// caf\xe9', 'latin1'));
  await writeFile(join(root, 'utf16.ts'), Buffer.from('\uFEFF// %%\n1', 'utf16le'));
  await writeFile(join(root, 'huge.ts'), `// %%\n${'x'.repeat(MAX_NOTEBOOK_BYTES)}`);
  await mkdir(join(root, 'folder.ts'));
  await writeFile(join(root, 'empty.ts'), '');
  await writeFile(join(root, 'zero.ts'), '// %%\n"\0"');
  await writeFile(join(root, 'mark.ts'), '\uFEFF// %%\n1');
  expect(await codeOf(files.read('latin.ts'))).toBe('NOTEBOOK_ENCODING');
  expect(await codeOf(files.read('utf16.ts'))).toBe('NOTEBOOK_BINARY');
  expect(await codeOf(files.read('huge.ts'))).toBe('NOTEBOOK_TOO_LARGE');
  expect(await codeOf(files.write('huge.ts', 'x'.repeat(MAX_NOTEBOOK_BYTES + 1)))).toBe('NOTEBOOK_TOO_LARGE');
  expect(await codeOf(files.read('folder.ts'))).toBe('NOTEBOOK_PATH');
  expect((await files.read('empty.ts')).text).toBe('');
  expect((await files.read('zero.ts')).text).toBe('// %%\n"\0"');
  expect((await files.read('mark.ts')).text).toBe('\uFEFF// %%\n1');
});

test('a notebook of more cells than a page can show is refused, as is a save that would make one', async () => {
  const most = '// %%\n1 // %%\n'.repeat(MAX_NOTEBOOK_CELLS);
  const more = `${most}// %% [markdown]\r\n`;
  await writeFile(join(root, 'most.ts'), most);
  await writeFile(join(root, 'more.ts'), more);
  expect((await files.read('most.ts')).text).toBe(most);
  await expect(files.read('more.ts')).rejects.toThrow('has 10,001 cells and was not opened');
  expect(await codeOf(files.write('most.ts', more))).toBe('NOTEBOOK_TOO_LARGE');
  expect(await readFile(join(root, 'most.ts'), 'utf8')).toBe(most);
});

// The superuser may read and write everything.
test.skipIf(process.getuid?.() === 0)(
  'what may not be read or written says so and stays as it is',
  async () => {
    await writeFile(join(root, 'a.ts'), 'old', { mode: 0o444 });
    expect(await codeOf(files.write('a.ts', 'new'))).toBe('NOTEBOOK_NOT_PERMITTED');
    expect(await readFile(join(root, 'a.ts'), 'utf8')).toBe('old');
    await chmod(join(root, 'a.ts'), 0);
    expect(await codeOf(files.read('a.ts'))).toBe('NOTEBOOK_NOT_PERMITTED');
    await chmod(root, 0o555);
    expect(await codeOf(files.create('b'))).toBe('NOTEBOOK_NOT_PERMITTED');
    await chmod(root, 0o755);
  },
);
