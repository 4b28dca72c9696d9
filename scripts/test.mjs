/**
 * `npm test`: installs, then lint, types, unit and engine tests with the page build beside them, end-to-end tests.
 * Ends with one line, `N passed, N failed`; lint, types and build count as one check each.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment, ensureInstalled, nodePath, root } from './launch.mjs';

ensureInstalled();
const reports = join(root, '.cache', 'reports');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
let passed = 0;
let failed = 0;

const seconds = (started) => `${((Date.now() - started) / 1000).toFixed(1)} s`;

/** Resolves to whether the script ended well; what it prints goes where `output` says, as in the `stdio` of `spawn`. */
function runNode(script, args, env, output) {
  const child = spawn(nodePath(), [join(root, script), ...args], {
    cwd: root,
    stdio: ['ignore', output, output],
    env: { ...childEnvironment(), ...env },
  });
  const ended = new Promise((resolve) => {
    child.on('close', (code) => resolve(code === 0));
    child.on('error', (error) => {
      process.stderr.write(`stagelight: cannot start ${script}: ${error.message}\n`);
      resolve(false);
    });
  });
  return { child, ended };
}

async function run(title, script, args, env = {}) {
  const started = Date.now();
  process.stdout.write(`\n── ${title}\n`);
  const ok = await runNode(join('node_modules', script), args, env, 'inherit').ended;
  process.stdout.write(`── ${title}: ${seconds(started)}\n`);
  return ok;
}

/** Runs a script beside others: all that it prints is told at once when it is awaited. */
function runBeside(title, script, args = []) {
  const started = Date.now();
  const { child, ended } = runNode(script, args, {}, 'pipe');
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      printed += text;
    });
  }
  const told = ended.then((ok) => ({
    ok,
    text: `\n── ${title}\n${printed}── ${title}: ${seconds(started)}\n`,
  }));
  return async () => {
    const { ok, text } = await told;
    process.stdout.write(text);
    return ok;
  };
}

function check(ok) {
  if (ok) passed += 1;
  else failed += 1;
  return ok;
}

function report(name) {
  const path = join(reports, name);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** Adds a suite's counts; a run that failed without saying which test, or left no report, is one failure. */
function count(ok, suitePassed, suiteFailed) {
  passed += suitePassed;
  failed += ok ? suiteFailed : Math.max(suiteFailed, 1);
}

check(await run('lint', '@biomejs/biome/bin/biome', ['ci', '.']));
check(await run('types', 'typescript/bin/tsc', ['--noEmit', '-p', '.']));

const hasStories = existsSync(join(root, 'e2e', 'playwright.config.ts'));
// After the check of types, which reads what the build writes.
const built = hasStories ? runBeside('page build', join('scripts', 'build.mjs')) : undefined;

const unitReport = join(reports, 'unit.json');
const unitOk = await run('unit and engine', 'vitest/vitest.mjs', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${unitReport}`,
]);
const unit = report('unit.json');
count(unitOk, unit?.numPassedTests ?? 0, unit?.numFailedTests ?? 0);

// Without a page there are no stories: the failed build stands for them.
if (built && check(await built())) {
  const e2eOk = await run('end to end', '@playwright/test/cli.js', ['test', '-c', 'e2e'], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: join(reports, 'e2e.json'),
  });
  const stats = report('e2e.json')?.stats;
  count(e2eOk, (stats?.expected ?? 0) + (stats?.flaky ?? 0), stats?.unexpected ?? 0);
}

process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
