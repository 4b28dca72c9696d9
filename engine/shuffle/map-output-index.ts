/**
 * The index beside a map output's data file: for every reducer where its region lies, how many rows it has, and the
 * checksum of its bytes. Each entry carries its own checksum over the identity of the output, so that a damaged
 * index, or the index of another output, is noticed by reading one entry.
 */
import { crc32 } from 'node:zlib';

const MAGIC = 0x31584c53;
export const INDEX_HEADER_BYTES = 16;
export const INDEX_ENTRY_BYTES = 32;
const CHECKED_BYTES = INDEX_ENTRY_BYTES - 4;

export interface IndexEntry {
  offset: number;
  length: number;
  rows: number;
  crc: number;
  /** Order-independent checksum of the rows. */
  rowChecksum: number;
}

export function indexPath(dataPath: string): string {
  return dataPath.replace(/\.data$/, '.index');
}

function identity(shuffleId: number, mapIndex: number, reduceId: number): Buffer {
  const bytes = Buffer.alloc(INDEX_HEADER_BYTES);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(shuffleId, 4);
  bytes.writeUInt32LE(mapIndex, 8);
  bytes.writeUInt32LE(reduceId, 12);
  return bytes;
}

export function encodeIndex(shuffleId: number, mapIndex: number, entries: readonly IndexEntry[]): Buffer {
  const bytes = Buffer.alloc(INDEX_HEADER_BYTES + entries.length * INDEX_ENTRY_BYTES);
  identity(shuffleId, mapIndex, entries.length).copy(bytes);
  const owner = identity(shuffleId, mapIndex, 0);
  for (let reduceId = 0; reduceId < entries.length; reduceId++) {
    const entry = entries[reduceId]!;
    const at = INDEX_HEADER_BYTES + reduceId * INDEX_ENTRY_BYTES;
    bytes.writeDoubleLE(entry.offset, at);
    bytes.writeDoubleLE(entry.length, at + 8);
    bytes.writeUInt32LE(entry.rows, at + 16);
    bytes.writeUInt32LE(entry.crc, at + 20);
    bytes.writeUInt32LE(entry.rowChecksum, at + 24);
    owner.writeUInt32LE(reduceId, 12);
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + CHECKED_BYTES), crc32(owner)), at + CHECKED_BYTES);
  }
  return bytes;
}

/** Undefined when the entry is damaged or belongs to something else. */
export function decodeIndexEntry(
  bytes: Buffer,
  shuffleId: number,
  mapIndex: number,
  reduceId: number,
): IndexEntry | undefined {
  if (bytes.length !== INDEX_ENTRY_BYTES) return undefined;
  const crc = crc32(bytes.subarray(0, CHECKED_BYTES), crc32(identity(shuffleId, mapIndex, reduceId)));
  if (bytes.readUInt32LE(CHECKED_BYTES) !== crc) return undefined;
  return {
    offset: bytes.readDoubleLE(0),
    length: bytes.readDoubleLE(8),
    rows: bytes.readUInt32LE(16),
    crc: bytes.readUInt32LE(20),
    rowChecksum: bytes.readUInt32LE(24),
  };
}
