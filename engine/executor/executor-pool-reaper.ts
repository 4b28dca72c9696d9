/**
 * A small shell process that outlives its parent by a second, to kill the executors left behind. An executor whose
 * parent was killed exits when its channel closes, but one in an endless synchronous loop never hears of that.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { executorEnvironment } from './executor-pool-environment.ts';
import { needDescriptors } from './free-descriptors.ts';

const SCRIPT = `
trap '' INT TERM HUP
pids=
while read -r op pid; do
  case $op in
    +) pids="$pids $pid" ;;
    -) kept=; for p in $pids; do [ "$p" = "$pid" ] || kept="$kept $p"; done; pids=$kept ;;
  esac
done
[ -z "$pids" ] || { sleep 1; kill -9 $pids; }
`;

export class Reaper {
  readonly #pids = new Set<number>();
  /** Where it reads; undefined while there is none. */
  #input: Writable | undefined;

  constructor() {
    this.#start();
  }

  /** Where descriptors or processes are short it is tried again with the next executor. */
  #start(): void {
    const shell = started();
    // Without a descriptor for the pipe there is none.
    if (!shell?.stdin) return;
    this.#input = shell.stdin;
    shell.unref();
    (shell.stdin as unknown as { unref?(): void }).unref?.();
    for (const pid of this.#pids) this.#tell('+', pid);
  }

  #tell(op: '+' | '-', pid: number): void {
    this.#input?.write(`${op} ${pid}\n`);
  }

  add(pid: number): void {
    if (!this.#input) this.#start();
    this.#pids.add(pid);
    this.#tell('+', pid);
  }

  remove(pid: number): void {
    this.#pids.delete(pid);
    this.#tell('-', pid);
  }

  close(): void {
    this.#input?.end();
  }
}

function started(): ChildProcess | undefined {
  try {
    needDescriptors();
    // Detached: a Ctrl-C of the terminal must not end it before its time.
    const shell = spawn('/bin/sh', ['-c', SCRIPT], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: executorEnvironment({ PATH: process.env['PATH'] }),
    });
    shell.on('error', () => {});
    shell.stdin?.on('error', () => {});
    return shell.pid === undefined ? undefined : shell;
  } catch {
    return undefined;
  }
}
