/** Calls of the files that a page of its own making might send. */
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileCalls } from './file-calls.ts';
import { NotebookFiles } from './notebook-files.ts';
import { Notebooks } from './notebooks.ts';
import { RichOutputs } from './rich-outputs.ts';

test('the name of a new folder is one name, not a path', async () => {
  const root = await mkdtemp(join(tmpdir(), 'stagelight-calls-'));
  const notebooks = new Notebooks({
    files: new NotebookFiles(root, join(root, 'no-demos')),
    outputs: new RichOutputs(),
    options: { executors: 1, executorMemory: 1e8, maxKernels: 1, idleKernel: 1e9, historyMax: 0 },
    broadcast: () => {},
  });
  const make = async (name: string) =>
    fileCalls(notebooks)['files:createFolder']!({} as never, { folder: '', name });
  try {
    await expect(make('a/b')).rejects.toMatchObject({ code: 'FILE_NAME' });
    await expect(access(join(root, 'a'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await make(' a ')).toEqual({ path: 'a' });
  } finally {
    await notebooks.close();
    await rm(root, { recursive: true });
  }
});
