/** Files replaced in one step: a crash leaves the old content or the new, never half of it. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A name for what is not yet whole, hidden and beside what it becomes. */
export function draftPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
}

/** Writes to a file of its own, flushes it, then renames; follows a symbolic link to what it names. */
export async function writeAtomically(path: string, text: string | Uint8Array): Promise<void> {
  const isLink = await lstat(path).then(
    (info) => info.isSymbolicLink(),
    () => false,
  );
  const target = isLink ? await realpath(path) : path;
  await mkdir(dirname(target), { recursive: true });
  const mode = await stat(target).then(
    (info) => info.mode & 0o777,
    () => undefined,
  );
  // A read-only file must refuse, though renaming over it would work, and for the superuser, whom no mode stops.
  if (mode !== undefined) {
    await access(target, constants.W_OK);
    if ((mode & 0o222) === 0) throw Object.assign(new Error('the file is read-only'), { code: 'EACCES' });
  }
  const draft = draftPath(target);
  try {
    const file = await open(draft, 'wx', mode ?? 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
