/** What a reply confirms is in the file, and what another program wrote there is neither overwritten nor missed. */
import { mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { eventually } from '../engine/testing-eventually.ts';
import type { NotebookCommand } from '../engine/viewer-protocol.ts';
import { HistoryLogs } from './history-logs.ts';
import { NotebookFiles } from './notebook-files.ts';
import { NotebookHost } from './notebook-host.ts';
import { NotebookStore } from './notebook-store.ts';
import { RichOutputs } from './rich-outputs.ts';

let root: string;
let host: NotebookHost;

const START = '// %% id="a"\none\n\n// %% id="b"\ntwo\n';
const file = () => readFile(join(root, 'n.ts'), 'utf8');
const edit = (cellId: string, source: string, baseRevision = 0): NotebookCommand => ({
  type: 'editCell',
  cellId,
  source,
  baseRevision,
});

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  root = await mkdtemp(join(tmpdir(), 'stagelight-host-'));
  await writeFile(join(root, 'n.ts'), START);
  const store = new NotebookStore(new NotebookFiles(root, join(root, 'no-demos')));
  host = new NotebookHost({
    path: 'n.ts',
    opened: await store.open('n.ts'),
    store,
    history: new HistoryLogs(root, 0),
    outputs: new RichOutputs(),
    executors: 1,
    executorMemory: 1e8,
    broadcast: () => {},
    admitKernel: () => {},
  });
});

afterEach(async () => {
  await host.close();
  vi.useRealTimers();
  await rm(root, { recursive: true, force: true });
});

const cells = () => {
  const { snapshot } = host.join(undefined, undefined) as {
    snapshot: { cells: { cellId: string; source: string }[]; cellOrder: string[] };
  };
  return snapshot.cellOrder.map((id) => snapshot.cells.find(({ cellId }) => cellId === id)!.source);
};

test('an edit is on disk when it is answered, also one of many at once', async () => {
  await host.command(edit('a', 'ONE'), 'x');
  expect(await file()).toBe(START.replace('one', 'ONE'));
  await Promise.all([
    host.command(edit('a', 'UNO', 1), 'x'),
    host.command({ type: 'insertCell', cellId: 'c', kind: 'code', source: 'three', index: 2 }, 'x'),
  ]);
  expect(await file()).toBe(`${START.replace('one', 'UNO')}\n// %% id="c"\nthree\n`);
});

test('an edit does not overwrite what another program wrote', async () => {
  await writeFile(join(root, 'n.ts'), START.replace('two', 'TWO'));
  await host.command(edit('a', 'ONE'), 'x');
  expect(await file()).toBe('// %% id="a"\nONE\n\n// %% id="b"\nTWO\n');
  expect(cells()).toEqual(['ONE', 'TWO']);
});

test('what another program wrote is shown without an edit here', async () => {
  await writeFile(join(root, 'n.ts'), START.replace('two', 'TWO'));
  vi.advanceTimersByTime(1000);
  await eventually(() => expect(cells()).toEqual(['one', 'TWO']));
});

test('a notebook that was only looked at is not written', async () => {
  await writeFile(join(root, 'n.ts'), 'const noCells = 1;\r\n');
  vi.advanceTimersByTime(1000);
  await eventually(() => expect(cells()).toEqual(['const noCells = 1;']));
  await host.close();
  expect(await file()).toBe('const noCells = 1;\r\n');
});

test('viewers are told what each cell defines and uses, from the first moment and after every edit', async () => {
  const names = () => {
    const { snapshot } = host.join(undefined, undefined) as {
      snapshot: { cells: { cellId: string; definitions: string[]; references: string[] }[] };
    };
    return snapshot.cells.map(({ cellId, definitions, references }) => ({ cellId, definitions, references }));
  };
  expect(names()).toEqual([
    { cellId: 'a', definitions: [], references: ['one'] },
    { cellId: 'b', definitions: [], references: ['two'] },
  ]);
  await host.command(edit('a', "import fs from 'node:fs';\nconst two: Two = one"), 'x');
  expect(names()[0]).toEqual({ cellId: 'a', definitions: ['fs', 'two'], references: ['one'] });
});

const saveError = () =>
  (host.join(undefined, undefined) as { snapshot: { notebook?: { saveError?: { code: string } } } }).snapshot
    .notebook?.saveError?.code;
const look = () => vi.advanceTimersByTime(1000);

test('one cell changed at two places, here and there, has both changes; at one place, both texts', async () => {
  await host.command(edit('a', '1\n2\n3'), 'x');
  await writeFile(join(root, 'n.ts'), (await file()).replace('3', 'THREE'));
  await host.command(edit('a', 'ONE\n2\n3', 1), 'x');
  expect(cells()).toEqual(['ONE\n2\nTHREE', 'two']);
  expect(await file()).toContain('ONE\n2\nTHREE\n');
  await writeFile(join(root, 'n.ts'), (await file()).replace('two', 'theirs'));
  await host.command(edit('b', 'mine'), 'x');
  expect(cells()[1]).toBe('<<<<<<< this page\nmine\n=======\ntheirs\n>>>>>>> the file');
  expect(await file()).toContain(cells()[1]);
});

test('editors that save by renaming, and a checkout of another version, are read like any change', async () => {
  await writeFile(join(root, '.n.ts.swp'), START.replace('two', 'TWO'));
  await rename(join(root, '.n.ts.swp'), join(root, 'n.ts'));
  look();
  await eventually(() => expect(cells()).toEqual(['one', 'TWO']));
  await rm(join(root, 'n.ts'));
  await writeFile(join(root, 'n.ts'), '// %% id="c"\nother branch\n');
  look();
  await eventually(() => expect(cells()).toEqual(['other branch']));
  expect(await file()).toBe('// %% id="c"\nother branch\n');
});

test('a file deleted by another program is said to be, and written again by the next edit', async () => {
  await rm(join(root, 'n.ts'));
  look();
  await eventually(() => {
    look();
    expect(saveError()).toBe('NOTEBOOK_DELETED');
  });
  expect(cells()).toEqual(['one', 'two']);
  await host.command(edit('a', 'ONE'), 'x');
  expect(await file()).toBe(START.replace('one', 'ONE'));
  expect(saveError()).toBeUndefined();
});

test('a file that comes back is no longer missed', async () => {
  await rm(join(root, 'n.ts'));
  await eventually(() => {
    look();
    expect(saveError()).toBe('NOTEBOOK_DELETED');
  });
  await writeFile(join(root, 'n.ts'), START);
  await eventually(() => {
    look();
    expect(saveError()).toBeUndefined();
  });
});

test.each([
  ['NOTEBOOK_BINARY', Buffer.from([0x7f, 0x45, 0, 0])],
  ['NOTEBOOK_ENCODING', Buffer.from('// %% id="a"\ncaf\xe9\n', 'latin1')],
])(
  'a file that another program made unreadable (%s) is shown as such and never overwritten',
  async (code, bytes) => {
    await writeFile(join(root, 'n.ts'), bytes);
    await eventually(() => {
      look();
      expect(saveError()).toBe(code);
    });
    await host.command(edit('a', 'ONE'), 'x');
    expect(saveError()).toBe(code);
    expect(cells()).toEqual(['ONE', 'two']);
    expect(await readFile(join(root, 'n.ts'))).toEqual(bytes);
  },
);

test('on a full disk the text stays here, the file stays whole, and the page is told; with room it is saved', async () => {
  const handle = await open(join(root, 'n.ts'));
  const prototype = Object.getPrototypeOf(handle) as { writeFile: () => Promise<void> };
  await handle.close();
  const full = vi
    .spyOn(prototype, 'writeFile')
    .mockRejectedValue(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
  try {
    expect((await host.command(edit('a', 'ONE'), 'x')).ok).toBe(true);
    expect(saveError()).toBe('DISK_FULL');
    expect(cells()).toEqual(['ONE', 'two']);
  } finally {
    full.mockRestore();
  }
  expect(await file()).toBe(START);
  await host.command({ type: 'save' }, 'x');
  expect(saveError()).toBeUndefined();
  expect(await file()).toBe(START.replace('one', 'ONE'));
});
