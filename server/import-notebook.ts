/** A Jupyter notebook's file made one of ours, in place: the text where it was, the outputs where ours lie. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StagelightError } from '../engine/errors.ts';
import { createViewState, fold } from '../engine/fold/fold.ts';
import { toSnapshot } from '../engine/fold/snapshot.ts';
import { importIpynb } from '../engine/kernel/import-ipynb.ts';
import type { CellWithOutputs } from '../engine/kernel/ipynb.ts';
import { serializeNotebook } from '../engine/kernel/notebook-file.ts';
import { outputsFileOf } from './file-tree.ts';
import { isStoredOutput } from './stored-outputs.ts';
import { writeAtomically } from './write-atomically.ts';

const MAX_IPYNB_BYTES = 64 * 1024 ** 2;

export interface ImportedFile {
  notes: string[];
  /** Writes the outputs beside the notebook, once it is where it stays. */
  writeOutputs(absolute: string, path: string): Promise<void>;
}

/** The outputs file of cells that came with outputs. */
export function outputsText(cells: readonly CellWithOutputs[], path: string): string {
  const view = createViewState('');
  const time = Date.now();
  fold(view, {
    type: 'notebookOpened',
    path,
    cells: cells.map(({ cellId, kind, source }) => ({ cellId, kind, source, revision: 0 })),
    time,
  });
  for (const { cellId, source, outputs, executionCount } of cells) {
    if (outputs.length === 0) continue;
    const runId = `import-${cellId}`;
    fold(view, { type: 'cellStarted', cellId, runId, time, executionCount: executionCount ?? 0, source });
    for (const output of outputs.filter(isStoredOutput))
      fold(view, { type: 'cellOutput', cellId, runId, output });
    const failed = outputs.some(({ kind }) => kind === 'error');
    fold(view, { type: 'cellFinished', cellId, runId, time, status: failed ? 'error' : 'ok' });
    const shown = view.cells.get(cellId)!;
    // When it ran is not known, nor whether it did here.
    delete shown.startedAt;
    delete shown.finishedAt;
    if (executionCount === undefined) delete shown.executionCount;
  }
  return JSON.stringify(toSnapshot(view));
}

export async function importNotebook(file: string): Promise<ImportedFile> {
  const { size } = await stat(file);
  if (size > MAX_IPYNB_BYTES) {
    throw new StagelightError(
      'FILE_TOO_LARGE',
      `the Jupyter notebook has ${(size / 1024 ** 2).toFixed(0)} MB; at most ${MAX_IPYNB_BYTES / 1024 ** 2} MB are converted`,
      { hint: 'Clear its largest outputs first.' },
    );
  }
  const { cells, notes } = importIpynb(await readFile(file, 'utf8'), isStoredOutput);
  await writeFile(file, serializeNotebook({ cells, eol: '\n' }));
  return {
    notes,
    async writeOutputs(absolute, path) {
      if (cells.every(({ outputs }) => outputs.length === 0)) return;
      const target = outputsFileOf(absolute);
      await mkdir(dirname(target), { recursive: true });
      await writeAtomically(target, outputsText(cells, path));
    },
  };
}
