/** Every demo under seeds of injected faults: always the output of the undisturbed run. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const SEEDS = 10;
const root = join(import.meta.dirname, '..', '..');
const demos = join(root, 'notebooks');

function output(name: string, ...options: string[]): Promise<string> {
  const args = [join(root, 'cli', 'main.ts'), 'run', join(demos, name), '--executors', '2', ...options];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${name} ${options.join(' ')}: ${stderr}`));
      else resolve(stdout);
    });
  });
}

export async function run(): Promise<string> {
  const names = readdirSync(demos).filter((name) => name.endsWith('.ts'));
  const first = Math.floor(Math.random() * 1e8);
  for (const name of names) {
    const undisturbed = await output(name);
    for (let seed = first; seed < first + SEEDS; seed++) {
      const faults = `${seed}:${seed % 2 ? 0.1 : 0.3}`;
      if ((await output(name, '--faults', faults)) !== undisturbed) {
        throw new Error(`${name} --faults ${faults}: the output differs`);
      }
    }
  }
  return `${names.length} demos, ${SEEDS} seeds each from ${first}: same output as undisturbed`;
}
