import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorText } from './error-text.ts';
import { outputText, tableText } from './output-text.ts';
import { parseRunOptions } from './run-options.ts';

const main = join(import.meta.dirname, 'main.ts');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runFile(
  source: string,
  ...more: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const file = join(folder, 'script.ts');
  writeFileSync(file, source);
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'run', file, '--executors', '2', ...more], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

test('a notebook runs to its end: outputs in order on stdout, stderr apart, events in the log', async () => {
  const log = join(folder, 'events.jsonl');
  const { code, stdout, stderr } = await runFile(
    `// %% [markdown] id="m"
// # Title

// %% id="a"
const pairs = sc.parallelize(args).map((word): [string, number] => [word, word.length]);
console.log('first'); console.error('to stderr');

// %% id="b"
await pairs.collect()
`,
    ...['--events', log, '--', 'one', 'three'],
  );
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: 'first\n_1     _2\n─────  ──\none     3\nthree   5\n',
    stderr: 'to stderr\n',
  });
  const types = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => /"type":"(\w+)"/.exec(line)?.[1]);
  expect(types).toContain('jobEnd');
  expect(types.at(-1)).toBe('applicationEnd');
});

test('a script ends when nothing it started is left, and what fails by then fails the run', async () => {
  const late = await runFile(`
async function main() {
  console.log(await sc.range(10).count());
  setTimeout(() => console.log('from a timer'), 50);
  await sleep(100);
  console.log(await sc.range(5).sum());
  throw new Error('late');
}
void main();
`);
  expect(late).toMatchObject({ code: 1, stdout: '10\nfrom a timer\n10\n' });
  expect(late.stderr).toContain('Error: late');
  expect(await runFile("void setTimeout(() => console.log('done'), 100);")).toMatchObject({
    code: 0,
    stdout: 'done\n',
  });
});

test('of a plot that is updated, the last state is printed when its cell ends', async () => {
  const { code, stdout } = await runFile(`
for (const n of [1, 2, 3]) plot([[1, n]].concat([[n, n]]), { key: 'live', mark: 'dot', title: 'state ' + n });
console.log('drawn');
`);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^drawn\n\[plot, state 3: dot of .*; 2 of 2 rows\]\n$/);
});

test('an error that is displayed is an output, and fails nothing', async () => {
  const { code, stdout, stderr } = await runFile(`
await sc.range(2).map(() => { throw new Error('shown'); }).collect().catch(display);
console.log('went on');
`);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'went on\n' });
  expect(stderr).toContain('Error: shown');
});

test('a run under injected faults prints what the undisturbed run prints', async () => {
  const source = `
const words = sc.textFile('${join(import.meta.dirname, '..', 'notebooks/data/moby-dick.txt')}', 6)
  .flatMap((line) => line.toLowerCase().match(/[a-z]+/g) ?? [])
  .cache();
const counts = words.map((word): [string, number] => [word, 1]).reduceByKey((a, b) => a + b);
console.log(await words.count(), await counts.count());
console.log(await counts.sortBy(([word, n]) => [n, word], false).take(3));
const byLength = words.distinct().keyBy((word) => word.length);
console.log(await byLength.join(counts.map(([word, n]): [number, number] => [word.length, n])).count());
console.log(await words.zipWithIndex().filter(([, i]) => i % 50000 === 0).collect());
`;
  const { code, stdout } = await runFile(source);
  expect(code).toBe(0);
  const seed = Math.floor(Math.random() * 1e6);
  for (const faults of [`${seed}:0.1`, `${seed + 1}:0.2`]) {
    expect({ faults, ...(await runFile(source, '--faults', faults)) }).toMatchObject({
      faults,
      code: 0,
      stdout,
    });
  }
});

test('an error ends the run with 1, its message, its line of the file and the code around it', async () => {
  const { code, stdout, stderr } = await runFile(
    '// %% id="a"\nconst n = 1;\n\n// %% id="b"\nnull.x;\n\n// %% id="c"\nconsole.log("not run")\n',
  );
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('TypeError: Cannot read properties of null');
  expect(stderr).toContain('script.ts:5:');
  expect(stderr).toContain('> 5 | null.x;');
});

test('the exit code a script sets is that of the run, unless it fails', async () => {
  expect((await runFile('console.log(1); process.exitCode = 3;')).code).toBe(3);
  expect((await runFile('setTimeout(() => { process.exitCode = 4 }, 5)')).code).toBe(4);
  expect((await runFile('process.exitCode = 3; throw new Error("x")')).code).toBe(1);
});

test('Ctrl-C interrupts the script and ends with 130', async () => {
  const file = join(folder, 'loop.ts');
  writeFileSync(file, 'console.log("running"); while (true) {}');
  const child = spawn(process.execPath, [main, 'run', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.once('data', () => child.kill('SIGINT'));
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(130);
});

test('Ctrl-C while an output is written leaves nothing of it', async () => {
  const file = join(folder, 'saving.ts');
  const saved = join(folder, 'saved');
  mkdirSync(saved);
  writeFileSync(
    file,
    `await sc.range(0, 4, 1, 2).map(async (n) => {
      if (n === 3) { console.log('writing'); await sleep(1e6); }
      return n;
    }).saveAsTextFile(${JSON.stringify(join(saved, 'out'))});`,
  );
  const child = spawn(process.execPath, [main, 'run', file, '--executors', '2'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const begun: string[] = [];
  child.stdout.once('data', () => {
    begun.push(...readdirSync(saved));
    child.kill('SIGINT');
  });
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(130);
  expect(begun).toEqual([expect.stringMatching(/^\.out\._temporary-\d+\./)]);
  expect(readdirSync(saved)).toEqual([]);
});

test('a second Ctrl-C kills a script that does not react, and ends with 130 too', async () => {
  const file = join(folder, 'blocked.ts');
  // It waits for something that ends with it alone.
  const waits = 'const { ppid } = process; setInterval(() => process.ppid === ppid || process.exit(), 20)';
  writeFileSync(
    file,
    `import { execFileSync } from 'node:child_process';
console.log('blocked');
execFileSync(process.execPath, ['-e', ${JSON.stringify(waits)}]);`,
  );
  const child = spawn(process.execPath, [main, 'run', file, '--executors', '1'], { stdio: 'pipe' });
  let stderr = '';
  child.stdout.once('data', () => child.kill('SIGINT'));
  child.stderr.on('data', (text) => {
    stderr += text;
    if (stderr.endsWith('kill it\n')) child.kill('SIGINT');
  });
  expect(await new Promise((exited) => child.once('exit', exited))).toBe(130);
  expect(stderr).toBe('the script does not react; press Ctrl-C again to kill it\n');
});

test('a reader that leaves early ends the run without a word', async () => {
  const file = join(folder, 'long.ts');
  writeFileSync(file, 'for (let i = 0; i < 1e5; i++) console.log(i, "a line"); await sleep(1e6)');
  const child = spawn(process.execPath, [main, 'run', file, '--executors', '1'], { stdio: 'pipe' });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise((exited) => child.once('exit', exited));
  expect({ code, stderr }).toEqual({ code: 141, stderr: '' });
});

test('options are checked, and everything after -- is the script’s', () => {
  expect(
    parseRunOptions(['a.ts', '--executors', '3', '--executor-memory', '512m', '--', '--executors', 'x']),
  ).toMatchObject({
    file: 'a.ts',
    executors: 3,
    executorMemory: 512 * 1024 ** 2,
    args: ['--executors', 'x'],
  });
  expect(parseRunOptions(['--help'])).toBeUndefined();
  expect(() => parseRunOptions([])).toThrow('no file to run is named');
  expect(() => parseRunOptions(['a.ts', '--executors', '0'])).toThrow('--executors is "0"');
  expect(() => parseRunOptions(['a.ts', 'b.ts'])).toThrow('one file can be run, not 2');
});

test('tables are aligned and say what they leave out', () => {
  const columns = [
    { name: 'word', type: 'string' as const },
    { name: 'n', type: 'number' as const },
  ];
  expect(
    tableText({
      kind: 'table',
      columns,
      rows: [
        ['the\nend', 10],
        [null, 9],
      ],
      total: 7,
    }),
  ).toBe('word        n\n─────────  ──\nthe ⏎ end  10\n            9\n… showing 2 of 7 rows\n');
  expect(outputText({ kind: 'html', html: '<b>' })).toBe('[HTML, 3 characters]\n');
});

test('a cause at the same place is named without showing the code again', () => {
  const position = { file: 'cell:a', cellId: 'a', line: 1, column: 3 };
  const cause = { code: 'USER', name: 'TypeError', message: 'two', position };
  const error = {
    code: 'TASK_FAILED',
    name: 'StagelightError',
    message: 'failed',
    hint: 'Mend it.',
    position,
    cause,
  };
  expect(errorText(error, 'f.ts', [{ cellId: 'a', source: 'a.b();', lineOffset: 4 }])).toBe(
    'StagelightError: failed\n  at f.ts:5:3\n  > 5 | a.b();\n      |   ^\n  Mend it.\nCaused by: TypeError: two\n',
  );
});
