/**
 * A sort and a grouping of data many times the memory of two executors: right, and within that memory. Sizes from
 * STAGELIGHT_SPILL_GB (8) and STAGELIGHT_SPILL_MEMORY (256m).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineEvent } from '../../engine/protocol.ts';

const SAMPLE_MS = 100;
const ROW_BYTES = 2000;
const root = join(import.meta.dirname, '..', '..');

/** Peak resident memory of each executor among the descendants of a process, by pid, in MB. */
function samplePeaks(root: number, peaks: Map<number, number>): void {
  const parents = new Map<number, number>();
  const executors = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, 'latin1');
      parents.set(Number(name), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
      if (!readFileSync(`/proc/${name}/cmdline`, 'latin1').includes('/executor/executor.')) continue;
      executors.set(Number(name), Math.round(Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1024));
    } catch {
      // It ended meanwhile.
    }
  }
  for (const [pid, peak] of executors) {
    let ancestor = parents.get(pid);
    while (ancestor !== undefined && ancestor !== root) ancestor = parents.get(ancestor);
    if (ancestor === root) peaks.set(pid, peak);
  }
}

function spillOf(events: string): { memory: number; disk: number; lost: number } {
  const spill = { memory: 0, disk: 0, lost: 0 };
  for (const line of readFileSync(events, 'utf8').split('\n')) {
    if (line === '') continue;
    const event = JSON.parse(line) as EngineEvent;
    if (event.type === 'executorRemoved' && event.reason !== 'shut down') spill.lost++;
    if (event.type !== 'taskEnd') continue;
    spill.memory += event.metrics.memoryBytesSpilled ?? 0;
    spill.disk += event.metrics.diskBytesSpilled ?? 0;
  }
  return spill;
}

export async function run(): Promise<string> {
  const gigabytes = Number(process.env['STAGELIGHT_SPILL_GB'] ?? 8);
  const memory = process.env['STAGELIGHT_SPILL_MEMORY'] ?? '256m';
  const bytes = gigabytes * 1e9;
  const folder = mkdtempSync(join(tmpdir(), 'stagelight-spill-'));
  const events = join(folder, 'events.jsonl');
  const partitions = Math.max(8, Math.ceil(gigabytes * 4));
  try {
    const child = spawn(
      process.execPath,
      [
        ...[join(root, 'cli', 'main.ts'), 'run', join(root, 'bench', 'jobs', 'spill.ts')],
        ...['--executors', '2', '--executor-memory', memory, '--events', events, '--no-progress'],
        ...['--', String(bytes), String(partitions), String(ROW_BYTES)],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    const peaks = new Map<number, number>();
    const sampler = setInterval(() => samplePeaks(child.pid!, peaks), SAMPLE_MS);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    clearInterval(sampler);
    const rows = Math.floor(bytes / ROW_BYTES);
    const sorted = output.includes(`INFO sort ${rows} rows, ${rows * ROW_BYTES} characters, in order`);
    const grouped = output.includes(`INFO group ${rows} rows of ${Math.ceil(rows / 4)} keys`);
    if (code !== 0 || !sorted || !grouped) throw new Error(`ended with ${code}: ${output}`);
    const spill = spillOf(events);
    if (spill.lost > 0) throw new Error(`${spill.lost} executors were lost`);
    if (spill.disk === 0) throw new Error('nothing was spilled');
    const seconds = [...output.matchAll(/^JOB (\S+) ([\d.]+)/gm)].map(
      ([, name, time]) => `${name} ${Number(time).toFixed(0)} s`,
    );
    const gb = (value: number) => `${(value / 1e9).toFixed(1)} GB`;
    return (
      `${gb(bytes)} each with ${memory} per executor: ${seconds.join(', ')}; spilled ${gb(spill.memory)} of memory ` +
      `as ${gb(spill.disk)}; peak RSS ${[...peaks.values()].join(' and ')} MB`
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
