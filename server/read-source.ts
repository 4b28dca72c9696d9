/** A file of the served folder as text, for looking at: a module of the user that an error names. */

import { isUtf8 } from 'node:buffer';
import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { StagelightError } from '../engine/errors.ts';
import { fileError } from './file-errors.ts';
import type { FileTree } from './file-tree.ts';

/** Longer files are for downloading. */
const LARGEST_SOURCE = 1_000_000;

/** The path inside the served folder that an error's absolute path stands for. */
async function pathInside(root: string, file: string): Promise<string> {
  if (!isAbsolute(file)) return file;
  for (const folder of [root, await realpath(root)]) {
    const path = relative(folder, file);
    if (path !== '' && !isAbsolute(path) && path.split(sep)[0] !== '..') return path.split(sep).join('/');
  }
  throw new StagelightError('FILE_OUTSIDE', `"${file}" is not in the notebook folder`, {
    hint: 'Only files in the folder that the server was started on can be shown here.',
  });
}

/** `file`: a path of the served folder, or an absolute one below it. */
export async function readSource(tree: FileTree, file: string): Promise<{ path: string; text: string }> {
  const path = await pathInside(tree.root, file);
  if (path === '') {
    throw new StagelightError('FILE_NAME', 'the address names no file', {
      hint: 'It ends in ?path= and the path of a file of the folder.',
    });
  }
  const absolute = await tree.locate(path);
  try {
    const info = await stat(absolute);
    if (!info.isFile()) {
      throw new StagelightError('FILE_NAME', `"${path}" is not a file`, {
        hint: 'The home page shows what is in a folder.',
      });
    }
    if (info.size > LARGEST_SOURCE) {
      throw new StagelightError('FILE_TOO_LARGE', `"${path}" has ${info.size} bytes, too many to show`, {
        hint: 'Download it instead.',
      });
    }
    const bytes = await readFile(absolute);
    if (!isUtf8(bytes) || bytes.includes(0)) {
      throw new StagelightError('FILE_NOT_TEXT', `"${path}" is not text`, { hint: 'Download it instead.' });
    }
    return { path, text: bytes.toString() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new StagelightError('FILE_NOT_FOUND', `there is no file "${path}"`, {
        hint: 'It may have been moved or deleted. The home page lists what is there.',
      });
    }
    throw fileError(error, path);
  }
}
