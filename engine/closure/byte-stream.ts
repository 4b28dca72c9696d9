/** Growing bytes, and reading them back: varints, doubles, strings. */
import { isAscii } from 'node:buffer';

const LONG_TEXT = 1 << 20;

export class ByteWriter {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#length, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    return at;
  }

  byte(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  double(value: number): void {
    const at = this.#reserve(8);
    this.#bytes.writeDoubleLE(value, at);
  }

  /** Strings that are no well-formed Unicode keep every code unit. */
  string(text: string): void {
    const encoding = text.isWellFormed() ? 'utf8' : 'utf16le';
    this.byte(encoding === 'utf8' ? 0 : 1);
    this.bytes(Buffer.from(text, encoding));
  }

  bytes(bytes: Uint8Array): void {
    this.varint(bytes.length);
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  finish(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(0, this.#length));
  }
}

export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes read. */
  get position(): number {
    return this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new RangeError('unexpected end of encoded value');
    return value;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  double(): number {
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  /** `comes` is told before how much a long one takes: two bytes for each character where one needs them. */
  string(comes?: (heap: number) => void): string {
    const encoding = this.byte() === 0 ? 'utf8' : 'utf16le';
    const view = this.#view();
    if (comes && view.length > LONG_TEXT)
      comes(encoding === 'utf16le' || isAscii(view) ? view.length : view.length * 2);
    return view.toString(encoding);
  }

  /** A copy, aligned for any typed array. */
  bytes(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#view());
  }

  #view(): Buffer {
    const length = this.varint();
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError('unexpected end of encoded value');
    return this.#bytes.subarray(start, this.#at);
  }
}
