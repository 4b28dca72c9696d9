/** The pieces of text that a compressed file unpacks to, one after the other. */
import { closeSync, createReadStream, read } from 'node:fs';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, createZstdDecompress, type ZstdDecompress } from 'node:zlib';
import { unpackSmallFrames } from './zstd-frames.ts';

export type Packing = 'gzip' | 'zstd';

const READ_BYTES = 1 << 16;
const readInto = promisify(read);

export interface Unpacking {
  pieces: AsyncIterable<Buffer>;
  /** Compressed bytes that were read from the file. */
  read(): number;
  /** Compressed bytes that were understood. */
  understood(): number;
  /** Closes the file, once nothing reads it any more: its number is given to the next file at once. */
  close(): Promise<void>;
}

/** Takes over `fd`, which is open for reading. */
export function unpackPieces(fd: number, packing: Packing, pieceBytes: number): Unpacking {
  return packing === 'gzip' ? gzipPieces(fd, pieceBytes) : zstdPieces(fd, pieceBytes);
}

function gzipPieces(fd: number, pieceBytes: number): Unpacking {
  const gunzip = createGunzip({ chunkSize: pieceBytes });
  const file = createReadStream('', { fd, highWaterMark: READ_BYTES });
  let bytes = 0;
  file.on('data', (chunk) => {
    bytes += chunk.length;
  });
  return {
    pieces: unpackedBy(gunzip, file),
    read: () => bytes,
    understood: () => Math.min(bytes, gunzip.bytesWritten),
    // A stream knows when it may.
    close: async () => void file.destroy(),
  };
}

/** What a transformation makes of a file; errors of either are thrown. */
async function* unpackedBy(
  unpacker: ReturnType<typeof createGunzip>,
  file: Readable,
): AsyncGenerator<Buffer, void> {
  file.on('error', (error) => unpacker.destroy(error));
  try {
    yield* file.pipe(unpacker) as AsyncIterable<Buffer>;
  } finally {
    file.unpipe(unpacker);
    file.destroy();
    unpacker.destroy();
  }
}

/**
 * A file may consist of many frames (those that Stagelight, `pzstd` and `cat` write do). Node's stream ends with the first
 * behind which there are bytes in the chunk that it was given, without a word, and goes on with the next chunk all the same: so
 * it gets one when it has gone through the one before, and none once it has ended. The rest is given to the next unpacker.
 * Small frames that are there as a whole need none.
 */
function zstdPieces(fd: number, pieceBytes: number): Unpacking {
  let read = 0;
  /** Understood of the frames before. */
  let before = 0;
  /** Of the frame that is being unpacked. */
  let unpacker: ZstdDecompress | undefined;
  const understoodNow = () => unpacker?.bytesWritten ?? 0;
  /** Read, and perhaps not understood: the first of them begins `dropped` bytes behind where this unpacker began. */
  const held: Buffer[] = [];
  let dropped = 0;
  let reading: Promise<boolean> = Promise.resolve(true);
  /** An unpacker that has ended does not wait for what was read for it. */
  const settled = () => reading.catch(() => {});
  const drop = () => {
    while (held.length > 0 && dropped + held[0]!.length <= understoodNow()) {
      dropped += held.shift()!.length;
    }
  };
  const readChunk = async (): Promise<boolean> => {
    const { bytesRead, buffer } = await readInto(fd, Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, read);
    read += bytesRead;
    if (bytesRead > 0) held.push(buffer.subarray(0, bytesRead));
    return bytesRead > 0;
  };
  const readOn = () => {
    reading = readChunk();
    return reading;
  };
  /** Until the unpacker has ended, or the file. */
  const feed = async (to: ZstdDecompress): Promise<void> => {
    let given = 0;
    const give = async (chunk: Buffer): Promise<boolean> => {
      given += chunk.length;
      await new Promise<void>((resolve) => to.write(chunk, () => resolve()));
      return !to.destroyed && to.bytesWritten === given;
    };
    try {
      for (const chunk of [...held]) if (!(await give(chunk))) return;
      while (await readOn()) {
        if (!(await give(held.at(-1)!))) return;
        drop();
      }
      to.end();
    } catch (error) {
      to.destroy(error as Error);
    }
  };
  async function* pieces(): AsyncGenerator<Buffer, void> {
    while (held.length > 0 || (await readOn())) {
      const { length, text } = unpackSmallFrames(held[0]!, pieceBytes);
      if (length > 0) {
        before += length;
        held[0] = held[0]!.subarray(length);
        if (held[0].length === 0) held.shift();
        if (text.length > 0) yield text;
        continue;
      }
      unpacker = createZstdDecompress({ chunkSize: pieceBytes });
      dropped = 0;
      const fed = feed(unpacker);
      try {
        yield* unpacker as AsyncIterable<Buffer>;
      } finally {
        unpacker.destroy();
      }
      await fed;
      drop();
      const inFirst = understoodNow() - dropped;
      if (inFirst > 0) held[0] = held[0]!.subarray(inFirst);
      before += understoodNow();
      unpacker = undefined;
    }
  }
  return {
    pieces: pieces(),
    read: () => read,
    understood: () => Math.min(read, before + understoodNow()),
    close: async () => {
      await settled();
      closeSync(fd);
    },
  };
}
