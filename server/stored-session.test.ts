/** What a server that starts again knows of a notebook: deleted cells with their outputs, and that what ran is stale. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fold } from '../engine/fold/fold.ts';
import { type SessionOperation, step } from '../engine/kernel/notebook-session.ts';
import type { StagelightEvent } from '../engine/protocol.ts';
import { NotebookFiles } from './notebook-files.ts';
import { NotebookStore, type OpenedNotebook } from './notebook-store.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'stagelight-stored-'));
  await writeFile(
    join(root, 'n.ts'),
    '// %% id="a"\nconst x = 1;\n\n// %% Sum id="b"\nx + 1\n\n// %% id="c"\nx + 2\n',
  );
});

afterEach(() => rm(root, { recursive: true, force: true }));

const newStore = () => new NotebookStore(new NotebookFiles(root, join(root, 'no-demos')));

function apply({ session, view }: OpenedNotebook, operation: SessionOperation): void {
  for (const event of step(session, operation, 5).events) fold(view, event);
}

function run(opened: OpenedNotebook, cellId: string): void {
  const { session, view } = opened;
  apply(opened, { type: 'command', command: { type: 'runCells', cellIds: [cellId] } });
  if (session.kernel === 'starting') apply(opened, { type: 'kernelReady', pid: 1 });
  const { runId } = session.running!;
  const { source } = session.cells.find((cell) => cell.cellId === cellId)!;
  const events: StagelightEvent[] = [
    { type: 'cellStarted', cellId, runId, time: 6, executionCount: 1, source },
    { type: 'cellOutput', cellId, runId, output: { kind: 'text', text: `of ${cellId}` } },
  ];
  for (const event of events) fold(view, event);
  apply(opened, { type: 'cellFinished', cellId, runId, status: 'ok' });
}

/** Ends one server and starts the next. */
async function restarted(opened: OpenedNotebook): Promise<OpenedNotebook> {
  const store = newStore();
  await store.open('n.ts');
  await store.save('n.ts', opened.session.cells);
  await opened.outputs.close();
  return newStore().open('n.ts');
}

test('a deleted cell comes back after a restart, with its output and what its marker said', async () => {
  const first = await newStore().open('n.ts');
  for (const cellId of ['a', 'b']) run(first, cellId);
  apply(first, { type: 'command', command: { type: 'deleteCells', cellIds: ['b'] } });
  const again = await restarted(first);
  expect([...again.session.bin.keys()]).toEqual(['b']);
  expect(again.view.history).toEqual({});
  apply(again, { type: 'command', command: { type: 'restoreCell', cellId: 'b' } });
  expect(again.view.cellOrder).toEqual(['a', 'b', 'c']);
  expect(again.view.cells.get('b')!.outputs).toEqual([{ kind: 'text', text: 'of b' }]);
  const store = newStore();
  await store.open('n.ts');
  await store.save('n.ts', again.session.cells);
  expect(await readFile(join(root, 'n.ts'), 'utf8')).toContain('// %% Sum id="b"\nx + 1');
});

test('what ran is of a kernel that ended, also in a cell that was edited meanwhile; what never ran is not stale', async () => {
  const first = await newStore().open('n.ts');
  for (const cellId of ['a', 'b']) run(first, cellId);
  const command = { type: 'editCell', cellId: 'b', source: 'x + 9', baseRevision: 0 } as const;
  apply(first, { type: 'command', command });
  const { view } = await restarted(first);
  const ended = { kind: 'kernel', restarted: false };
  expect(view.cells.get('a')!.stale).toEqual([ended]);
  expect(view.cells.get('b')!.stale).toEqual([ended, { kind: 'edited' }]);
  expect(view.cells.get('c')!.stale).toBeUndefined();
  expect(view.cells.get('a')).toMatchObject({ lastRun: { status: 'ok', startedAt: 6, executionCount: 1 } });
});

test('runs that waited when the server ended wait no longer, also one behind a run of its own cell', async () => {
  const first = await newStore().open('n.ts');
  run(first, 'a');
  apply(first, { type: 'command', command: { type: 'runCells', cellIds: ['a', 'b'] } });
  const { runId } = first.session.running!;
  fold(first.view, {
    type: 'cellStarted',
    cellId: 'a',
    runId,
    time: 7,
    executionCount: 2,
    source: 'const x = 1;',
  });
  apply(first, { type: 'command', command: { type: 'runCells', cellIds: ['a'] } });
  const { view } = await restarted(first);
  expect(view.queue).toEqual([]);
  expect(['a', 'b'].map((cellId) => view.cells.get(cellId)!.status)).toEqual(['aborted', 'aborted']);
});

test('outputs that a version without bin, staleness and variables wrote still open, and the notebook runs on', async () => {
  const written = join(import.meta.dirname, 'testing', 'outputs-before-bin.json');
  await mkdir(join(root, '.stagelight'));
  await copyFile(written, join(root, '.stagelight', 'n.ts.outputs.json'));
  const opened = await newStore().open('n.ts');
  const { cells, jobs, stages } = opened.view;
  expect(cells.get('a')!.outputs.map(({ kind }) => kind)).toEqual(['stream', 'text', 'table', 'error']);
  expect(cells.get('a')!.stale).toEqual([{ kind: 'kernel', restarted: false }]);
  expect([jobs.get(0)?.status, stages.get('0.0')?.progress.rowsByRdd]).toEqual(['succeeded', [4]]);
  run(opened, 'b');
  apply(opened, { type: 'command', command: { type: 'deleteCells', cellIds: ['a'] } });
  const again = await restarted(opened);
  expect(again.view.bin.get('a')!.cell.outputs).toHaveLength(4);
});
