/**
 * Checksums of a file beside it, as Hadoop's ChecksumFileSystem keeps them: `.name.crc` holds "crc\0", how many bytes each
 * checksum covers, and the CRC-32 of each such piece, numbers in big-endian order. Spark verifies ours, we verify Spark's.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { StagelightError } from '../errors.ts';
import { readFully } from './nameless-file.ts';

const MAGIC = Buffer.from('crc\0');
const HEADER_BYTES = 8;
const PIECE_BYTES = 4096;
/** How much is read at once, of pieces of any size. */
const WINDOW = 1 << 20;

export function checksumPath(file: string): string {
  return join(dirname(file), `.${basename(file)}.crc`);
}

/** Takes the bytes of a file as they are written. */
export class ChecksumWriter {
  readonly #sums: number[] = [];
  #crc = 0;
  #inPiece = 0;

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + PIECE_BYTES - this.#inPiece);
      this.#crc = crc32(part, this.#crc);
      this.#inPiece += part.length;
      at += part.length;
      if (this.#inPiece === PIECE_BYTES) this.#endPiece();
    }
  }

  #endPiece(): void {
    this.#sums.push(this.#crc);
    this.#crc = 0;
    this.#inPiece = 0;
  }

  /** The content of the checksum file; nothing may follow. */
  finish(): Buffer {
    if (this.#inPiece > 0) this.#endPiece();
    const bytes = Buffer.alloc(HEADER_BYTES + 4 * this.#sums.length);
    MAGIC.copy(bytes);
    bytes.writeUInt32BE(PIECE_BYTES, 4);
    for (const [i, sum] of this.#sums.entries()) bytes.writeUInt32BE(sum, HEADER_BYTES + 4 * i);
    return bytes;
  }
}

/** What a file should be, where somebody wrote that down. */
export class Checksums {
  readonly #file: string;
  readonly #size: number;
  readonly #sums: Buffer;
  readonly #piece: number;

  private constructor(file: string, size: number, sums: Buffer) {
    this.#file = file;
    this.#size = size;
    this.#sums = sums;
    this.#piece = sums.length >= HEADER_BYTES ? sums.readUInt32BE(4) : 0;
    const whole = sums.subarray(0, 4).equals(MAGIC) && this.#piece > 0;
    if (!whole || sums.length !== HEADER_BYTES + 4 * Math.ceil(size / this.#piece)) throw inputCorrupt(file);
  }

  /** Undefined when there is no checksum file; `size` is that of the file itself. */
  static of(file: string, size: number): Checksums | undefined {
    let sums: Buffer;
    try {
      sums = readFileSync(checksumPath(file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    return new Checksums(file, size, sums);
  }

  /** Throws INPUT_CORRUPT unless the bytes from `from` to `to` are those that were written; reads whole pieces. */
  verify(fd: number, from: number, to: number): void {
    const piece = this.#piece;
    const last = Math.min(this.#size, Math.ceil(to / piece) * piece);
    const first = Math.floor(from / piece) * piece;
    if (first >= last) return;
    const bytes = Buffer.allocUnsafe(last - first);
    if (!readFully(fd, bytes, first)) throw inputCorrupt(this.#file);
    this.#verifyPieces(bytes, first / piece);
  }

  /** The same for all of the file, piece by piece. */
  verifyAllOf(fd: number): void {
    for (let at = 0; at < this.#size; at += WINDOW) this.verify(fd, at, Math.min(this.#size, at + WINDOW));
  }

  /** The same for a file that was read whole. */
  verifyAll(bytes: Uint8Array): void {
    this.#verifyPieces(bytes, 0);
  }

  #verifyPieces(bytes: Uint8Array, firstPiece: number): void {
    const piece = this.#piece;
    for (let at = 0, i = firstPiece; at < bytes.length; at += piece, i++) {
      const sum = this.#sums.readUInt32BE(HEADER_BYTES + 4 * i);
      if (crc32(bytes.subarray(at, at + piece)) !== sum) throw inputCorrupt(this.#file);
    }
  }
}

/** A whole file, verified where it can be. */
export function readVerified(file: string): Buffer {
  const bytes = readFileSync(file);
  Checksums.of(file, bytes.length)?.verifyAll(bytes);
  return bytes;
}

function inputCorrupt(file: string): StagelightError {
  return new StagelightError(
    'INPUT_CORRUPT',
    `the input file ${file} is not what was written: it differs from its checksums in ${basename(checksumPath(file))}`,
    {
      hint: 'Restore the file, or write it again. If it was changed on purpose, remove the checksum file beside it.',
    },
  );
}
