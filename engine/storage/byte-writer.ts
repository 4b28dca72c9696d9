/** A growing buffer into which blocks are written; kept and reused, because allocating pages costs more than filling them. */

const FIRST_SIZE = 1 << 16;
/** A scratch buffer larger than this is given back after use. */
const KEEP_SIZE = 1 << 24;

export class ByteWriter {
  buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  view: DataView = new DataView(this.buffer.buffer);
  position = 0;

  /** Makes room for `size` more bytes. */
  reserve(size: number): void {
    const needed = this.position + size;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.position);
    this.buffer = grown;
    this.view = new DataView(grown.buffer);
  }

  u32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.position, value, true);
    this.position += 4;
  }

  /** Fills up to a multiple of eight, where typed arrays can begin. */
  align(): void {
    this.reserve(8);
    while ((this.position & 7) !== 0) this.buffer[this.position++] = 0;
  }

  /** A typed array over the next `count` elements, which the caller fills. The position must be aligned. */
  f64(count: number): Float64Array {
    this.reserve(count * 8);
    const array = new Float64Array(this.buffer.buffer, this.position, count);
    this.position += count * 8;
    return array;
  }

  i32(count: number): Int32Array {
    this.reserve(count * 4);
    const array = new Int32Array(this.buffer.buffer, this.position, count);
    this.position += count * 4;
    return array;
  }

  u8(count: number): Uint8Array {
    this.reserve(count);
    const array = new Uint8Array(this.buffer.buffer, this.position, count);
    this.position += count;
    return array;
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.position);
    this.position += bytes.length;
  }

  /** The bytes written from `start` on, as a copy of their own. */
  copyFrom(start: number): Buffer {
    const copy = Buffer.allocUnsafeSlow(this.position - start);
    this.buffer.copy(copy, 0, start, this.position);
    return copy;
  }

  reset(): void {
    this.position = 0;
    if (this.buffer.length > KEEP_SIZE) {
      this.buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
      this.view = new DataView(this.buffer.buffer);
    }
  }
}
