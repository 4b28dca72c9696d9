/** What a reply confirms is in the file, and what another program wrote there is neither overwritten nor missed. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
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
  await vi.waitFor(() => expect(cells()).toEqual(['one', 'TWO']));
});

test('a notebook that was only looked at is not written', async () => {
  await writeFile(join(root, 'n.ts'), 'const noCells = 1;\r\n');
  vi.advanceTimersByTime(1000);
  await vi.waitFor(() => expect(cells()).toEqual(['const noCells = 1;']));
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
