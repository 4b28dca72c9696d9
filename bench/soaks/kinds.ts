/**
 * Rows and keys of every kind through every operator that holds rows, in executors with far less memory: right, and no
 * executor is lost, which shows that memory is accounted for what each kind takes. Sizes from STAGELIGHT_KINDS_MB (150)
 * and STAGELIGHT_KINDS_MEMORY (64m).
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineEvent } from '../../engine/protocol.ts';

const root = join(import.meta.dirname, '..', '..');

function output(events: string, memory: string, megabytes: string): Promise<string> {
  const job = join(root, 'bench', 'jobs', 'kinds.ts');
  const options = ['--executors', '2', '--executor-memory', memory, '--events', events, '--no-progress'];
  const args = [join(root, 'cli', 'main.ts'), 'run', job, ...options, '--', megabytes];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}

export async function run(): Promise<string> {
  const megabytes = process.env['STAGELIGHT_KINDS_MB'] ?? '150';
  const memory = process.env['STAGELIGHT_KINDS_MEMORY'] ?? '64m';
  const folder = mkdtempSync(join(tmpdir(), 'stagelight-kinds-'));
  try {
    const events = join(folder, 'events.jsonl');
    const printed = await output(events, memory, megabytes);
    const wrong = printed.split('\n').filter((line) => line !== '' && !line.startsWith('RIGHT'));
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    let lost = 0;
    let spilled = 0;
    for (const line of readFileSync(events, 'utf8').split('\n')) {
      if (line === '') continue;
      const event = JSON.parse(line) as EngineEvent;
      if (event.type === 'executorRemoved' && event.reason !== 'shut down') lost++;
      // Logs leave out what is 0.
      if (event.type === 'taskEnd') spilled += event.metrics.diskBytesSpilled ?? 0;
    }
    if (lost > 0) throw new Error(`${lost} executors were lost`);
    if (spilled === 0) throw new Error('nothing was spilled');
    const cases = printed.trim().split('\n').length;
    return `${cases} kinds of rows and keys under operators that hold them, ${megabytes} MB each with ${memory} per executor: right, no executor lost; spilled ${(spilled / 1e9).toFixed(1)} GB`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
