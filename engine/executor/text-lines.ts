/** Lines of byte ranges of text files, in batches: the source behind `textFile`. */
import { isAscii } from 'node:buffer';
import { textIsCut } from '../storage/own-text.ts';
import type { Batches } from './batches.ts';
import { inputError, lineTooLong } from './input-error.ts';
import { longestText, openTextBytes, refuseOtherEncodings, type TextBytes } from './text-bytes.ts';

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

/** How a file is read; what is left out is as usual. */
export interface LineOptions {
  /** Bytes per read. */
  chunk?: number;
  /** No line may have more bytes. */
  limit?: number;
  /** Called while waiting; throws when the task is to stop. */
  check?: () => void;
}

const NEWLINE = 10;
const CHUNK = 256 * 1024;

function decode(bytes: Buffer, start: number, end: number): string {
  return bytes.toString(isAscii(bytes.subarray(start, end)) ? 'latin1' : 'utf8', start, end);
}

/** Cuts decoded text, which must not end with a newline, at \n and \r\n. */
function cut(text: string): string[] {
  textIsCut(text.length);
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
  readonly #path: string;
  readonly #bytes: TextBytes;
  readonly #limit: number;
  #buffer: Buffer;
  /** Bytes of the buffer not yet given out: [begin, length). `offset` is the file position of buffer[0]. */
  #begin = 0;
  #length = 0;
  #offset: number;
  #end: number;
  #skipping: boolean;
  #finished = false;

  constructor(path: string, start: number, bytes: TextBytes, chunk: number, limit: number) {
    this.#path = path;
    this.#bytes = bytes;
    this.#limit = limit;
    this.#end = bytes.size;
    this.#offset = Math.max(0, start - 1);
    this.#skipping = start > 0;
    this.#buffer = Buffer.allocUnsafe(Math.max(16, Math.min(chunk, this.#end - start + 4096)));
    this.#finished = start >= this.#end;
  }

  /** Makes room behind the unread bytes and reads once; false at the end of the file. */
  #fill(): boolean {
    if (this.#begin > 0) {
      this.#buffer.copyWithin(0, this.#begin, this.#length);
      this.#offset += this.#begin;
      this.#length -= this.#begin;
      this.#begin = 0;
    }
    if (this.#length === this.#buffer.length) this.#grow();
    const room = this.#buffer.length - this.#length;
    const position = this.#offset + this.#length;
    const count = this.#bytes.read(this.#buffer, this.#length, room, position);
    this.#length += count;
    if (position === 0) refuseOtherEncodings(this.#path, this.#buffer.subarray(0, this.#length));
    return count > 0;
  }

  /** The buffer holds a part of one line, perhaps with the lines before it. */
  #grow(): void {
    const { length } = this.#buffer;
    if (length >= this.#limit) {
      const start = this.#offset + this.#buffer.lastIndexOf(NEWLINE) + 1;
      throw lineTooLong(this.#path, start, this.#limit);
    }
    const larger = Buffer.allocUnsafe(Math.min(this.#limit, length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
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
          // A line that begins behind the range is not ours, however far the one before it goes.
          if (!more || this.#offset + this.#length >= this.#end) this.#finished = true;
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
    this.#bytes.close();
  }
}

/** The lines of several splits in order. */
export function textLines(
  pathOf: (file: number) => string,
  splits: FileSplit[],
  counters: InputCounters,
  options: LineOptions = {},
): Batches {
  const { chunk = CHUNK, limit = longestText(Number.POSITIVE_INFINITY), check } = options;
  let index = 0;
  let reader: SplitReader | undefined;
  const close = () => {
    reader?.close();
    reader = undefined;
  };
  return {
    next() {
      while (reader !== undefined || index < splits.length) {
        const { file, start, end } = splits[reader === undefined ? index : index - 1]!;
        const path = pathOf(file);
        let lines: string[] | undefined;
        try {
          if (reader === undefined) {
            index++;
            reader = new SplitReader(path, start, openTextBytes(path, end, counters, check), chunk, limit);
          }
          lines = reader.next();
          if (lines === undefined) close();
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
