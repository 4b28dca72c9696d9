/** Columns of strings: all characters of a column are one text, encoded and decoded by one call. */
import type { ByteReader } from './byte-reader.ts';
import { CorruptBlockError } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { ColumnKind } from './column-kind.ts';
import { takeFrameRoom } from './frame-room.ts';
import { textIsCut } from './own-text.ts';
import { HEADER_BYTES } from './size-estimate.ts';

/** Above this many characters a joined text could pass V8's limit, and joining gains nothing. */
const MAX_JOINED = 1 << 24;
const NOT_LATIN1 = /[^\0-\xff]/;

function textKind(text: string): number {
  // On a one-byte string V8 answers this without looking at a character.
  if (!NOT_LATIN1.test(text)) return ColumnKind.LATIN1;
  return text.isWellFormed() ? ColumnKind.UTF8 : ColumnKind.UTF16;
}

function writeText(writer: ByteWriter, text: string, kind: number): number {
  const { position } = writer;
  if (kind === ColumnKind.LATIN1) {
    writer.reserve(text.length);
    writer.position += writer.buffer.write(text, position, 'latin1');
  } else if (kind === ColumnKind.UTF8) {
    writer.reserve(text.length * 3);
    writer.position += writer.buffer.write(text, position, 'utf8');
  } else {
    writer.reserve(text.length * 2);
    writer.position += writer.buffer.write(text, position, 'utf16le');
  }
  return writer.position - position;
}

function readText(reader: ByteReader, kind: number, size: number): string {
  if (kind === ColumnKind.LATIN1) return reader.latin1(size);
  return kind === ColumnKind.UTF8 ? reader.utf8(size) : reader.utf16(size);
}

export function writeStrings(writer: ByteWriter, values: readonly string[]): void {
  const count = values.length;
  let total = 0;
  let longest = 0;
  for (let i = 0; i < count; i++) {
    const { length } = values[i]!;
    total += length;
    if (length > longest) longest = length;
  }
  takeFrameRoom(count * HEADER_BYTES + total);
  if (total > MAX_JOINED) {
    writeTexts(writer, values);
    return;
  }
  const text = values.join('');
  const kind = textKind(text);
  // Two bytes a character where it is read.
  if (kind !== ColumnKind.LATIN1) takeFrameRoom(total);
  const lengthBytes = longest < 0x100 ? 1 : longest < 0x10000 ? 2 : 4;
  writer.u32(kind);
  writer.u32(lengthBytes);
  const sizeAt = writer.position;
  writer.position += 8;
  writer.reserve(count * 4 + 8);
  if (lengthBytes === 1) {
    const lengths = writer.u8(count);
    for (let i = 0; i < count; i++) lengths[i] = values[i]!.length;
  } else {
    for (let i = 0; i < count; i++) {
      const { length } = values[i]!;
      if (lengthBytes === 2) writer.view.setUint16(writer.position, length, true);
      else writer.view.setUint32(writer.position, length, true);
      writer.position += lengthBytes;
    }
  }
  const size = writeText(writer, text, kind);
  writer.view.setUint32(sizeAt, size, true);
  writer.view.setUint32(sizeAt + 4, 0, true);
}

export function readStrings(reader: ByteReader, kind: number, lengthBytes: number, count: number): string[] {
  const size = reader.u32();
  reader.u32();
  const lengths =
    lengthBytes === 1 ? reader.bytes(count) : lengthBytes === 2 ? reader.u16(count) : reader.i32(count);
  const text = readText(reader, kind, size);
  textIsCut(text.length);
  const values: string[] = [];
  let start = 0;
  for (let i = 0; i < count; i++) {
    const end = start + lengths[i]!;
    values.push(text.substring(start, end));
    start = end;
  }
  if (start !== text.length)
    throw new CorruptBlockError('the lengths of strings do not add up to their text');
  return values;
}

function writeTexts(writer: ByteWriter, values: readonly string[]): void {
  writer.u32(ColumnKind.TEXTS);
  writer.u32(0);
  for (const text of values) {
    const kind = textKind(text);
    writer.u32(kind);
    const sizeAt = writer.position;
    writer.u32(0);
    const size = writeText(writer, text, kind);
    writer.view.setUint32(sizeAt, size, true);
  }
}

export function readTexts(reader: ByteReader, count: number): string[] {
  const values: string[] = [];
  for (let i = 0; i < count; i++) {
    const kind = reader.u32();
    const size = reader.u32();
    values.push(readText(reader, kind, size));
  }
  return values;
}
