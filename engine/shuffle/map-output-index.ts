/**
 * The index beside a map output's data file: for every reducer where its region lies, how many rows it has, and the
 * checksum of its bytes. Each entry carries its own checksum over the identity of the output, so that a damaged
 * index, or the index of another output, is noticed by reading one entry.
 */
import path from 'node:path';
import { crc32 } from 'node:zlib';

const MAGIC = 0x32584c53;
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

/**
 * Which attempt's output, and whose region: the name of the data file has shuffle, map and attempt. Files of an earlier
 * attempt hold other rows where a closure is left to chance, and are whole and unchanged for all that.
 */
function identity(dataPath: string): number {
  return crc32(dataPath.slice(dataPath.lastIndexOf(path.sep) + 1));
}

const reducer = Buffer.alloc(4);

function checksum(owner: number, reduceId: number, entry: Buffer): number {
  reducer.writeUInt32LE(reduceId);
  return crc32(entry.subarray(0, CHECKED_BYTES), crc32(reducer, owner));
}

export function encodeIndex(dataPath: string, entries: readonly IndexEntry[]): Buffer {
  const bytes = Buffer.alloc(INDEX_HEADER_BYTES + entries.length * INDEX_ENTRY_BYTES);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(entries.length, 4);
  const owner = identity(dataPath);
  for (let reduceId = 0; reduceId < entries.length; reduceId++) {
    const entry = entries[reduceId]!;
    const at = INDEX_HEADER_BYTES + reduceId * INDEX_ENTRY_BYTES;
    bytes.writeDoubleLE(entry.offset, at);
    bytes.writeDoubleLE(entry.length, at + 8);
    bytes.writeUInt32LE(entry.rows, at + 16);
    bytes.writeUInt32LE(entry.crc, at + 20);
    bytes.writeUInt32LE(entry.rowChecksum, at + 24);
    bytes.writeUInt32LE(
      checksum(owner, reduceId, bytes.subarray(at, at + CHECKED_BYTES)),
      at + CHECKED_BYTES,
    );
  }
  return bytes;
}

/** Undefined when the entry is damaged or belongs to something else than the output with this data file. */
export function decodeIndexEntry(bytes: Buffer, dataPath: string, reduceId: number): IndexEntry | undefined {
  if (bytes.length !== INDEX_ENTRY_BYTES) return undefined;
  if (bytes.readUInt32LE(CHECKED_BYTES) !== checksum(identity(dataPath), reduceId, bytes)) return undefined;
  return {
    offset: bytes.readDoubleLE(0),
    length: bytes.readDoubleLE(8),
    rows: bytes.readUInt32LE(16),
    crc: bytes.readUInt32LE(20),
    rowChecksum: bytes.readUInt32LE(24),
  };
}
