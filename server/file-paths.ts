/** Paths that clients name: relative to the root, with slashes; what leaves the root or is hidden is refused. */
import { realpath } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { StagelightError } from '../engine/errors.ts';
import { fileError } from './file-errors.ts';

/** Of 255 that file systems allow: a draft and the outputs file beside a notebook have longer names than it. */
const MAX_NAME_BYTES = 220;
const MAX_PATH = 1000;

/** Why a name cannot be used, or undefined. */
function badName(name: string): string | undefined {
  if (name === '') return 'a name is missing';
  if (name === '.' || name === '..') return `"${name}" leads elsewhere`;
  if (name.startsWith('.')) return 'names that begin with a dot are hidden';
  if (name === 'node_modules') return '"node_modules" belongs to packages';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\0-\x1f\x7f\\:/]/.test(name))
    return 'names have no slashes, colons, backslashes or control characters';
  if (name.trim() !== name) return 'names do not begin or end with a space';
  if (!name.isWellFormed()) return 'the name is no valid text';
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `names have at most ${MAX_NAME_BYTES} bytes`;
  return undefined;
}

function refused(path: string, why: string, notebook: boolean): StagelightError {
  return notebook
    ? new StagelightError('NOTEBOOK_PATH', `"${path}" is not a notebook's path: ${why}`, {
        hint: 'Name a .ts file inside the notebook folder, without "..", hidden folders or special characters.',
      })
    : new StagelightError('FILE_NAME', `"${path}" cannot be used: ${why}`, {
        hint: 'Choose another name inside the notebook folder.',
      });
}

/** The absolute path of a file or folder named by a client (`''` is the root itself), which need not exist. */
export async function locate(root: string, path: string, notebook = false): Promise<string> {
  if (path === '' && !notebook) return root;
  const why =
    path.length > MAX_PATH
      ? `paths have at most ${MAX_PATH} characters`
      : path.split('/').map(badName).find(Boolean);
  if (why) throw refused(path, why, notebook);
  if (notebook && !path.endsWith('.ts')) throw refused(path, 'it does not end in .ts', notebook);
  const absolute = resolve(root, path);
  const realRoot = await realpath(root);
  let existing = absolute;
  for (;;) {
    try {
      const real = await realpath(existing);
      if (real !== realRoot && !real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep))
        throw refused(path, 'a link leads out of the notebook folder', notebook);
      return absolute;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (error instanceof StagelightError) throw error;
      if (code === 'ELOOP') throw refused(path, 'a link leads to itself', notebook);
      if (existing === root || code === 'ENAMETOOLONG') throw fileError(error, path);
      existing = dirname(existing);
    }
  }
}

/** `a.ts` → `a-2.ts`, `a-3.ts`, … : names to try when one is taken. */
export function* alternatives(name: string): Generator<string> {
  yield name;
  const dot = name.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let n = 2; n < 1000; n++) yield `${stem}-${n}${end}`;
}
