/** One run of one contender: wall time, peak memory of its process tree, and the figures it printed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from './cases.ts';

export interface Measurement {
  /** Seconds by figure: `wall`, and every `JOB name seconds` line. */
  figures: Record<string, number>;
  /** Peak resident memory of the process tree, bytes; 0 where /proc is missing. */
  peakRss: number;
  /** `INFO name value` lines: results, to be equal for all contenders. */
  info: Record<string, string>;
}

const SAMPLE_MS = 50;

/** Resident bytes of a process and its descendants (shared pages counted once per process). */
function treeRss(rootPid: number): number {
  const children = new Map<number, number[]>();
  const rss = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const parent = Number(fields[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
      rss.set(Number(name), Number(fields[21]) * 4096);
    } catch {
      // The process ended between the listing and the reading.
    }
  }
  let total = 0;
  const open = [rootPid];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    total += rss.get(pid) ?? 0;
    open.push(...(children.get(pid) ?? []));
  }
  return total;
}

export async function measure(contender: Contender): Promise<Measurement> {
  const started = performance.now();
  const child = spawn(contender.command, contender.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...contender.env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  let peakRss = 0;
  const canSample = existsSync('/proc/self/stat');
  const sampler = setInterval(() => {
    if (canSample && child.pid) peakRss = Math.max(peakRss, treeRss(child.pid));
  }, SAMPLE_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearInterval(sampler);
  const wall = (performance.now() - started) / 1000;
  if (code !== 0)
    throw new Error(`${contender.name} ended with ${code}:\n${(stderr || stdout).slice(-2000)}`);
  const figures: Record<string, number> = { wall };
  for (const [, name, seconds] of stdout.matchAll(/^JOB (\S+) ([\d.]+)/gm)) figures[name!] = Number(seconds);
  const info: Record<string, string> = {};
  for (const [, name, value] of stdout.matchAll(/^INFO (\S+) (.*)$/gm)) info[name!] = value!;
  return { figures, peakRss, info };
}

/** A digest of the sorted (word, count) lines of an output folder, whatever brackets an engine prints; removes it. */
export function digestOutput(folder: string): string {
  const rows: string[] = [];
  for (const name of readdirSync(folder)) {
    if (!name.startsWith('part-')) continue;
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      const match = /^[[(]\s*'?"?(.*?)'?"?\s*,\s*(\d+)\s*[\])]$/.exec(line);
      if (match) rows.push(`${match[1]} ${match[2]}`);
      else if (line) throw new Error(`${folder}/${name}: unexpected line "${line}"`);
    }
  }
  rmSync(folder, { recursive: true });
  return `${rows.length} rows ${createHash('sha256').update(rows.sort().join('\n')).digest('hex').slice(0, 16)}`;
}
