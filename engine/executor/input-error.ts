/** What can be wrong with an input file, each by name: which file, where in it, and what to do about it. */
import { StagelightError } from '../errors.ts';
import { megabytes } from './megabytes.ts';
import type { Packing } from './unpack-pieces.ts';

/** Between zlib's word for it and the user: what an unpacking stopped at. */
export interface UnpackingFailure {
  code: string;
  message: string;
  /** Compressed bytes that were understood, to the nearest piece that was read. */
  consumed: number;
  /** Bytes of text that came out before. */
  produced: number;
}

/** A file that cannot be opened or read is the user's concern: says which one and why. */
export function inputError(path: string, error: unknown): StagelightError {
  if (error instanceof StagelightError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') {
    return new StagelightError('INPUT_NOT_FOUND', `the input file ${path} does not exist`, {
      hint: 'Was it moved or deleted after the dataset was defined?',
    });
  }
  const isRefused = code === 'EACCES' || code === 'EPERM';
  return new StagelightError('INPUT_UNREADABLE', `the input file ${path} cannot be read: ${message}`, {
    hint: isRefused
      ? 'Give this user the right to read it, or copy it to a place where that is so.'
      : 'Check that the file is complete and that the disk it is on can be read.',
    cause: error,
  });
}

export function notAFile(path: string, kind: string): StagelightError {
  return new StagelightError('INPUT_NOT_A_FILE', `${path} is ${kind}, not a file that can be read twice`, {
    hint: 'A partition may have to be computed again: copy what it gives into a file, and read that.',
  });
}

/** `line` starts at byte `start` of the text. */
export function lineTooLong(path: string, start: number, limit: number): StagelightError {
  const text = /\.(gz|zst)$/.test(path) ? 'the text in it' : 'it';
  return new StagelightError(
    'LINE_TOO_LONG',
    `${path} has a line longer than ${megabytes(limit)}: it starts at byte ${start} of ${text}`,
    {
      hint: 'Is it a text file at all? A line is one string and must fit into half of what an executor has for rows: raise --executor-memory (no string is longer than 512 MB), or cut the file up.',
    },
  );
}

export function fileTooLarge(path: string, size: number | undefined, limit: number): StagelightError {
  const has = size === undefined ? 'has more than that' : `has ${megabytes(size)}`;
  return new StagelightError(
    'FILE_TOO_LARGE',
    `wholeTextFiles makes one string of each file, of ${megabytes(limit)} at most: ${path} ${has}`,
    {
      hint: 'Read it line by line (textFile), or raise --executor-memory: half of what an executor has for rows is the limit, and 512 MB.',
    },
  );
}

/** The file ends before the byte up to which it was to be read. */
export function inputShrank(path: string, planned: number, size: number): StagelightError {
  return new StagelightError(
    'INPUT_CHANGED',
    `${path} became shorter: it had ${planned} bytes or more when the job was planned, and has ${size} now`,
    {
      hint: 'Something writes to the file. Make the dataset again once that is done, or read a copy of it.',
    },
  );
}

export function notUtf8(path: string, encoding: string): StagelightError {
  return new StagelightError(
    'INPUT_NOT_UTF8',
    `${path} begins with the mark of ${encoding}: text is read as UTF-8`,
    {
      hint: `Convert it first, for example with iconv -f ${encoding} -t UTF-8.`,
    },
  );
}

const PACKED = {
  gzip: { code: 'INPUT_GZIP_BROKEN', suffix: '.gz', unpack: 'gzip -dc', pack: 'gzip' },
  zstd: { code: 'INPUT_ZSTD_BROKEN', suffix: '.zst', unpack: 'zstd -dc', pack: 'zstd' },
};

/** What both say of bytes that begin nothing. */
const NO_BEGINNING = new Set(['incorrect header check', 'Unknown frame descriptor']);

/** `lines` came out of it before; undefined where they were not counted. */
export function unpackingBroken(
  path: string,
  packing: Packing,
  failure: UnpackingFailure,
  lines?: number,
): StagelightError {
  const { code, message, consumed, produced } = failure;
  const { suffix, unpack, pack, ...packed } = PACKED[packing];
  const before = lines === undefined ? `${produced} bytes of text` : `${lines} lines`;
  let what = `is damaged near byte ${consumed}, after ${before} (${message})`;
  let hint = `Unpack it by hand to see what can be saved (${unpack}), or get the file again.`;
  if (code === 'Z_BUF_ERROR') {
    what = `is cut short: it ends at byte ${consumed} in the middle of its data, after ${before}`;
    hint = 'Was it still being written or copied? Get the whole file, then run again.';
  } else if (NO_BEGINNING.has(message) && produced === 0) {
    what = `is no ${packing} file, though its name ends in ${suffix}`;
    hint = 'Rename it if it is not compressed, or compress it.';
  } else if (NO_BEGINNING.has(message)) {
    what = `has something behind its compressed data that is none, near byte ${consumed}, after ${before}`;
    hint = `Cut off what follows the compressed data: ${unpack} FILE | ${pack} > NEW.`;
  }
  return new StagelightError(packed.code, `${path} ${what}`, { hint });
}
