/** Lines of byte ranges of text files, in batches: the source behind `textFile`. */
import { isAscii } from 'node:buffer';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { StagelightError } from '../errors.ts';
import type { Batches } from './batches.ts';

export interface FileSplit {
  file: number;
  start: number;
  /** −1 means to the end of the file. */
  end: number;
}

export interface InputCounters {
  inputBytes: number;
  inputRecords: number;
}

const NEWLINE = 10;
const CHUNK = 256 * 1024;

/** A file that cannot be opened or read is the user's concern: says which one and why. */
export function inputError(path: string, error: unknown): StagelightError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') {
    return new StagelightError('INPUT_NOT_FOUND', `the input file ${path} does not exist`, {
      hint: 'Was it moved or deleted after the dataset was defined?',
    });
  }
  return new StagelightError('INPUT_UNREADABLE', `the input file ${path} cannot be read: ${message}`, {
    hint: 'Check that the file is complete and that this user may read it.',
  });
}

function decode(bytes: Buffer, start: number, end: number): string {
  return bytes.toString(isAscii(bytes.subarray(start, end)) ? 'latin1' : 'utf8', start, end);
}

/** Cuts decoded text, which must not end with a newline, at \n and \r\n. */
function cut(text: string): string[] {
  const lines = text.split('\n');
  if (text.includes('\r')) {
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]!;
      if (line.endsWith('\r')) lines[i] = line.slice(0, -1);
    }
  }
  return lines;
}

function bomLength(bytes: Buffer, length: number): number {
  return length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/**
 * Reads one range. It begins one byte early: a line that starts exactly at `start` is ours, and only the byte
 * before it tells. It ends with the line that holds the range's last byte, wherever that line ends.
 */
class SplitReader {
  #fd: number;
  #buffer: Buffer;
  /** Bytes of the buffer not yet given out: [begin, length). `offset` is the file position of buffer[0]. */
  #begin = 0;
  #length = 0;
  #offset: number;
  #end: number;
  #skipping: boolean;
  #finished = false;
  #counters: InputCounters;

  constructor(path: string, start: number, end: number, chunk: number, counters: InputCounters) {
    this.#fd = openSync(path, 'r');
    this.#end = end < 0 ? fstatSync(this.#fd).size : end;
    this.#offset = Math.max(0, start - 1);
    this.#skipping = start > 0;
    this.#buffer = Buffer.allocUnsafe(Math.max(16, Math.min(chunk, this.#end - start + 4096)));
    this.#finished = start >= this.#end;
    this.#counters = counters;
  }

  /** Makes room behind the unread bytes and reads once; false at the end of the file. */
  #fill(): boolean {
    if (this.#begin > 0) {
      this.#buffer.copyWithin(0, this.#begin, this.#length);
      this.#offset += this.#begin;
      this.#length -= this.#begin;
      this.#begin = 0;
    }
    if (this.#length === this.#buffer.length) {
      const larger = Buffer.allocUnsafe(this.#buffer.length * 2);
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    const room = this.#buffer.length - this.#length;
    const position = this.#offset + this.#length;
    const count = readSync(this.#fd, this.#buffer, this.#length, room, position);
    this.#length += count;
    // What lies behind the range is read for its last line but counted by the range it belongs to.
    this.#counters.inputBytes += Math.max(0, Math.min(count, this.#end - position));
    return count > 0;
  }

  #take(from: number, to: number): string[] {
    const begin = this.#offset + from === 0 ? bomLength(this.#buffer, to) : from;
    this.#begin = to + 1;
    return cut(decode(this.#buffer, begin, to));
  }

  next(): string[] | undefined {
    let searched = 0;
    while (!this.#finished) {
      const more = this.#fill();
      if (this.#skipping) {
        const at = this.#buffer.subarray(0, this.#length).indexOf(NEWLINE);
        if (at < 0) {
          this.#begin = this.#length;
          if (!more) this.#finished = true;
          continue;
        }
        this.#begin = at + 1;
        this.#skipping = false;
        if (this.#offset + this.#begin >= this.#end) this.#finished = true;
        searched = 0;
        if (this.#finished) break;
      }
      const held = this.#buffer.subarray(0, this.#length);
      const lastByte = this.#end - 1 - this.#offset;
      if (lastByte < this.#length) {
        const at = held.indexOf(NEWLINE, Math.max(lastByte, searched));
        if (at >= 0) {
          this.#finished = true;
          return this.#take(this.#begin, at);
        }
      } else {
        const at = held.lastIndexOf(NEWLINE);
        if (at >= this.#begin) return this.#take(this.#begin, at);
      }
      searched = this.#length - this.#begin;
      if (!more) {
        this.#finished = true;
        if (this.#begin < this.#length) return this.#take(this.#begin, this.#length);
      }
    }
    return undefined;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function gzipLines(path: string, counters: InputCounters): string[] {
  const compressed = readFileSync(path);
  counters.inputBytes += compressed.length;
  const bytes = gunzipSync(compressed);
  const begin = bomLength(bytes, bytes.length);
  const end = bytes[bytes.length - 1] === NEWLINE ? bytes.length - 1 : bytes.length;
  if (begin === bytes.length) return [];
  // A string holds at most half a gigabyte, so the text is decoded in pieces that end at a newline.
  const lines: string[] = [];
  for (let from = begin; from <= end; ) {
    let to = from + CHUNK * 4 >= end ? end : bytes.indexOf(NEWLINE, from + CHUNK * 4);
    if (to < 0 || to > end) to = end;
    for (const line of cut(decode(bytes, from, to))) lines.push(line);
    from = to + 1;
  }
  return lines;
}

/** The lines of several splits in order. `chunk` is the read size, for tests. */
export function textLines(
  pathOf: (file: number) => string,
  splits: FileSplit[],
  counters: InputCounters,
  chunk = CHUNK,
): Batches {
  let index = 0;
  let reader: SplitReader | undefined;
  const close = () => {
    reader?.close();
    reader = undefined;
  };
  return {
    next() {
      while (reader !== undefined || index < splits.length) {
        const split = splits[reader === undefined ? index : index - 1]!;
        const path = pathOf(split.file);
        let lines: string[] | undefined;
        try {
          if (reader === undefined) {
            index++;
            if (path.endsWith('.gz')) lines = gzipLines(path, counters);
            else reader = new SplitReader(path, split.start, split.end, chunk, counters);
          }
          if (reader !== undefined) {
            lines = reader.next();
            if (lines === undefined) close();
          }
        } catch (error) {
          close();
          throw inputError(path, error);
        }
        if (lines !== undefined) {
          counters.inputRecords += lines.length;
          return lines;
        }
      }
      return undefined;
    },
    close,
  };
}
