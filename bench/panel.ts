/**
 * The execution panel with a large job in a real browser: how long until its graph is drawn, and how long the page's
 * thread is held while updates come in. Run it after a build: node bench/panel.ts [stages] [tasks].
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { chromiumPath } from '../e2e/chromium.ts';
import { startServer } from '../e2e/fixtures.ts';

const STAGES = Number(process.argv[2] ?? 2000);
const TASKS = Number(process.argv[3] ?? 100_000);
const NOTEBOOK = `// %% id="stages"
let rows = sc.range(0, 8, 1, 2).map((n) => [n, n] as [number, number]);
const rounds: typeof rows[] = [rows];
for (let round = 1; round < ${STAGES}; round++) {
  // A binary tree; a child never has its parent's number of partitions, which would be no shuffle.
  rounds.push(rounds[round >> 1]!.partitionBy(2 + (Math.floor(Math.log2(round)) % 2)));
}
await sc.union(rounds.slice(-${STAGES} / 2)).count()

// %% id="tasks"
await sc.range(0, ${TASKS}, 1, ${TASKS}).map((n) => n % 7).count()
`;

/** Notes every long task of the page's thread. Runs in the page. */
function recordLongTasks(): void {
  const tasks: number[] = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) tasks.push(entry.duration);
  }).observe({ entryTypes: ['longtask'] });
  (globalThis as unknown as { longTasks: number[] }).longTasks = tasks;
}

const server = await startServer();
const browser = await chromium.launch({
  executablePath: await chromiumPath(),
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  await writeFile(join(server.root, 'panel.ts'), NOTEBOOK);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-US' });
  const open = async () => {
    await page.goto(`${server.origin}/notebook?path=panel.ts`);
    await page.getByRole('region', { name: 'Cell 1', exact: true }).waitFor();
    await page.locator('.monaco-editor').first().waitFor();
    await page.evaluate(() => new Promise((idle) => requestIdleCallback(idle)));
    await page.evaluate(recordLongTasks);
  };
  const longTasks = async () => {
    const tasks = await page.evaluate(() =>
      (globalThis as unknown as { longTasks: number[] }).longTasks.splice(0),
    );
    return `${tasks.length} long tasks, longest ${Math.round(Math.max(0, ...tasks))} ms`;
  };
  const run = async (n: number) => {
    const cell = page.getByRole('region', { name: `Cell ${n}`, exact: true });
    await cell.getByRole('button', { name: /^Run/ }).first().click();
    await cell
      .getByRole('paragraph')
      .filter({ hasText: /^(done|error)/ })
      .waitFor({ timeout: 600_000 });
    console.log(`cell ${n}: ${await cell.getByRole('paragraph').first().innerText()}`);
  };
  await page.goto(server.url);
  await open();
  await run(1);
  console.log(`while a job of ${STAGES} stages runs: ${await longTasks()}`);
  const panel = page.getByRole('complementary', { name: 'Execution' });
  console.log(await panel.getByRole('heading', { name: 'Stages' }).locator('..').innerText());
  await page.screenshot({ path: join(server.root, '..', 'panel-stages.png') });

  await open();
  const started = await page.evaluate(() => performance.now());
  const first = panel
    .getByRole('group', { name: /^Stage graph/ })
    .getByRole('button')
    .first();
  await page.getByRole('region', { name: 'Cell 1', exact: true }).click({ position: { x: 4, y: 4 } });
  await first.waitFor();
  const shown = await page.evaluate(() => performance.now());
  console.log(`its graph after a reload: ${Math.round(shown - started)} ms; ${await longTasks()}`);
  for (const [what, act] of [
    ['every stage by itself', () => panel.getByRole('button', { name: 'Group loops' }).click()],
    ['fit the whole graph', () => panel.getByRole('button', { name: 'Fit the whole stage graph' }).click()],
    ['as a table', () => panel.getByRole('button', { name: 'Stages as a table' }).click()],
  ] as const) {
    const before = await page.evaluate(() => performance.now());
    await act();
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
    );
    const after = await page.evaluate(() => performance.now());
    console.log(`${what}: ${Math.round(after - before)} ms; ${await longTasks()}`);
    await page.screenshot({ path: join(server.root, '..', `panel-${what.replaceAll(' ', '-')}.png`) });
  }

  await run(2);
  console.log(`while a job of ${TASKS} tasks runs: ${await longTasks()}`);
  const tasks = panel.getByRole('group', { name: /^Tasks of stage/ });
  const asked = await page.evaluate(() => performance.now());
  await tasks.getByRole('button', { name: 'Duration' }).click();
  await tasks
    .getByRole('columnheader', { name: 'Duration' })
    .and(page.locator('[aria-sort=descending]'))
    .waitFor();
  const sorted = await page.evaluate(() => performance.now());
  console.log(`sorting ${TASKS} tasks: ${Math.round(sorted - asked)} ms; ${await longTasks()}`);
} finally {
  await browser.close();
  await server.stop();
}
