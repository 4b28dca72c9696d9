/** A broadcast value as a file with a checksum of it and of which it is: written once by the driver, read once by each executor. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { StagelightError } from '../errors.ts';
import { directoryFor } from '../shuffle/block-directory.ts';

const HEADER_BYTES = 16;
const MAGIC = 0x43424c53;

/** As it crosses to executors. */
export interface BroadcastHandle {
  id: number;
  /** As errors call it. */
  title: string;
  path: string;
  /** Of the encoded value. */
  bytes: number;
}

/** Over its name too: the whole file of another broadcast in its place is damage. */
function checksum(file: string, body: Uint8Array): number {
  return crc32(body, crc32(path.basename(file)));
}

export function writeBroadcast(blockDirectory: string, id: number, title: string, body: Uint8Array): string {
  const file = path.join(directoryFor(blockDirectory, body.length), `broadcast_${id}`);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(checksum(file, body), 4);
  header.writeDoubleLE(body.length, 8);
  try {
    writeFileSync(file, header, { mode: 0o600 });
    writeFileSync(file, body, { flag: 'a' });
    return file;
  } catch (cause) {
    rmSync(file, { force: true });
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new StagelightError('BROADCAST_NOT_WRITTEN', `${title} cannot be written: ${said}`, {
      hint: `It takes ${body.length} bytes in ${path.dirname(file)}: make room there, or broadcast less.`,
      cause,
    });
  }
}

export function readBroadcast({ title, path: file, bytes }: BroadcastHandle): Uint8Array {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (cause) {
    throw new StagelightError('BROADCAST_MISSING', `${title} cannot be read: its file is gone`, {
      hint: 'Was it destroyed before this job ran? Broadcast the value again with sc.broadcast(value).',
      cause,
    });
  }
  const body = content.subarray(HEADER_BYTES);
  const whole = content.length >= HEADER_BYTES && content.readUInt32LE(0) === MAGIC && body.length === bytes;
  if (whole && content.readDoubleLE(8) === body.length && content.readUInt32LE(4) === checksum(file, body))
    return body;
  throw new StagelightError('BROADCAST_CORRUPT', `${title} cannot be read: its file was damaged`, {
    hint: 'Broadcast the value again with sc.broadcast(value), and check that nothing else writes to the block directory.',
  });
}
