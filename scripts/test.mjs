/**
 * `npm test`: installs, then lint, types, unit and engine tests, page build, end-to-end tests.
 * Ends with one line, `N passed, N failed`; lint, types and build count as one check each.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment, ensureBuilt, ensureInstalled, nodePath, root } from './launch.mjs';

ensureInstalled();
const reports = join(root, '.cache', 'reports');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
let passed = 0;
let failed = 0;

function run(title, script, args, env = {}) {
  const started = Date.now();
  process.stdout.write(`\n── ${title}\n`);
  const result = spawnSync(nodePath(), [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...childEnvironment(), ...env },
  });
  process.stdout.write(`── ${title}: ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return result.status === 0;
}

function check(title, script, args) {
  if (run(title, script, args)) passed += 1;
  else failed += 1;
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

check('lint', '@biomejs/biome/bin/biome', ['ci', '.']);
check('types', 'typescript/bin/tsc', ['--noEmit', '-p', '.']);

const unitReport = join(reports, 'unit.json');
const unitOk = run('unit and engine', 'vitest/vitest.mjs', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${unitReport}`,
]);
const unit = report('unit.json');
count(unitOk, unit?.numPassedTests ?? 0, unit?.numFailedTests ?? 0);

if (existsSync(join(root, 'e2e', 'playwright.config.ts'))) {
  ensureBuilt();
  passed += 1;
  const e2eOk = run('end to end', '@playwright/test/cli.js', ['test', '-c', 'e2e'], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: join(reports, 'e2e.json'),
  });
  const stats = report('e2e.json')?.stats;
  count(e2eOk, (stats?.expected ?? 0) + (stats?.flaky ?? 0), stats?.unexpected ?? 0);
}

process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
