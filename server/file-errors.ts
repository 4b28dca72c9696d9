/** What the file system refuses, in words a user can act on. */
import { StagelightError } from '../engine/errors.ts';

/** An error of reading or writing `path` (as the user knows it), whatever it was, as one with a code and a next step. */
export function fileError(error: unknown, path: string): StagelightError {
  if (error instanceof StagelightError) return error;
  const [what, prefix] = path.endsWith('.ts') ? ['notebook', 'NOTEBOOK'] : ['file or folder', 'FILE'];
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new StagelightError(`${prefix}_NOT_FOUND`, `there is no ${what} "${path}"`, {
        hint: 'It may have been moved or deleted. The home page lists what is there.',
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StagelightError(`${prefix}_NOT_PERMITTED`, `"${path}" may not be read or written`, {
        hint: 'Change the permissions of the file or its folder, or save under another name.',
        cause: error,
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new StagelightError('DISK_FULL', `the disk is full: "${path}" was not saved`, {
        hint: 'Free some space; the page keeps your text and tries again.',
        cause: error,
      });
    case 'EEXIST':
    case 'ENOTEMPTY':
      return new StagelightError('FILE_EXISTS', `"${path}" exists already`, {
        hint: 'Choose another name, or rename or delete the other first.',
      });
    case 'EISDIR':
      return new StagelightError('NOTEBOOK_PATH', `"${path}" is a folder, not a notebook`, {
        hint: 'Rename the folder so that its name does not end in .ts, or open a file in it.',
      });
    case 'ENAMETOOLONG':
      return new StagelightError('FILE_NAME', `the name of "${path}" is too long`, {
        hint: 'Choose a shorter name.',
      });
    default:
      return new StagelightError(`${prefix}_FILE`, `"${path}": ${(error as Error).message}`, {
        cause: error,
      });
  }
}

/** The answer's status for an error over HTTP. */
export function statusOf(error: StagelightError): number {
  if (error.code.endsWith('_NOT_FOUND')) return 404;
  if (error.code.endsWith('_NOT_PERMITTED')) return 403;
  if (error.code === 'FILE_EXISTS') return 409;
  if (error.code === 'FILE_TOO_LARGE') return 413;
  if (error.code === 'DISK_FULL') return 507;
  return 400;
}
