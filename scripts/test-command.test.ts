/** `npm test` itself, with stand-ins for the tools that it runs: what it counts, prints and ends with. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { LONGEST } from './longest-first.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const PLACES = {
  npm: 'bin/npm',
  biome: 'node_modules/@biomejs/biome/bin/biome',
  tsc: 'node_modules/typescript/bin/tsc',
  vitest: 'node_modules/vitest/vitest.mjs',
  types: 'scripts/page-types.mjs',
  next: 'node_modules/next/dist/bin/next',
  playwright: 'node_modules/@playwright/test/cli.js',
};
type Tool = keyof typeof PLACES;

const UNTIL = (file: string) => `for (const began = Date.now(); !existsSync('${file}'); )
      if (Date.now() - began > 60_000) process.exit(3);`;
const UNIT = `const [, file] = process.argv.find((arg) => arg.startsWith('--outputFile.json=')).split('=');`;
const WELL: Record<Tool, string> = {
  npm: `require('node:fs').mkdirSync('node_modules/.bin', { recursive: true })`,
  biome: '',
  tsc: '',
  // It and the build wait for each other: one after the other, both would give up.
  vitest: `import { existsSync, writeFileSync } from 'node:fs';
    ${UNIT}
    ${UNTIL('next-began')}
    writeFileSync('vitest-ended', '');
    writeFileSync(file, JSON.stringify({ numPassedTests: 5, numFailedTests: 0 }));`,
  types: '',
  next: `const { existsSync, writeFileSync } = require('node:fs');
    writeFileSync('next-began', '');
    ${UNTIL('vitest-ended')}
    console.log('built');`,
  playwright: `require('node:fs').writeFileSync(process.env.PLAYWRIGHT_JSON_OUTPUT_NAME,
    JSON.stringify({ stats: { expected: 3, flaky: 1, unexpected: 0 } }))`,
};

/** Runs the command where the tools do what `WELL` and `changed` say; the steps are those it printed the time of. */
function npmTest(changed: Partial<Record<Tool, string>> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'stagelight-test-'));
  folders.push(root);
  for (const name of ['test.mjs', 'build.mjs', 'launch.mjs'])
    cpSync(join(import.meta.dirname, name), join(root, 'scripts', name));
  const files: Record<string, string> = {
    'package.json': '{}',
    'cli/server-flags.json': '[]',
    'e2e/playwright.config.ts': '',
  };
  for (const [tool, place] of Object.entries(PLACES))
    files[place] = changed[tool as Tool] ?? WELL[tool as Tool];
  files[PLACES.npm] = `#!${process.execPath}\n${files[PLACES.npm]}`;
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: 0o755 });
  }
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, 'scripts', 'test.mjs')], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(root, 'bin')}:${process.env['PATH']}` },
  });
  const steps = [...stdout.matchAll(/^── (.*): \d+\.\d s$/gm)].map(([, title]) => title);
  return { stdout, stderr, status, steps, last: stdout.trimEnd().split('\n').at(-1) };
}

const ALL = ['lint', 'types', 'unit and engine', 'page build', 'end to end'];

test('every step counts, the page is built beside the unit tests, and its lines stand together', () => {
  const { stdout, status, steps, last } = npmTest();
  expect({ status, steps, last }).toEqual({ status: 0, steps: ALL, last: '12 passed, 0 failed' });
  expect(stdout).toMatch(
    /── page build\nstagelight: writing .*\nstagelight: building the page .*\n── page build: /,
  );
});

test('a page that cannot be built is one failure, with what the build said, and no story is run', () => {
  const next = `${WELL.next} console.error('no such module'); process.exit(1);`;
  const { stdout, status, steps, last } = npmTest({ next });
  const done = ALL.slice(0, 4);
  expect({ status, steps, last }).toEqual({ status: 1, steps: done, last: '7 passed, 1 failed' });
  expect(stdout).toMatch(/built\nno such module\nstagelight: building the page .* failed \(exit code 1\)\./);
});

test.each<[string, Partial<Record<Tool, string>>, string]>([
  ['lint and types', { biome: 'process.exit(1)', tsc: 'process.exit(2)' }, '10 passed, 2 failed'],
  [
    'stories',
    { playwright: `${WELL.playwright.replace('unexpected: 0', 'unexpected: 2')}; process.exit(1)` },
    '12 passed, 2 failed',
  ],
  ['stories without a report', { playwright: `process.kill(process.pid, 'SIGKILL')` }, '8 passed, 1 failed'],
  [
    'unit tests',
    { vitest: `${WELL.vitest.replace('numFailedTests: 0', 'numFailedTests: 2')} process.exit(1)` },
    '12 passed, 2 failed',
  ],
  [
    'a unit test run that says of none that it failed',
    { vitest: `${WELL.vitest} process.exit(1)` },
    '12 passed, 1 failed',
  ],
])('failures of %s are counted, and the other steps run', (_, changed, counted) => {
  const { status, steps, last } = npmTest(changed);
  expect({ status, steps, last }).toEqual({ status: 1, steps: ALL, last: counted });
});

test('the test files that begin first are there', () => {
  expect(LONGEST.filter((file) => !existsSync(file))).toEqual([]);
});
