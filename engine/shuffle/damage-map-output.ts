/** Loses and damages the files of map outputs on purpose, as a failing disk would. */
import { closeSync, existsSync, fstatSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { readFully } from '../storage/nameless-file.ts';
import { decodeIndexEntry, INDEX_ENTRY_BYTES, INDEX_HEADER_BYTES, indexPath } from './map-output-index.ts';

/** The place of a map output's data file, beside which its index is. */
export interface MapOutputPlace {
  path: string;
}

/** Whether a reader would find the files of this output. */
export function mapOutputExists({ path }: MapOutputPlace): boolean {
  return existsSync(path) && existsSync(indexPath(path));
}

/** Deletes the data file and its index: every reducer misses them. */
export function dropMapOutput({ path }: MapOutputPlace): void {
  rmSync(indexPath(path), { force: true });
  rmSync(path, { force: true });
}

/**
 * Flips a byte in the middle of every reducer's region, so that whoever reads first finds the damage by its checksum.
 * A reducer without rows has no region: for it, a byte of the index entry is flipped, which has a checksum too.
 */
export function corruptMapOutput({ path }: MapOutputPlace): void {
  const index = openSync(indexPath(path), 'r+');
  const data = openSync(path, 'r+');
  try {
    const reducers = Math.floor((fstatSync(index).size - INDEX_HEADER_BYTES) / INDEX_ENTRY_BYTES);
    for (let reduceId = 0; reduceId < reducers; reduceId++) {
      const position = INDEX_HEADER_BYTES + reduceId * INDEX_ENTRY_BYTES;
      const bytes = Buffer.alloc(INDEX_ENTRY_BYTES);
      const entry = readFully(index, bytes, position) ? decodeIndexEntry(bytes, path, reduceId) : undefined;
      if (entry && entry.length > 0) flipByte(data, entry.offset + Math.floor(entry.length / 2));
      else flipByte(index, position);
    }
  } finally {
    closeSync(index);
    closeSync(data);
  }
}

/** Inverts one byte of an open file. */
export function flipByte(fd: number, at: number): void {
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, at);
  byte[0]! ^= 0xff;
  writeSync(fd, byte, 0, 1, at);
}
