/** What a process has used of the CPU and whether it is stopped: from /proc, or where there is none (macOS) from `ps`. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface ProcessSample {
  /** User and system time; only whether it changes matters. */
  cpu: number;
  /** As in /proc: R, S, D, T… */
  state: string;
}

/** Undefined when it is not known, which counts as a sign of life. */
export type ProcessReader = (pid: number) => ProcessSample | undefined;

export function readProc(pid: number): ProcessSample | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name, in parentheses, may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0]!, cpu: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}

/** `ps` as all Unixes have it; empty when it fails. */
export function runPs(pids: readonly number[]): Promise<string> {
  return new Promise<string>((resolve) => {
    const format = ['-o', 'pid=', '-o', 'state=', '-o', 'time=', '-p', pids.join()];
    // One process that is gone makes it fail, with the lines of the others printed.
    execFile('ps', format, { env: { ...process.env, LC_ALL: 'C' } }, (_error, stdout) => resolve(stdout));
  }).catch(() => '');
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` in seconds. */
export function cpuSeconds(text: string): number {
  const [days, clock] = text.includes('-') ? text.split('-') : ['0', text];
  return clock!.split(':').reduce((total, part) => total * 60 + Number(part), 0) + Number(days) * 86_400;
}

export function parsePs(text: string): Map<number, ProcessSample> {
  const samples = new Map<number, ProcessSample>();
  for (const line of text.split('\n')) {
    const [, pid, state, time] = /^\s*(\d+)\s+(\S)\S*\s+([\d:.-]+)\s*$/.exec(line) ?? [];
    if (time !== undefined) samples.set(Number(pid), { state: state!, cpu: cpuSeconds(time) });
  }
  return samples;
}

/** Answers with what the look before has found, and looks again, at all processes asked about in one run of `ps`. */
export function psReader(ps: (pids: readonly number[]) => Promise<string> = runPs): ProcessReader {
  let samples = new Map<number, ProcessSample>();
  const wanted = new Set<number>();
  let looking = false;
  const look = async () => {
    const pids = [...wanted];
    wanted.clear();
    samples = parsePs(await ps(pids));
    looking = false;
  };
  return (pid) => {
    wanted.add(pid);
    if (!looking) {
      looking = true;
      queueMicrotask(look);
    }
    return samples.get(pid);
  };
}

export function processReader(): ProcessReader {
  return existsSync('/proc/self/stat') ? readProc : psReader();
}
