/** The word count demo and a job of cache, sort, join, index and random numbers under 30 seeds of injected faults: always the same output. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SEEDS = 30;
const root = join(import.meta.dirname, '..', '..');
const book = join(root, 'notebooks', 'data', 'moby-dick.txt');

const JOB = `
const words = sc.textFile(args[0], 8).flatMap((line) => line.toLowerCase().match(/[a-z]+/g) ?? []).cache();
const counts = words.map((word): [string, number] => [word, 1]).reduceByKey((a, b) => a + b);
console.log(await words.count(), await counts.count());
console.log(await counts.sortBy(([word, n]) => [n, word], false).take(5));
const byLength = words.distinct().keyBy((word) => word.length);
console.log(await byLength.join(counts.map(([word, n]): [number, number] => [word.length, n])).count());
console.log(await words.zipWithIndex().filter(([, i]) => i % 50000 === 0).collect());
console.log(await words.repartition(5).map((word) => word.length).stats());
const drawn = sc.range(0, 2000, 1, 8).map(() => Math.random()).cache();
const rows = (await drawn.collect()).join();
const pairs = await drawn.coalesce(2).zip(drawn.coalesce(2)).filter(([a, b]) => a === b).count();
console.log((await drawn.coalesce(1).collect()).join() === rows, (await drawn.collect()).join() === rows, pairs);
`;

function output(file: string, ...options: string[]): Promise<string> {
  const args = [join(root, 'cli', 'main.ts'), 'run', file, '--executors', '2', ...options, '--', book];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${options.join(' ')}: ${stderr}`));
      else resolve(stdout);
    });
  });
}

export async function run(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'stagelight-faults-'));
  try {
    const job = join(folder, 'job.ts');
    writeFileSync(job, JOB);
    const first = Math.floor(Math.random() * 1e8);
    for (const file of [join(root, 'notebooks', 'word-count.ts'), job]) {
      const undisturbed = await output(file);
      for (let seed = first; seed < first + SEEDS; seed++) {
        const faults = `${seed}:${seed % 2 ? 0.1 : 0.3}`;
        if ((await output(file, '--faults', faults)) !== undisturbed) {
          throw new Error(`${file} --faults ${faults}: the output differs`);
        }
      }
    }
    return `2 programs, ${SEEDS} seeds each from ${first}: same output as undisturbed`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
