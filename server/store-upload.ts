/** One uploaded file: streamed beside its place, then put there in one step; a Jupyter notebook becomes one of ours. */
import { createWriteStream } from 'node:fs';
import { link, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StagelightError } from '../engine/errors.ts';
import { folderOf, joinPath, nameOf } from '../engine/files-protocol.ts';
import { fileError } from './file-errors.ts';
import { importNotebook } from './import-notebook.ts';
import type { Notebooks } from './notebooks.ts';
import { draftPath } from './write-atomically.ts';

const MAX_UPLOAD_BYTES = 1024 ** 3;

/** What to do when the name is taken. A file that is replaced goes to the bin. */
export type UploadChoice = 'refuse' | 'keepBoth' | 'replace';

export function isUploadChoice(choice: string): choice is UploadChoice {
  return choice === 'refuse' || choice === 'keepBoth' || choice === 'replace';
}

export interface Upload {
  folder: string;
  name: string;
  taken: UploadChoice;
  /** As announced; NaN when it was not. */
  length: number;
  content: AsyncIterable<Uint8Array>;
}

export interface StoredUpload {
  path: string;
  /** The file was another notebook format: what could not be taken over, in words. */
  converted?: string[];
}

function tooLarge(name: string): StagelightError {
  return new StagelightError(
    'FILE_TOO_LARGE',
    `"${name}" is larger than ${MAX_UPLOAD_BYTES / 1024 ** 3} GB`,
    {
      hint: 'Copy it into the notebook folder directly.',
    },
  );
}

async function* bounded(content: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > MAX_UPLOAD_BYTES) throw tooLarge(name);
    yield chunk;
  }
}

export async function storeUpload(notebooks: Notebooks, upload: Upload): Promise<StoredUpload> {
  const { folder, name, taken, length, content } = upload;
  const { tree } = notebooks;
  if (name.includes('/')) throw new StagelightError('FILE_NAME', `"${name}" is not a file's name`);
  const isForeign = name.toLowerCase().endsWith('.ipynb');
  const path = joinPath(folder, isForeign ? name.replace(/\.ipynb$/i, '.ts') : name);
  if (name === '') throw new StagelightError('FILE_NAME', 'the file has no name');
  const target = await tree.locate(path);
  if (length > MAX_UPLOAD_BYTES) throw tooLarge(name);
  if (taken === 'refuse' && (await tree.freePath(folder, nameOf(path))) !== path)
    throw fileError(Object.assign(new Error(), { code: 'EEXIST' }), path);
  const draft = draftPath(target);
  try {
    await mkdir(dirname(target), { recursive: true });
    await pipeline(bounded(content, name), createWriteStream(draft, { flags: 'wx' }));
    const imported = isForeign ? await importNotebook(draft) : undefined;
    return await notebooks.change(async () => {
      const place = await findPlace(notebooks, path, taken);
      const absolute = await tree.locate(place);
      await putInPlace(draft, absolute);
      await imported?.writeOutputs(absolute, place);
      return imported ? { path: place, converted: imported.notes } : { path: place };
    });
  } catch (error) {
    throw fileError(error, path);
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}

async function findPlace(notebooks: Notebooks, path: string, taken: UploadChoice): Promise<string> {
  const free = await notebooks.tree.freePath(folderOf(path), nameOf(path));
  if (free === path || taken === 'keepBoth') return free;
  if (taken === 'replace') {
    await notebooks.bin.delete(path);
    return path;
  }
  throw fileError(Object.assign(new Error(), { code: 'EEXIST' }), path);
}

/** Never over a file that came meanwhile: a link fails where a rename would replace. */
async function putInPlace(draft: string, absolute: string): Promise<void> {
  try {
    await link(draft, absolute);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    await rename(draft, absolute);
  }
}
