/**
 * A program that a task sends rows through, with all it starts: a process group of its own, so that it can be ended as a
 * whole. A pipeline of a shell goes on when the shell alone is killed, and a program that does not read never hears that
 * the executor is gone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { startReaper } from './reaper.ts';

/** What a program said last before it failed. */
const KEPT_STDERR = 2_000;

let reaper: Writable | undefined;

/** One for all programs of this process; it keeps nothing alive. Without it they end by themselves, or not. */
function tellReaper(op: '+' | '-', group: number): void {
  if (reaper === undefined || reaper.destroyed) {
    if (op === '-') return;
    // Whoever would have read their rows is gone.
    reaper = startReaper({ kills: 'groups', seconds: 0 });
    if (reaper === undefined) return;
  }
  reaper.write(`${op} ${group}\n`);
}

export class PipedProgram {
  readonly #child: ChildProcess;
  readonly #group: number | undefined;
  #stderr = '';
  #isOver = false;
  /** Why it failed; undefined when it did not. Settled when it has ended and nothing holds its output open. */
  readonly failure: Promise<string | undefined>;

  /** A text is for a shell. */
  constructor(command: string | string[], env: NodeJS.ProcessEnv) {
    const options = { env, stdio: 'pipe', detached: true } as const;
    const child =
      typeof command === 'string'
        ? spawn(command, { ...options, shell: true })
        : spawn(command[0]!, command.slice(1), options);
    this.#child = child;
    this.#group = child.pid;
    if (this.#group !== undefined) tellReaper('+', this.#group);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR);
    });
    this.failure = new Promise((resolve) => {
      const failed = (how: string) => resolve(`${how}${this.#stderr && `\n${this.#stderr}`}`);
      child.on('error', (error) => failed(error.message));
      child.on('close', (code, signal) => {
        if (code === 0) resolve(undefined);
        else failed(signal ? `it was ended by ${signal}` : `it ended with code ${code}`);
      });
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get stdin(): Writable {
    return this.#child.stdin!;
  }

  get stdout(): AsyncIterable<Buffer> {
    return this.#child.stdout!;
  }

  /** Ends what is left of it. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { stdin, stdout, stderr } = this.#child;
    for (const pipe of [stdin, stdout, stderr]) pipe?.destroy();
    if (this.#group === undefined) return;
    try {
      process.kill(-this.#group, 'SIGKILL');
    } catch {
      // It has ended, and all that it started.
    }
    tellReaper('-', this.#group);
  }
}
