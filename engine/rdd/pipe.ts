/** Rows through an external program: one process per partition, a line on its standard input for each row. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
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
  } catch (error) {
    // It would wait for more for ever, or do whatever it does, and the task for its end.
    endWithChildren(child);
    throw error;
  }
  stdin.end();
}

/** Programs that run: who is ended without a word leaves none behind. */
const running = new Set<ChildProcess>();

function startProgram(command: string | string[], options: SpawnOptions): ChildProcess {
  const child =
    typeof command === 'string'
      ? spawn(command, { ...options, shell: true })
      : spawn(command[0]!, command.slice(1), options);
  if (running.size === 0) process.on('exit', endAll);
  running.add(child);
  child.on('close', () => forget(child));
  child.on('error', () => forget(child));
  return child;
}

function forget(child: ChildProcess): void {
  running.delete(child);
  if (running.size === 0) process.off('exit', endAll);
}

function endAll(): void {
  for (const child of running) endWithChildren(child);
}

/** A shell has children that do the work; they are of its group. */
function endWithChildren(child: ChildProcess): void {
  if (child.pid === undefined || !running.has(child)) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // All have ended.
  }
}

/** The lines the program prints. Its failure (exit code, signal, not found) fails the task. */
export async function* pipeRows(
  command: string | string[],
  { env }: PipeOptions,
  rows: Iterable<unknown>,
): AsyncGenerator<string, void> {
  const named = typeof command === 'string' ? command : command.join(' ');
  // In a group of its own.
  const child = startProgram(command, { env: { ...process.env, ...env }, stdio: 'pipe', detached: true });
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
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
    yield* createInterface({ input: child.stdout! });
    await fed;
    const failure = await ended;
    if (failure === undefined) return;
    throw new StagelightError('PIPE_FAILED', `pipe: ${named} failed: ${failure}${stderr && `\n${stderr}`}`, {
      hint: 'Try the command by itself with a few lines of input.',
    });
  } finally {
    endWithChildren(child);
  }
}
