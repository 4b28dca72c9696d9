/**
 * A small shell process that outlives its parent by a second, to kill the executors left behind. An executor whose
 * parent was killed exits when its channel closes, but one in an endless synchronous loop never hears of that.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { executorEnvironment } from './executor-pool-environment.ts';

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
  readonly #shell: ChildProcess;

  constructor() {
    // Detached: a Ctrl-C of the terminal must not end it before its time.
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: executorEnvironment({ PATH: process.env['PATH'] }),
    });
    this.#shell.on('error', () => {});
    this.#shell.stdin!.on('error', () => {});
    this.#shell.unref();
    (this.#shell.stdin as unknown as { unref?(): void }).unref?.();
  }

  add(pid: number): void {
    this.#shell.stdin!.write(`+ ${pid}\n`);
  }

  remove(pid: number): void {
    this.#shell.stdin!.write(`- ${pid}\n`);
  }

  close(): void {
    this.#shell.stdin!.end();
  }
}
