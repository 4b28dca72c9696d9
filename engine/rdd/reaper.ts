/**
 * A small shell process that outlives the one that started it, however that ends, to kill what it left behind. It reads what
 * is running; the end of its input is the end of that process.
 */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/** `$1`: what stands before each number where `kill` is told of it. `$2`: seconds. */
const SCRIPT = `
trap '' INT TERM HUP
left=
while read -r op pid; do
  case $op in
    +) left="$left $1$pid" ;;
    -) kept=; for p in $left; do [ "$p" = "$1$pid" ] || kept="$kept $p"; done; left=$kept ;;
  esac
done
[ -n "$left" ] || exit
[ "$2" = 0 ] || sleep "$2"
kill -9 $left
`;

export interface ReaperOptions {
  /** Whether what is told are processes, or groups of them, which are killed as a whole. */
  kills: 'processes' | 'groups';
  /** For so long they may end by themselves. */
  seconds: number;
  /** This process's own by default. */
  env?: NodeJS.ProcessEnv;
}

/**
 * Where it reads lines of `+ PID` and `- PID`; undefined where there is no process or no pipe for it. It keeps nothing alive.
 * Throws as `spawn` does.
 */
export function startReaper({ kills, seconds, env }: ReaperOptions): Writable | undefined {
  const sign = kills === 'groups' ? '-' : '';
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'reaper', sign, String(seconds)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A Ctrl-C of the terminal must not end it before its time.
    detached: true,
    env,
  });
  shell.on('error', () => {});
  // Without a descriptor for the pipe there is none.
  const input = shell.stdin?.on('error', () => {});
  if (shell.pid === undefined || !input) return undefined;
  shell.unref();
  (input as unknown as { unref?(): void }).unref?.();
  return input;
}
