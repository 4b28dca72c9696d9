/**
 * Rows in a file of our own: blocks of encoded rows, each under its own checksum, and an end that says how many there
 * were. A file that is not whole or not as written is refused by name; a block's rows come out once it was verified.
 *
 * Header: "SLOB", format version, partition, partitions of the dataset (little-endian 32-bit numbers). Block: its length as
 * written and before compression, the CRC-32 of both and its bytes. End: "SLOE", the number of blocks (64 bits), their CRC-32 in order.
 */
import { closeSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { StagelightError } from '../errors.ts';
import { ByteWriter } from './byte-writer.ts';
import { compressed, decompressed } from './compression.ts';
import { readFully } from './nameless-file.ts';
import { FRAME_ROWS, FrameReader, MOST_FRAME_BYTES, writeRowFrame } from './row-codec.ts';
import { RowLimit } from './row-limit.ts';

const MAGIC = 0x424f4c53;
const END_MAGIC = 0x454f4c53;
/** Since the second, frames say what their rows take on the heap; those of the first are read as they are. */
const OBJECT_FORMAT = 2;
const HEADER_BYTES = 16;
const BLOCK_HEADER_BYTES = 12;
const END_BYTES = 16;
const BLOCK_ROWS = FRAME_ROWS;
const BLOCK_BYTES = Math.min(1 << 20, MOST_FRAME_BYTES);
const FIRST_ROWS = 64;

const scratch = new ByteWriter();

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 * i);
  return bytes;
}

export class ObjectFileWriter {
  readonly #write: (bytes: Uint8Array) => void;
  #rows: unknown[] = [];
  readonly #limit = new RowLimit(FIRST_ROWS, BLOCK_ROWS, BLOCK_BYTES);
  #written = 0;
  #blocks = 0;
  #crc = 0;

  constructor(write: (bytes: Uint8Array) => void, partition: number, numPartitions: number) {
    this.#write = write;
    write(numbers(MAGIC, OBJECT_FORMAT, partition, numPartitions));
  }

  add(row: unknown): void {
    if (this.#rows.push(row) >= this.#limit.rows && !this.#limit.mayWait(this.#rows)) this.#flush();
  }

  #flush(): void {
    scratch.reset();
    writeRowFrame(scratch, this.#rows, this.#written);
    const plain = scratch.buffer.subarray(0, scratch.position);
    const packed = compressed(plain);
    const lengths = numbers(packed.length, plain.length);
    const crc = crc32(packed, crc32(lengths));
    this.#write(Buffer.concat([lengths, numbers(crc)]));
    this.#write(packed);
    this.#limit.written(this.#rows, plain.length);
    this.#crc = crc32(numbers(crc), this.#crc);
    this.#written += this.#rows.length;
    this.#blocks++;
    this.#rows = [];
  }

  finish(): void {
    if (this.#rows.length > 0) this.#flush();
    const end = Buffer.alloc(END_BYTES);
    end.writeUInt32LE(END_MAGIC, 0);
    end.writeDoubleLE(this.#blocks, 4);
    end.writeUInt32LE(this.#crc, 12);
    this.#write(end);
  }
}

/** Which partition a file should be, where that matters: files that were swapped hold rows, but not those. */
export interface ExpectedPartition {
  partition: number;
  numPartitions: number;
}

/** The rows, block by block; `counted` is told how many bytes were read. */
export function* readObjectFile(
  file: string,
  expected?: ExpectedPartition,
  counted: (bytes: number) => void = () => {},
): Generator<unknown[], void> {
  const fd = openSync(file, 'r');
  try {
    let at = readHeader(fd, file, expected);
    counted(at);
    let blocks = 0;
    let crcs = 0;
    for (;;) {
      const header = Buffer.alloc(BLOCK_HEADER_BYTES);
      if (!readFully(fd, header, at)) throw corrupt(file, 'it ends early');
      if (header.readUInt32LE(0) === END_MAGIC) break;
      const [length, plain, crc] = [0, 4, 8].map((place) => header.readUInt32LE(place)) as [
        number,
        number,
        number,
      ];
      const bytes = readBlock(fd, at + BLOCK_HEADER_BYTES, length, file);
      if (crc32(bytes, crc32(header.subarray(0, 8))) !== crc)
        throw corrupt(file, `block ${blocks} was changed`);
      at += BLOCK_HEADER_BYTES + length;
      counted(BLOCK_HEADER_BYTES + length);
      crcs = crc32(numbers(crc), crcs);
      blocks++;
      yield* decodeBlock(bytes, plain, file);
    }
    const end = Buffer.alloc(END_BYTES + 1);
    const whole =
      readFully(fd, end.subarray(0, END_BYTES), at) &&
      !readFully(fd, end.subarray(END_BYTES), at + END_BYTES);
    if (!whole || end.readDoubleLE(4) !== blocks || end.readUInt32LE(12) !== crcs)
      throw corrupt(file, 'its end does not fit its blocks');
  } finally {
    closeSync(fd);
  }
}

function readHeader(fd: number, file: string, expected: ExpectedPartition | undefined): number {
  const header = Buffer.alloc(HEADER_BYTES);
  if (!readFully(fd, header, 0)) throw corrupt(file, 'it ends early');
  const [magic, format, partition, numPartitions] = [0, 4, 8, 12].map((place) => header.readUInt32LE(place));
  if (magic !== MAGIC) throw corrupt(file, 'it is no object file');
  if (!format || format > OBJECT_FORMAT) {
    throw new StagelightError(
      'OBJECT_FILE_VERSION',
      `the object file ${file} has the format ${format}, not ${OBJECT_FORMAT}`,
      {
        hint: 'Read it with the version of Stagelight that wrote it, and save the rows as JSON or Parquet.',
      },
    );
  }
  const { partition: p, numPartitions: n } = expected ?? { partition, numPartitions };
  if (partition !== p || numPartitions !== n)
    throw corrupt(file, `it is partition ${partition} of ${numPartitions}, not ${p} of ${n}`);
  return HEADER_BYTES;
}

function readBlock(fd: number, at: number, length: number, file: string): Buffer {
  // A length that was changed must not make this ask for gigabytes: a probe of the last byte tells.
  if (length > 0 && !readFully(fd, Buffer.alloc(1), at + length - 1)) throw corrupt(file, 'it ends early');
  const bytes = Buffer.allocUnsafeSlow(length);
  if (!readFully(fd, bytes, at)) throw corrupt(file, 'it ends early');
  return bytes;
}

function* decodeBlock(bytes: Buffer, plain: number, file: string): Generator<unknown[], void> {
  let frames: FrameReader;
  try {
    frames = new FrameReader(decompressed(bytes, plain));
  } catch {
    throw corrupt(file, 'a block cannot be decoded');
  }
  for (let rows = frames.nextRows(); rows !== undefined; rows = frames.nextRows()) yield rows;
}

function corrupt(file: string, why: string): StagelightError {
  return new StagelightError(
    'OBJECT_FILE_CORRUPT',
    `the object file ${file} is not as it was written: ${why}`,
    {
      hint: 'Restore the file from a copy, or write it again.',
    },
  );
}
