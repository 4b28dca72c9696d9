/** Rows through an external program: one process per partition, a line on its standard input for each row. */

import { constants as limits } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import { getHeapStatistics } from 'node:v8';
import { StagelightError } from '../errors.ts';
import { lineOf } from '../storage/text-line.ts';
import { PipedProgram } from './piped-program.ts';

export interface PipeOptions {
  /** Added to the environment of the executor. */
  env?: Record<string, string>;
}

/** Of the heap, in characters: its pieces are there beside it while they are put together. */
const LINE_SHARE = 1 / 4;

async function feed(program: PipedProgram, rows: Iterable<unknown>): Promise<void> {
  const { stdin } = program;
  let goOn = () => {};
  for (const event of ['drain', 'close']) stdin.on(event, () => goOn());
  // A program may end before it has read everything (head does): that is no failure.
  stdin.on('error', () => goOn());
  let index = 0;
  try {
    for (const row of rows) {
      if (stdin.destroyed) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      goOn = resolve;
      if (!stdin.write(`${lineOf(row, index++)}\n`) && !stdin.destroyed) await promise;
    }
    stdin.end();
  } catch (error) {
    // A row cannot be made or written: what the program makes of the others nobody wants.
    program.end();
    throw error;
  }
}

/** What it prints, cut at \n and \r\n as text files are. */
async function* linesOf(named: string, output: AsyncIterable<Buffer>): AsyncGenerator<string, void> {
  const most = Math.min(limits.MAX_STRING_LENGTH, getHeapStatistics().heap_size_limit * LINE_SHARE);
  const decoder = new StringDecoder('utf8');
  let pieces: string[] = [];
  let length = 0;
  const take = (piece: string): void => {
    length += piece.length;
    if (length > most) throw lineTooLong(named, most);
    pieces.push(piece);
  };
  const line = (): string => {
    const whole = pieces.length === 1 ? pieces[0]! : pieces.join('');
    pieces = [];
    length = 0;
    return whole.endsWith('\r') ? whole.slice(0, -1) : whole;
  };
  for await (const chunk of output) {
    const text = decoder.write(chunk);
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      take(text.slice(from, at));
      yield line();
      from = at + 1;
    }
    if (from < text.length) take(text.slice(from));
  }
  take(decoder.end());
  if (length > 0) yield line();
}

function lineTooLong(named: string, most: number): StagelightError {
  return new StagelightError(
    'LINE_TOO_LONG',
    `pipe: ${named} printed a line longer than ${Math.floor(most / 2 ** 20)} million characters`,
    { hint: 'A line is one string: let the program print shorter ones, or raise --executor-memory.' },
  );
}

/** Its lines, then its failure. */
async function* printed(
  named: string,
  program: PipedProgram,
  rows: Iterable<unknown>,
): AsyncGenerator<string, void> {
  const fed = feed(program, rows);
  // Awaited below, after the output, without which the program may not go on reading.
  fed.catch(() => {});
  try {
    yield* linesOf(named, program.stdout);
  } catch (error) {
    // Its output was cut off, for a row.
    if (program.isOver) await fed;
    throw error;
  }
  await fed;
  const failure = await program.failure;
  if (failure === undefined) return;
  throw new StagelightError('PIPE_FAILED', `pipe: ${named} failed: ${failure}`, {
    hint: 'Try the command by itself with a few lines of input.',
  });
}

/** The lines the program prints. Its failure (exit code, signal, not found) fails the task; it ends with the task in any case. */
export function pipeRows(
  command: string | string[],
  { env }: PipeOptions,
  rows: Iterable<unknown>,
): AsyncIterableIterator<string> {
  const named = typeof command === 'string' ? command : command.join(' ');
  let program: PipedProgram | undefined;
  async function* lines(): AsyncGenerator<string, void> {
    program = new PipedProgram(command, { ...process.env, ...env });
    try {
      yield* printed(named, program, rows);
    } finally {
      program.end();
    }
  }
  const all = lines();
  return {
    next: () => all.next(),
    // At once: while it is asked for its next line a generator hears of nothing.
    return() {
      program?.end();
      return all.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
