/**
 * Bad input in real processes: a line of 1 GB, gzip files that unpack to more than memory, a disk of 4 MB that fills up, and
 * kernels that end, are killed and crash: what they wrote to temporary folders is gone. Mounting that disk takes root.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '..', '..');
const BLOCKS = 'stagelight-blocks-';
const SHARED_MEMORY = '/dev/shm';

interface Ended {
  code: number | null;
  out: string;
}

/** Runs a script; `seen` is called with all it has printed whenever there is more. */
function job(
  folder: string,
  source: string,
  options: { env?: Record<string, string>; seen?: (out: string, pid: number) => void; args?: string[] } = {},
): Promise<Ended> {
  const file = join(folder, 'job.ts');
  writeFileSync(file, source);
  const limits = ['--executors', '2', '--executor-memory', '128m', '--no-progress'];
  const child = spawn(
    process.execPath,
    [join(root, 'cli', 'main.ts'), 'run', file, ...limits, ...(options.args ?? [])],
    { env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      options.seen?.(out, child.pid!);
    });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out })));
}

function expectText({ out }: Ended, ...wanted: string[]): void {
  for (const text of wanted) if (!out.includes(text)) throw new Error(`expected "${text}" in:\n${out}`);
}

/** Folders of blocks in memory of kernels whose temporary folder this is: others may run beside us, and theirs are there, too. */
function blocksInMemory(temporary: string): string[] {
  const names = readdirSync(SHARED_MEMORY).filter((name) => name.startsWith(BLOCKS));
  return names.filter((name) => {
    try {
      return readlinkSync(join(SHARED_MEMORY, name, 'overflow')) === join(temporary, name);
    } catch {
      // It went meanwhile.
      return false;
    }
  });
}

async function longLine(folder: string): Promise<void> {
  const file = join(folder, 'long.txt');
  writeFileSync(file, 'short\n');
  truncateSync(file, 1 << 30);
  const source = `
for (const read of [() => sc.textFile(${JSON.stringify(file)}, 4).count(), () => sc.wholeTextFiles(${JSON.stringify(file)}).count()])
  await read().catch((error) => console.log(error.cause.code, error.cause.message));
console.log(await sc.range(10).count(), 'go on');`;
  const ended = await job(folder, source);
  expectText(ended, 'LINE_TOO_LONG', 'it starts at byte 6 of it', 'FILE_TOO_LARGE', '10 go on');
}

async function largeGzip(folder: string): Promise<void> {
  const file = join(folder, 'large.gz');
  const member = gzipSync(`${'a line of some length that is there again and again\n'.repeat(1 << 20)}`);
  // 26 members of 54 MB: 1.4 GB of text.
  writeFileSync(file, Buffer.concat(Array.from({ length: 26 }, () => member)));
  const ended = await job(
    folder,
    `console.log(await sc.textFile(${JSON.stringify(file)}).count(), 'lines');`,
  );
  expectText(ended, `${26 << 20} lines`);
}

async function smallDisk(folder: string): Promise<void> {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
  try {
    const source = `
const rows = sc.range(0, 3_000_000, 1, 4).map((n): [number, string] => [n % 1009, Math.sin(n).toString()]);
await rows.sortByKey(true, 2).count().catch((error) => console.log(error.cause.code, error.cause.message));
await rows.saveAsTextFile(${JSON.stringify(join(disk, 'out'))}).catch((error) => console.log(error.cause.code, error.cause.message));
console.log(await sc.range(10).repartition(2).count(), 'go on');`;
    const events = join(disk, 'events.jsonl');
    const ended = await job(folder, source, { env: { TMPDIR: disk }, args: ['--events', events] });
    expectText(ended, `NO_SPACE no space is left in ${disk}`, '10 go on');
    const left = readdirSync(disk).filter((name) => !name.startsWith('events'));
    if (left.length > 0) throw new Error(`left on the full disk: ${left.join(', ')}`);
  } finally {
    execFileSync('umount', [disk]);
  }
}

/** One of the ways a kernel ends; then another one starts and sweeps. */
async function leavesNothing(folder: string, how: 'end' | 'kill' | 'crash' | 'interrupt'): Promise<void> {
  const temporary = join(folder, `tmp-${how}`);
  mkdirSync(temporary);
  const rows = 'sc.range(0, 400_000, 1, 4).map((n): [number, string] => [n % 1009, String(n).padEnd(300)])';
  const work = `await ${rows}.persist('DISK_ONLY').groupByKey(2).count(); console.log('ready');`;
  const last = {
    end: '',
    kill: 'await sleep(60_000);',
    crash: 'process.abort();',
    interrupt: 'await sleep(60_000);',
  };
  const stopped = how === 'kill' || how === 'interrupt';
  let there: string[] | undefined;
  await job(folder, `${work}\n${last[how]}`, {
    env: { TMPDIR: temporary },
    seen(out, pid) {
      if (there || !stopped || !out.includes('ready')) return;
      there = [...blocksInMemory(temporary), ...readdirSync(temporary)];
      process.kill(pid, how === 'kill' ? 'SIGKILL' : 'SIGINT');
    },
  });
  // Else nothing would be shown by nothing being left.
  if (stopped && !there?.some((name) => name.startsWith(BLOCKS)))
    throw new Error(`${how}: no folder of blocks was seen`);
  expectText(await job(folder, `console.log('swept');`, { env: { TMPDIR: temporary } }), 'swept');
  const left = [...blocksInMemory(temporary), ...readdirSync(temporary)];
  if (left.length > 0) throw new Error(`${how} left ${left.join(', ')}`);
}

export async function run(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'stagelight-bad-'));
  try {
    await longLine(folder);
    await largeGzip(folder);
    await smallDisk(folder);
    for (const how of ['end', 'kill', 'crash', 'interrupt'] as const) await leavesNothing(folder, how);
    return 'a line of 1 GB, 1.4 GB of text in a gzip file and a full disk are named or read in 128 MB; no end of a kernel leaves files';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
