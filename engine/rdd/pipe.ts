/** Rows through an external program: one process per partition, a line on its standard input for each row. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { StagelightError } from '../errors.ts';
import { lineOf } from '../storage/text-line.ts';

export interface PipeOptions {
  /** Added to the environment of the executor. */
  env?: Record<string, string>;
}

/** What a program said last before it failed. */
const KEPT_STDERR = 2_000;

async function feed(child: ChildProcess, rows: Iterable<unknown>): Promise<void> {
  const stdin = child.stdin!;
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
  } finally {
    // Also where a row cannot be made or written: the program would wait for more for ever, and the task for its end.
    stdin.end();
  }
}

/** The lines the program prints. Its failure (exit code, signal, not found) fails the task. */
export async function* pipeRows(
  command: string | string[],
  { env }: PipeOptions,
  rows: Iterable<unknown>,
): AsyncGenerator<string, void> {
  const named = typeof command === 'string' ? command : command.join(' ');
  const options = { env: { ...process.env, ...env }, stdio: 'pipe' } as const;
  const child =
    typeof command === 'string'
      ? spawn(command, { ...options, shell: true })
      : spawn(command[0]!, command.slice(1), options);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEPT_STDERR);
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(signal ? `it was ended by ${signal}` : `it ended with code ${code}`);
    });
  });
  try {
    const fed = feed(child, rows);
    // Awaited below, after the output, without which the program may not go on reading.
    fed.catch(() => {});
    yield* createInterface({ input: child.stdout });
    await fed;
    const failure = await ended;
    if (failure === undefined) return;
    throw new StagelightError('PIPE_FAILED', `pipe: ${named} failed: ${failure}${stderr && `\n${stderr}`}`, {
      hint: 'Try the command by itself with a few lines of input.',
    });
  } finally {
    child.kill('SIGKILL');
  }
}
