/** Reads what ByteWriter wrote; every read is checked against the end, so that damaged bytes give an error, never a crash. */

export class CorruptBlockError extends Error {
  override name = 'CorruptBlockError';
}

/** Node's pool cuts pieces that begin at a multiple of eight, at a fraction of what an array of its own costs. */
const MOST_POOLED = 1024;

function copied(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength > MOST_POOLED) return new Uint8Array(bytes);
  const copy = Buffer.allocUnsafe(bytes.byteLength);
  copy.set(bytes);
  return copy;
}

export class ByteReader {
  readonly buffer: Buffer;
  position = 0;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    // Typed arrays are laid over the bytes, so the block must begin at a multiple of eight.
    const aligned = (bytes.byteOffset & 7) === 0 ? bytes : copied(bytes);
    this.buffer = Buffer.from(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength);
    this.view = new DataView(aligned.buffer, aligned.byteOffset, aligned.byteLength);
  }

  private take(size: number): number {
    const start = this.position;
    if (!(size <= this.buffer.length - start)) throw new CorruptBlockError('a block ends before its rows do');
    this.position = start + size;
    return start;
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  align(): void {
    this.take(-this.position & 7);
  }

  /** Passes so many bytes, and returns where they begin. */
  skip(size: number): number {
    return this.take(size);
  }

  double(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  f64(count: number): Float64Array {
    return new Float64Array(this.buffer.buffer, this.buffer.byteOffset + this.take(count * 8), count);
  }

  i32(count: number): Int32Array {
    return new Int32Array(this.buffer.buffer, this.buffer.byteOffset + this.take(count * 4), count);
  }

  u16(count: number): Uint16Array {
    return new Uint16Array(this.buffer.buffer, this.buffer.byteOffset + this.take(count * 2), count);
  }

  bytes(count: number): Buffer {
    const start = this.take(count);
    return this.buffer.subarray(start, start + count);
  }

  latin1(count: number): string {
    const start = this.take(count);
    return this.buffer.toString('latin1', start, start + count);
  }

  utf8(count: number): string {
    const start = this.take(count);
    return this.buffer.toString('utf8', start, start + count);
  }

  utf16(count: number): string {
    const start = this.take(count);
    return this.buffer.toString('utf16le', start, start + count);
  }
}
