/** The lines of a byte stream with their numbers and places, a chunk's worth at a time. */
import { StagelightError } from '../errors.ts';

export interface LogLine {
  text: string;
  /** From 1. */
  number: number;
  /** Offset of the byte after its line end. */
  end: number;
  /** False for a last line without a line end. */
  complete: boolean;
}

/** A log can come from anywhere: a longer line is no event of ours. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const LINE_END = 10;

/** `number` lines and `offset` bytes precede the stream. */
export async function* readLines(
  chunks: AsyncIterable<Buffer>,
  number: number,
  offset = 0,
): AsyncGenerator<LogLine[]> {
  let at = offset;
  let count = number;
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of chunks) {
    const lines: LogLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
      let text = chunk.toString('utf8', start, end);
      if (restBytes > 0) {
        text = Buffer.concat([...rest, chunk.subarray(start, end)]).toString('utf8');
        rest = [];
        restBytes = 0;
      }
      lines.push({ text, number: ++count, end: at + end + 1, complete: true });
      start = end + 1;
    }
    at += chunk.length;
    if (start < chunk.length) {
      rest.push(chunk.subarray(start));
      restBytes += chunk.length - start;
      if (restBytes > MAX_LINE_BYTES) {
        throw new StagelightError(
          'EVENT_LOG_LINE',
          `line ${count + 1} is longer than ${MAX_LINE_BYTES} bytes`,
          {
            hint: 'This is not an event log, or it was damaged.',
          },
        );
      }
    }
    yield lines;
  }
  if (restBytes > 0) {
    yield [{ text: Buffer.concat(rest).toString('utf8'), number: count + 1, end: at, complete: false }];
  }
}
