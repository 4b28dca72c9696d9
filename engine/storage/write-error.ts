/** What keeps blocks from being written, by name: the folder, and how to have another one. */
import { StagelightError } from '../errors.ts';
import type { ErrorData } from '../protocol.ts';

const ELSEWHERE = 'set TMPDIR to a folder on a larger disk and restart the kernel';
const FULL = new Set(['ENOSPC', 'EDQUOT']);
const REFUSED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR']);

/** The named error for a full disk or a spent quota; undefined for any other. */
export function noSpace(error: unknown, directory: string, what: string): StagelightError | undefined {
  if (!FULL.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
  return new StagelightError('NO_SPACE', `no space is left in ${directory} for ${what}`, {
    hint: `Free space there, or ${ELSEWHERE}.`,
    cause: error,
  });
}

/** Whether it, or what caused it, is the error of `noSpace`. */
export function isOutOfSpace(error: ErrorData | undefined): boolean {
  for (let each = error; each !== undefined; each = each.cause) if (each.code === 'NO_SPACE') return true;
  return false;
}

/** The named error for a block that could not be written to `directory`; other errors as they are. */
export function blockNotWritten(error: unknown, directory: string, what: string): unknown {
  const full = noSpace(error, directory, what);
  if (full !== undefined) return full;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (!REFUSED.has(code)) return error;
  return new StagelightError('BLOCKS_UNWRITABLE', `${what} cannot be written to ${directory}: ${message}`, {
    hint: 'Was the folder removed, or its rights changed, while the kernel runs? Restart the kernel, with TMPDIR set to a folder this user may write to.',
    cause: error,
  });
}
