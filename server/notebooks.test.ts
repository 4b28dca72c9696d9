import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NotebookFiles } from './notebook-files.ts';
import { Notebooks } from './notebooks.ts';
import { RichOutputs } from './rich-outputs.ts';
import { storeUpload } from './store-upload.ts';

const LONG = 720_000;
let root: string;
let notebooks: Notebooks;
let moves: string[];

beforeEach(() => {
  moves = [];
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  root = mkdtempSync(join(tmpdir(), 'stagelight-test-'));
  writeFileSync(join(root, 'a.ts'), '// %% id="a"\n1\n');
  notebooks = new Notebooks({
    files: new NotebookFiles(root, join(root, 'demos')),
    outputs: new RichOutputs(),
    options: { executors: 1, executorMemory: 1, maxKernels: 1, idleKernel: LONG, historyMax: 0 },
    broadcast: () => {},
    moved: (from, to) => moves.push(`${from} → ${to}`),
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

const edit = (source: string, baseRevision: number) =>
  ({ type: 'editCell', cellId: 'a', source, baseRevision }) as const;
const text = (path: string) => readFileSync(join(root, path), 'utf8');

test('an open notebook goes along when it or its folder is renamed, and late viewers find it under its old name', async () => {
  const host = await notebooks.open('a.ts');
  const writing = host.command(edit('2', 0), 'v');
  await notebooks.move('a.ts', 'sub/b.ts');
  await writing;
  expect(host.path).toBe('sub/b.ts');
  expect(await notebooks.open('sub/b.ts')).toBe(host);
  expect(await notebooks.open('a.ts')).toBe(host);
  await notebooks.move('sub', 'dir');
  expect(await notebooks.open('a.ts')).toBe(host);
  await host.command(edit('3', 1), 'v');
  expect(text('dir/b.ts')).toBe('// %% id="a"\n3\n');
  expect(existsSync(join(root, 'a.ts'))).toBe(false);
  expect(existsSync(join(root, 'sub'))).toBe(false);
  expect(moves).toEqual(['a.ts → sub/b.ts', 'sub/b.ts → dir/b.ts']);
  writeFileSync(join(root, 'a.ts'), '// %% id="a"\nanother\n');
  expect((await notebooks.open('a.ts')).path).toBe('a.ts');
});

test('a notebook that is opened while its folder is being moved goes along', async () => {
  mkdirSync(join(root, 'sub'));
  writeFileSync(join(root, 'sub/late.ts'), '// %% id="a"\n1\n');
  const move = notebooks.tree.move.bind(notebooks.tree);
  vi.spyOn(notebooks.tree, 'move').mockImplementation(async (from, to) => {
    await notebooks.open('sub/late.ts');
    await move(from, to);
  });
  await notebooks.move('sub', 'dir');
  const host = await notebooks.open('dir/late.ts');
  expect(await notebooks.open('sub/late.ts')).toBe(host);
  await host.command(edit('2', 0), 'v');
  expect(text('dir/late.ts')).toBe('// %% id="a"\n2\n');
  expect(existsSync(join(root, 'sub'))).toBe(false);
});

test('a notebook that was closed takes no further command', async () => {
  const host = await notebooks.open('a.ts');
  await notebooks.delete('a.ts');
  await expect(host.command(edit('2', 0), 'v')).rejects.toMatchObject({ code: 'SESSION_REPLACED' });
  expect(existsSync(join(root, 'a.ts'))).toBe(false);
});

test('a move that fails leaves an open notebook where it is', async () => {
  const host = await notebooks.open('a.ts');
  writeFileSync(join(root, 'b.ts'), 'precious');
  await expect(notebooks.move('a.ts', 'b.ts')).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  await host.command(edit('2', 0), 'v');
  expect(text('a.ts')).toBe('// %% id="a"\n2\n');
  expect(text('b.ts')).toBe('precious');
});

test('an open notebook that is deleted is saved first, closed, told, and not written again', async () => {
  const host = await notebooks.open('a.ts');
  void host.command(edit('last words', 0), 'v');
  const { id } = await notebooks.delete('a.ts');
  expect(moves).toEqual(['a.ts → undefined']);
  await expect(notebooks.open('a.ts')).rejects.toMatchObject({ code: 'NOTEBOOK_NOT_FOUND' });
  vi.advanceTimersByTime(10_000);
  expect(existsSync(join(root, 'a.ts'))).toBe(false);
  expect(await notebooks.bin.restore(id)).toBe('a.ts');
  expect(text('a.ts')).toBe('// %% id="a"\nlast words\n');
  expect(await notebooks.open('a.ts')).not.toBe(host);
});

test('a copy of an open notebook has what was typed last', async () => {
  const host = await notebooks.open('a.ts');
  void host.command(edit('2', 0), 'v');
  expect(await notebooks.duplicate('a.ts')).toBe('a-copy.ts');
  expect(text('a-copy.ts')).toBe('// %% id="a"\n2\n');
});

const upload = (
  name: string,
  content: string,
  taken: 'refuse' | 'keepBoth' | 'replace' = 'refuse',
  length = content.length,
) =>
  storeUpload(notebooks, {
    folder: 'data',
    name,
    taken,
    length,
    content: (async function* () {
      yield Buffer.from(content.slice(0, 2));
      yield Buffer.from(content.slice(2));
    })(),
  });

test('an upload never takes the place of a file unasked; one that is replaced goes to the bin', async () => {
  expect(await upload('a b.csv', 'first')).toEqual({ path: 'data/a b.csv' });
  await expect(upload('a b.csv', 'second')).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  expect(await upload('a b.csv', 'second', 'keepBoth')).toEqual({ path: 'data/a b-2.csv' });
  expect(await upload('a b.csv', 'third', 'replace')).toEqual({ path: 'data/a b.csv' });
  expect([text('data/a b.csv'), text('data/a b-2.csv')]).toEqual(['third', 'second']);
  const [binned] = await notebooks.bin.list();
  expect(text(await notebooks.bin.restore(binned!.id))).toBe('first');
  expect(await notebooks.tree.list('data')).toMatchObject({ total: 3 });
});

test('an upload that is too large or breaks off leaves nothing behind', async () => {
  await expect(upload('a.csv', 'x', 'refuse', 2 ** 31)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  const broken = (async function* () {
    yield Buffer.from('half');
    throw new Error('the connection ended');
  })();
  const cut = { folder: 'data', name: 'b.csv', taken: 'refuse', length: 9, content: broken } as const;
  await expect(storeUpload(notebooks, cut)).rejects.toThrow('the connection ended');
  expect(existsSync(join(root, 'data')) ? await notebooks.tree.list('data') : { total: 0 }).toMatchObject({
    total: 0,
  });
});

test('a Jupyter notebook becomes one of ours, with its outputs; one that is none is refused', async () => {
  const ipynb = JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { language_info: { name: 'typescript' } },
    cells: [
      {
        cell_type: 'code',
        id: 'c1',
        metadata: {},
        source: '6 * 7',
        execution_count: 3,
        outputs: [
          { output_type: 'execute_result', execution_count: 3, data: { 'text/plain': '42' }, metadata: {} },
        ],
      },
    ],
  });
  expect(await upload('Study.ipynb', ipynb)).toEqual({ path: 'data/Study.ts', converted: [] });
  expect(text('data/Study.ts')).toBe('// %% id="c1"\n6 * 7\n');
  const host = await notebooks.open('data/Study.ts');
  expect(host.cellsWithOutputs()).toMatchObject([
    { executionCount: 3, outputs: [{ kind: 'text', text: '42' }] },
  ]);
  await expect(upload('no.ipynb', '{"nbformat": 3}')).rejects.toMatchObject({ code: 'NOTEBOOK_FORMAT' });
  mkdirSync(join(root, 'data', 'later.ts'));
  expect(await upload('later.ipynb', ipynb, 'keepBoth')).toMatchObject({ path: 'data/later-2.ts' });
});
