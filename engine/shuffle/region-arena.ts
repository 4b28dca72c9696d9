/**
 * Encoded frames of many reducers, appended in the order they come and read back by reducer. Held in slabs of
 * memory; when memory is refused the slabs move to one spill file and only new frames stay in memory.
 */
import { closeSync } from 'node:fs';
import { type ExecutionMemory, Reservation } from '../storage/memory-manager.ts';
import { openNameless, readFully, writeFully } from '../storage/nameless-file.ts';
import { blockNotWritten } from '../storage/write-error.ts';

/** Slabs double in size, so that a small output costs little. */
const FIRST_SLAB_BYTES = 1 << 14;
const SLAB_BYTES = 1 << 20;
const STAGE_BYTES = 1 << 18;

interface Slab {
  /** Undefined once spilled. */
  buffer: Buffer | undefined;
  used: number;
  size: number;
  fileOffset: number;
}

/** Joins small writes to a file into larger ones. */
export class StagedWrites {
  private readonly fd: number;
  private readonly stage: Buffer;
  private used = 0;

  /** `total` is how many bytes will be written. */
  constructor(fd: number, total: number) {
    this.fd = fd;
    this.stage = Buffer.allocUnsafe(Math.min(total, STAGE_BYTES));
  }

  write(bytes: Buffer): void {
    if (bytes.length > this.stage.length - this.used) this.flush();
    if (bytes.length > this.stage.length) {
      writeFully(this.fd, bytes);
      return;
    }
    bytes.copy(this.stage, this.used);
    this.used += bytes.length;
  }

  flush(): void {
    writeFully(this.fd, this.stage.subarray(0, this.used));
    this.used = 0;
  }
}

export class RegionArena {
  private readonly reservation: Reservation;
  private readonly spillDirectory: string;
  private readonly slabs: Slab[] = [];
  /** Per reducer: slab, start, length, slab, start, length, … */
  private readonly extents: number[][];
  private spillFd: number | undefined;
  private spilled = 0;

  constructor(numPartitions: number, spillDirectory: string, memory?: ExecutionMemory) {
    this.extents = Array.from({ length: numPartitions }, () => []);
    this.spillDirectory = spillDirectory;
    this.reservation = new Reservation(memory);
  }

  get spilledBytes(): number {
    return this.spilled;
  }

  append(reduceId: number, bytes: Buffer): void {
    let index = this.slabs.length - 1;
    let slab = this.slabs[index];
    if (slab?.buffer === undefined || slab.size - slab.used < bytes.length) {
      const size = Math.min(SLAB_BYTES, slab === undefined ? FIRST_SLAB_BYTES : slab.size * 2);
      slab = this.newSlab(Math.max(size, bytes.length));
      index = this.slabs.length - 1;
    }
    bytes.copy(slab.buffer!, slab.used);
    const extents = this.extents[reduceId]!;
    const last = extents.length - 3;
    if (last >= 0 && extents[last] === index && extents[last + 1]! + extents[last + 2]! === slab.used) {
      extents[last + 2]! += bytes.length;
    } else {
      extents.push(index, slab.used, bytes.length);
    }
    slab.used += bytes.length;
  }

  private newSlab(size: number): Slab {
    if (!this.reservation.grow(size, false)) {
      this.spill();
      // One slab is needed to go on at all.
      this.reservation.take(size);
    }
    const slab: Slab = { buffer: Buffer.allocUnsafeSlow(size), used: 0, size, fileOffset: -1 };
    this.slabs.push(slab);
    return slab;
  }

  private spill(): void {
    for (const slab of this.slabs) {
      if (slab.buffer === undefined) continue;
      this.writeSpilled(slab.buffer.subarray(0, slab.used));
      slab.fileOffset = this.spilled;
      slab.buffer = undefined;
      this.spilled += slab.used;
    }
    this.reservation.release();
  }

  private writeSpilled(bytes: Buffer): void {
    try {
      this.spillFd ??= openNameless(this.spillDirectory);
      writeFully(this.spillFd, bytes);
    } catch (error) {
      throw blockNotWritten(
        error,
        this.spillDirectory,
        'the part of a shuffle output that does not fit into memory',
      );
    }
  }

  regionBytes(reduceId: number): number {
    const extents = this.extents[reduceId]!;
    let total = 0;
    for (let i = 2; i < extents.length; i += 3) total += extents[i]!;
    return total;
  }

  /** Hands out the frames of one reducer in the order they were appended. */
  forEach(reduceId: number, visit: (bytes: Buffer) => void): void {
    const extents = this.extents[reduceId]!;
    for (let i = 0; i < extents.length; i += 3) {
      const slab = this.slabs[extents[i]!]!;
      const start = extents[i + 1]!;
      const length = extents[i + 2]!;
      if (slab.buffer !== undefined) visit(slab.buffer.subarray(start, start + length));
      else visit(this.readSpilled(slab.fileOffset + start, length));
    }
  }

  private readSpilled(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    if (!readFully(this.spillFd!, bytes, position)) throw new Error('the spill file ends too early');
    return bytes;
  }

  close(): void {
    if (this.spillFd !== undefined) {
      closeSync(this.spillFd);
      this.spillFd = undefined;
    }
    this.reservation.release();
    this.slabs.length = 0;
  }
}
