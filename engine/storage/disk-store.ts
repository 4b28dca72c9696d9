/** Cached partitions as files of encoded rows, with a checksum: what is damaged counts as missing. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { rddBlockId } from './block-id.ts';
import { decodeRows, encodeRows } from './row-codec.ts';

const HEADER_BYTES = 16;
const MAGIC = 0x314b4253;

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

  /** Returns the size written. Throws ROW_NOT_SERIALIZABLE for rows that cannot be encoded. */
  put(rddId: number, partition: number, rows: readonly unknown[]): number {
    const id = rddBlockId(rddId, partition);
    const body = encodeRows(rows);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(MAGIC, 0);
    header.writeUInt32LE(crc32(body), 4);
    header.writeDoubleLE(body.length, 8);
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    try {
      writeFileSync(this.file(id), header, { mode: 0o600 });
      writeFileSync(this.file(id), body, { flag: 'a' });
    } catch (error) {
      // Half a block would only hold the space that others need.
      rmSync(this.file(id), { force: true });
      throw error;
    }
    this.sizes.set(id, body.length);
    return body.length;
  }

  has(rddId: number, partition: number): boolean {
    return this.sizes.has(rddBlockId(rddId, partition));
  }

  /** The rows; undefined when there is no such block or it cannot be read whole and unchanged. */
  get(rddId: number, partition: number): unknown[] | undefined {
    const id = rddBlockId(rddId, partition);
    if (!this.sizes.has(id)) return undefined;
    try {
      const bytes = readFileSync(this.file(id));
      const body = bytes.subarray(HEADER_BYTES);
      const whole = bytes.readUInt32LE(0) === MAGIC && bytes.readDoubleLE(8) === body.length;
      if (whole && bytes.readUInt32LE(4) === crc32(body)) return decodeRows(body);
    } catch {
      // Missing or unreadable: the lineage makes the rows again.
    }
    this.remove(rddId, partition);
    return undefined;
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
