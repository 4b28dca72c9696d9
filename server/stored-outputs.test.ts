/** A foreign outputs file costs its outputs, never the notebook. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createViewState, fold } from '../engine/fold/fold.ts';
import { toSnapshot } from '../engine/fold/snapshot.ts';
import type { CellOutput } from '../engine/protocol.ts';
import { NotebookFiles } from './notebook-files.ts';
import { NotebookStore } from './notebook-store.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'stagelight-outputs-'));
  await mkdir(join(root, '.stagelight'));
  await writeFile(join(root, 'a.ts'), '// %% id="c"\n1\n');
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function openedWith(change: (snapshot: Record<string, unknown>) => void): Promise<CellOutput[]> {
  const view = createViewState('b');
  const cell = { cellId: 'c', kind: 'code' as const, source: '1', revision: 0 };
  fold(view, { type: 'notebookOpened', path: 'a.ts', cells: [cell], time: 1 });
  const snapshot = JSON.parse(JSON.stringify(toSnapshot(view)));
  change(snapshot);
  await writeFile(join(root, '.stagelight', 'a.ts.outputs.json'), JSON.stringify(snapshot));
  const { view: opened } = await new NotebookStore(new NotebookFiles(root, join(root, 'none'))).open('a.ts');
  return toSnapshot(opened).cells[0]!.outputs;
}

const good: CellOutput[] = [
  { kind: 'stream', stream: 'stdout', text: 'x', dropped: 3 },
  { kind: 'text', text: 'x' },
  { kind: 'table', columns: [{ name: 'a', type: 'number' }], rows: [[1], [null]], total: 2 },
  { kind: 'html', html: '<p>' },
  { kind: 'markdown', text: '#' },
  { kind: 'image', mime: 'image/png', base64: '' },
  {
    kind: 'error',
    error: {
      code: 'USER',
      name: 'E',
      message: 'm',
      position: { file: 'f', line: 1, column: 1 },
      frames: [{ file: 'f', line: 1, column: 1, functionName: 'g' }],
      task: { stageId: 1, partition: 2, attempt: 0 },
      cause: { code: 'USER', name: 'E', message: 'n' },
    },
  },
];
const setOutputs = (outputs: unknown) => (snapshot: Record<string, unknown>) => {
  Object.assign((snapshot['cells'] as object[])[0]!, { outputs });
};

test('all that a cell can show comes back', async () => {
  expect(await openedWith(setOutputs(good))).toEqual(good);
});

test.each([
  [null],
  [{ length: 2 }],
  [[{ kind: 'html' }]],
  [[{ kind: 'evil', x: {} }]],
  [[{ kind: 'toString' }]],
  [[{ kind: 'image', mime: 'text/html', base64: '' }]],
  [[{ kind: 'table', columns: null, rows: {} }]],
  [[{ kind: 'table', columns: [], rows: [[{ $$typeof: 1 }]] }]],
  [[{ kind: 'error', error: {} }]],
  [[{ kind: 'error', error: { code: '', name: '', message: '', cause: 7 } }]],
  [[{ kind: 'text', text: { a: 1 } }]],
  [[{ kind: 'stream', stream: 'stdout', text: 5 }]],
  [[{ kind: 'stream', stream: '"><script>', text: 'x' }]],
  [[{ kind: 'stream', stream: 'stdout', text: 'x', dropped: '<script>' }]],
  [[{ kind: 'text', text: 'x', truncated: { shown: '<script>', total: 2, unit: 'characters' } }]],
  [[{ kind: 'table', columns: [{ name: 'a', type: '<script>' }], rows: [] }]],
  [[{ kind: 'table', columns: [{ name: 'a', type: 'number', summary: { min: {} } }], rows: [] }]],
  [[{ kind: 'table', columns: [], rows: [], total: {} }]],
  [
    [
      {
        kind: 'error',
        error: { code: '', name: '', message: '', position: { line: 1, column: '<script>' } },
      },
    ],
  ],
  [[{ kind: 'plot', key: '', spec: {}, rows: {}, domains: {}, columns: [], layers: [], notes: [] }]],
])('%j is dropped and the notebook opens', async (outputs) => {
  expect(await openedWith(setOutputs(outputs))).toEqual([]);
});

test.each(['cells', 'jobs', 'stages', 'executors', 'kernel', 'retired', 'cached'])(
  'a file whose %s are of no use is no file',
  async (field) => {
    for (const value of [null, 7, [null], { a: 1 }])
      expect(await openedWith((snapshot) => Object.assign(snapshot, { [field]: value }))).toEqual([]);
  },
);
