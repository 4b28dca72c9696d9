/** The access token: fresh for each server, or kept in a file that only its owner can read. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { StagelightError } from '../engine/errors.ts';
import { makeToken } from './auth.ts';

const MIN_TOKEN_CHARACTERS = 22; // 128 bits in base64url

/** The token in `file`, made and stored there if the file is missing; without a file, a fresh one. */
export async function obtainToken(file: string | undefined): Promise<string> {
  if (!file) return makeToken();
  const stored = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new StagelightError('TOKEN_FILE', `the token file "${file}" cannot be read: ${error.message}`, {
      cause: error,
    });
  });
  if (stored === undefined) {
    const token = makeToken();
    await writeFile(file, `${token}\n`, { mode: 0o600, flag: 'wx' });
    return token;
  }
  const token = stored.trim();
  if (!/^[A-Za-z0-9_-]+$/.test(token) || token.length < MIN_TOKEN_CHARACTERS) {
    throw new StagelightError(
      'TOKEN_FILE',
      `the token in "${file}" is too short or has other characters than letters, digits, - and _`,
      {
        hint: 'Delete the file: a new token is written there.',
      },
    );
  }
  await chmod(file, 0o600);
  return token;
}
