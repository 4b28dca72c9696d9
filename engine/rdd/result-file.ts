/** A result too large for a message, as a file that whoever receives it reads once: verified, for nothing computes it again. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { StagelightError } from '../errors.ts';

export interface ResultFile {
  file: string;
  /** In bytes. */
  length: number;
  /** Of the bytes. */
  crc: number;
}

/** Throws RESULT_LOST where the file is gone or is not as it was written. */
export function readResultFile(result: ResultFile): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(result.file);
  } catch (cause) {
    throw unreadable(result, cause);
  }
  return verified(result, bytes);
}

/** The same without blocking the thread. */
export async function readResultFileAsync(result: ResultFile): Promise<Buffer> {
  const bytes = await readFile(result.file).catch((cause) => {
    throw unreadable(result, cause);
  });
  return verified(result, bytes);
}

function verified(result: ResultFile, bytes: Buffer): Buffer {
  if (bytes.length !== result.length || crc32(bytes) !== result.crc) throw lost(result, 'was damaged');
  return bytes;
}

function unreadable(result: ResultFile, cause: unknown): StagelightError {
  return lost(result, `cannot be read: ${(cause as Error).message}`, cause);
}

function lost({ file, length }: ResultFile, what: string, cause?: unknown): StagelightError {
  return new StagelightError('RESULT_LOST', `the file with the result of a task (${length} bytes) ${what}`, {
    hint: `Run the action again, and check that nothing else deletes or changes files such as ${file}.`,
    ...(cause !== undefined && { cause }),
  });
}
