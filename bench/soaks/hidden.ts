/**
 * Large parts that hide among small ones, by fresh seeds: of every kind, at every place, under every operator that holds
 * rows, in executors that have room for a few of them. Always right; executors may be lost on the way. Cases from
 * STAGELIGHT_HIDDEN_CASES (60), the first seed from STAGELIGHT_HIDDEN_SEED, memory from STAGELIGHT_HIDDEN_MEMORY (32m).
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineEvent } from '../../engine/protocol.ts';

const root = join(import.meta.dirname, '..', '..');

export async function run(): Promise<string> {
  const cases = process.env['STAGELIGHT_HIDDEN_CASES'] ?? '60';
  const seed = process.env['STAGELIGHT_HIDDEN_SEED'] ?? `${Math.floor(Math.random() * 1e9)}`;
  const memory = process.env['STAGELIGHT_HIDDEN_MEMORY'] ?? '32m';
  const folder = mkdtempSync(join(tmpdir(), 'stagelight-hidden-'));
  try {
    const events = join(folder, 'events.jsonl');
    const options = ['--executors', '2', '--executor-memory', memory, '--events', events, '--no-progress'];
    const job = join(root, 'bench', 'jobs', 'hidden.ts');
    const printed = await new Promise<string>((resolve, reject) => {
      const command = [join(root, 'cli', 'main.ts'), 'run', job, ...options, '--', seed, cases];
      execFile(process.execPath, command, { maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
        error ? reject(new Error(`${stdout}${stderr}`)) : resolve(stdout),
      );
    });
    const lines = printed.trim().split('\n');
    const wrong = lines.filter((line) => !line.startsWith('RIGHT'));
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    if (lines.length !== Number(cases))
      throw new Error(`only ${lines.length} cases of ${cases}:\n${printed}`);
    const lost = readFileSync(events, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as EngineEvent)
      .filter((event) => event.type === 'executorRemoved' && event.code === 'oom').length;
    return `${cases} cases from seed ${seed} with ${memory} per executor: right; ${lost} executors ran out of memory on the way`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
