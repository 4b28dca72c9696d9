/** Files for what must leave memory for a while: without a name once open, so that they vanish with the process however it ends. */
import { mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

let opened = 0;

/** `directory` is made when it is not there. */
export function openNameless(directory: string): number {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = path.join(directory, `spill_${process.pid}_${opened++}`);
  const fd = openSync(file, 'wx+', 0o600);
  rmSync(file);
  return fd;
}

/** Writes all of `bytes`: a single call may write less. */
export function writeFully(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done);
}

/** Reads until `bytes` is full; false when the file ends before. */
export function readFully(fd: number, bytes: Uint8Array, position: number): boolean {
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(fd, bytes, done, bytes.length - done, position + done);
    if (read === 0) return false;
    done += read;
  }
  return true;
}
