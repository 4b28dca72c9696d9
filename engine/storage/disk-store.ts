/**
 * Cached partitions as files: parts of encoded rows, compressed where that makes them smaller, under one checksum of them and
 * of which partition they are. What is damaged, or another partition's, counts as missing. They are written and read part by
 * part, for they may be larger than memory.
 */
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { rddBlockId } from './block-id.ts';
import { ByteWriter } from './byte-writer.ts';
import { compressed, decompressed } from './compression.ts';
import { readFully, writeFully } from './nameless-file.ts';
import { FRAME_ROWS, FrameReader, writeRowFrame } from './row-codec.ts';
import { rowsThatFit } from './row-limit.ts';

/** Magic, checksum of the block's name and all that follows, its length. */
const HEADER_BYTES = 16;
const MAGIC = 0x334b4253;
/** Before each part: its length as written, and before it was compressed. */
const PART_HEADER_BYTES = 8;
const FIRST_PART_ROWS = 64;
const PART_BYTES = 1 << 18;
const WINDOW_BYTES = 1 << 20;

/** Not shared with other writers: rows may be moved to disk while those encode. */
const scratch = new ByteWriter();

export class BlockWriter {
  readonly #file: string;
  readonly #fd: number;
  #crc: number;
  #partRows = FIRST_PART_ROWS;
  #open = true;
  length = 0;

  /** `file` may have any name: the partition's own, or one under which others find it. */
  constructor(file: string, rddId: number, partition: number) {
    this.#file = file;
    this.#crc = crc32(rddBlockId(rddId, partition));
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    this.#fd = openSync(file, 'w+', 0o600);
    try {
      writeFully(this.#fd, Buffer.alloc(HEADER_BYTES));
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  #writeHeader(): void {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(MAGIC, 0);
    header.writeUInt32LE(this.#crc, 4);
    header.writeDoubleLE(this.length, 8);
    writeSync(this.#fd, header, 0, HEADER_BYTES, 0);
  }

  /** All rows or, when it throws, none: ROW_NOT_SERIALIZABLE for rows that cannot be encoded, or that the disk is full. */
  write(rows: readonly unknown[]): void {
    const before = this.length;
    try {
      this.#writeParts(rows);
    } catch (error) {
      this.length = before;
      throw error;
    }
  }

  #writeParts(rows: readonly unknown[]): void {
    for (let from = 0; from < rows.length; ) {
      const to = Math.min(rows.length, from + this.#partRows);
      scratch.reset();
      const part = rows.slice(from, to);
      writeRowFrame(scratch, part, from);
      this.#writePart(scratch.buffer.subarray(0, scratch.position));
      const fitting = rowsThatFit(part, scratch.position, PART_BYTES);
      this.#partRows = Math.min(FRAME_ROWS, this.#partRows * 4, fitting);
      from = to;
    }
  }

  #writePart(bytes: Buffer): void {
    const packed = compressed(bytes);
    const header = Buffer.alloc(PART_HEADER_BYTES);
    header.writeUInt32LE(packed.length, 0);
    header.writeUInt32LE(bytes.length, 4);
    writeFully(this.#fd, header);
    writeFully(this.#fd, packed);
    this.#crc = crc32(packed, crc32(header, this.#crc));
    this.length += header.length + packed.length;
  }

  /** The block is whole. */
  finish(): void {
    this.#writeHeader();
    this.#close();
  }

  /** What was written so far. */
  written(): Generator<unknown[], void> {
    return readParts(this.#fd, this.length);
  }

  abort(): void {
    if (!this.#open) return;
    this.#close();
    // Half a block would only hold the space that others need.
    rmSync(this.#file, { force: true });
  }

  #close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }
}

function* readParts(fd: number, length: number): Generator<unknown[], void> {
  const header = Buffer.alloc(PART_HEADER_BYTES);
  for (let at = 0; at < length; ) {
    const bytes = readFully(fd, header, HEADER_BYTES + at) && Buffer.allocUnsafeSlow(header.readUInt32LE(0));
    if (!bytes || !readFully(fd, bytes, HEADER_BYTES + at + PART_HEADER_BYTES)) {
      throw new Error('a cached block was cut short while it was read');
    }
    at += PART_HEADER_BYTES + bytes.length;
    const frames = new FrameReader(decompressed(bytes, header.readUInt32LE(4)));
    for (let rows = frames.nextRows(); rows !== undefined; rows = frames.nextRows()) yield rows;
  }
}

/** The length of the parts in the block of this name; undefined when it is not what was written. */
function verifiedLength(fd: number, id: string): number | undefined {
  const header = Buffer.alloc(HEADER_BYTES);
  if (!readFully(fd, header, 0) || header.readUInt32LE(0) !== MAGIC) return undefined;
  const length = header.readDoubleLE(8);
  const window = Buffer.allocUnsafe(Math.max(0, Math.min(WINDOW_BYTES, length)));
  let crc = crc32(id);
  for (let at = 0; at < length; at += window.length) {
    const part = window.subarray(0, Math.min(window.length, length - at));
    if (!readFully(fd, part, HEADER_BYTES + at)) return undefined;
    crc = crc32(part, crc);
  }
  return crc === header.readUInt32LE(4) ? length : undefined;
}

/** The rows in the file of a partition, part by part; undefined when it is missing, unreadable, not as it was written, or another's. */
export function readBlock(
  file: string,
  rddId: number,
  partition: number,
): Generator<unknown[], void> | undefined {
  let fd = -1;
  try {
    fd = openSync(file, 'r');
    const length = verifiedLength(fd, rddBlockId(rddId, partition));
    if (length !== undefined) return readAndClose(fd, length);
  } catch {
    // As good as not there.
  }
  if (fd >= 0) closeSync(fd);
  return undefined;
}

function blockLength(file: string, id: string): number | undefined {
  const fd = openSync(file, 'r');
  try {
    return verifiedLength(fd, id);
  } finally {
    closeSync(fd);
  }
}

export class DiskStore {
  private readonly directory: string;
  private readonly sizes = new Map<string, number>();

  /** `directory` is this executor's own; it is made when the first block is written. */
  constructor(directory: string) {
    this.directory = directory;
  }

  private file(id: string): string {
    return path.join(this.directory, id);
  }

  writer(rddId: number, partition: number): BlockWriter {
    // What was there may be read under another name: it is not written over.
    this.remove(rddId, partition);
    return new BlockWriter(this.file(rddBlockId(rddId, partition)), rddId, partition);
  }

  /** The block is there from now on. Returns its size. */
  finish(rddId: number, partition: number, writer: BlockWriter): number {
    writer.finish();
    this.sizes.set(rddBlockId(rddId, partition), writer.length);
    return writer.length;
  }

  /** Returns the size written. Throws ROW_NOT_SERIALIZABLE for rows that cannot be encoded. */
  put(rddId: number, partition: number, batches: Iterable<unknown[]>): number {
    const writer = this.writer(rddId, partition);
    try {
      for (const rows of batches) writer.write(rows);
      return this.finish(rddId, partition, writer);
    } catch (error) {
      writer.abort();
      throw error;
    }
  }

  /** Takes in a block file that another executor put here. Returns its size, undefined when it is damaged. */
  adopt(rddId: number, partition: number, file: string): number | undefined {
    const id = rddBlockId(rddId, partition);
    const length = blockLength(file, id);
    if (length === undefined) return undefined;
    renameSync(file, this.file(id));
    this.sizes.set(id, length);
    return length;
  }

  /** The file of a block, for copying. */
  fileOf(rddId: number, partition: number): string | undefined {
    const id = rddBlockId(rddId, partition);
    return this.sizes.has(id) ? this.file(id) : undefined;
  }

  has(rddId: number, partition: number): boolean {
    return this.sizes.has(rddBlockId(rddId, partition));
  }

  /** The rows, part by part; undefined when there is no such block or it is not whole and unchanged. */
  read(rddId: number, partition: number): Generator<unknown[], void> | undefined {
    const id = rddBlockId(rddId, partition);
    if (!this.sizes.has(id)) return undefined;
    const read = readBlock(this.file(id), rddId, partition);
    if (read === undefined) this.remove(rddId, partition);
    return read;
  }

  /** Returns whether there was such a block. */
  remove(rddId: number, partition: number): boolean {
    const id = rddBlockId(rddId, partition);
    if (!this.sizes.delete(id)) return false;
    rmSync(this.file(id), { force: true });
    return true;
  }

  removeRdd(rddId: number): void {
    for (const id of [...this.sizes.keys()]) {
      const [, rdd, partition] = id.split('_');
      if (Number(rdd) === rddId) this.remove(rddId, Number(partition));
    }
  }
}

function* readAndClose(fd: number, length: number): Generator<unknown[], void> {
  try {
    yield* readParts(fd, length);
  } finally {
    closeSync(fd);
  }
}
