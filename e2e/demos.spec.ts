/** Each demo, opened from the home page and run, keeps what its text promises: results, skipped and retried stages, errors. */
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, NotebookPage, type StagelightServer, test } from './fixtures.ts';

const packages = join(import.meta.dirname, '..', 'node_modules');

async function openDemo(page: Page, server: StagelightServer, title: string, name: string) {
  await page.goto(server.url);
  await page.getByRole('region', { name: 'Demos' }).getByRole('link', { name: title }).click();
  await expect(page.getByRole('heading', { name: title, level: 1, exact: true })).toBeVisible();
  return new NotebookPage(page, `demos/${name}.ts`);
}

async function runToEnd(notebook: NotebookPage, last: number): Promise<void> {
  await notebook.runAll();
  await expect(notebook.state(last)).toContainText('done');
}

/** The panel shows the jobs of the cell that is selected. */
async function select(notebook: NotebookPage, n: number): Promise<void> {
  await notebook.cell(n).click({ position: { x: 2, y: 2 } });
  await expect(
    notebook.panel.getByRole('button', { name: new RegExp(`^cell ${n}(,|$)`) }).first(),
  ).toBeVisible();
}

/** The names of the stages in the graph, in order of their numbers. */
const names = (notebook: NotebookPage) =>
  notebook.stages.evaluateAll((nodes) =>
    nodes.map((node) => (node.getAttribute('aria-label') ?? '').replace(/^Stage \d+, /, '')),
  );

const summary = (notebook: NotebookPage): Locator =>
  notebook.panel.getByRole('group', { name: /^Summary metrics of stage/ });

const rows = (output: Locator): Locator => output.getByRole('table').locator('tbody').getByRole('row');

test('Inverted index: a search is a job of one task, and a changed query finds other chapters', async ({
  page,
  server,
}) => {
  const notebook = await openDemo(page, server, 'Inverted index', 'inverted-index');
  await runToEnd(notebook, 6);
  await expect(notebook.output(4)).toContainText('16,683 words in the index');
  await expect(rows(notebook.output(6))).toHaveCount(10);
  await expect(rows(notebook.output(6)).first()).toContainText(
    'CHAPTER 42. The Whiteness of The Whale.46 + 4',
  );

  await select(notebook, 4);
  await expect
    .poll(() => names(notebook))
    .toEqual([
      'shuffle map, skipped, 1 task, computed by job 0',
      'shuffle map, complete, 8 of 8 tasks',
      'shuffle map, complete, 8 of 8 tasks',
      'result, complete, 8 of 8 tasks',
    ]);
  await select(notebook, 6);
  await expect(notebook.panel.getByRole('button', { name: /lookup.* 3 stages skipped/ })).toHaveCount(2);
  await expect(notebook.stages.last()).toHaveAccessibleName(
    /^Stage \d+, result, complete, 1 of 1 tasks, from cache$/,
  );

  const text = await readFile(join(server.root, notebook.path), 'utf8');
  const search = text.split(/^\/\/ %%.*\n/m)[6] ?? '';
  await notebook.write(6, search.trim().replace("'white whale'", "'ahab leg'"));
  await notebook.run(6);
  await expect(rows(notebook.output(6)).first()).toContainText('CHAPTER 108. Ahab and the Carpenter.');
});

test('Flights: says what to install, then joins in three ways and sorts', async ({ page, server }) => {
  const notebook = await openDemo(page, server, 'Flights: joins and a sort', 'flights');
  await notebook.runAll();
  await expect(notebook.error(2)).toContainText('Cannot find "vega-datasets".');
  await expect(notebook.error(2)).toContainText('npm install vega-datasets');
  await expect(notebook.error(2).getByRole('button', { name: /^cell 2, line 4/ })).toBeVisible();

  const folder = join(server.root, 'demos', 'node_modules');
  await mkdir(folder, { recursive: true });
  await symlink(join(packages, 'vega-datasets'), join(folder, 'vega-datasets'));
  await runToEnd(notebook, 14);
  await expect(notebook.output(2)).toContainText('20000 flights, 3376 airports');
  await expect(rows(notebook.output(4)).first()).toHaveText(/^WA39012\.55$/);
  await expect(notebook.output(6)).toContainText('same answer: true');
  await expect(notebook.output(8)).toContainText('same answer: true');
  await expect(rows(notebook.output(12)).last()).toHaveText(/^99137$/);
  await expect(notebook.output(14).getByRole('region', { name: /^Plot, cell 14/ })).toBeVisible();

  await select(notebook, 4);
  await expect
    .poll(() => names(notebook))
    .toEqual([
      'shuffle map, complete, 4 of 4 tasks',
      'shuffle map, complete, 2 of 2 tasks',
      'shuffle map, complete, 4 of 4 tasks',
      'result, complete, 4 of 4 tasks',
    ]);
  await select(notebook, 8);
  await notebook.panel.getByRole('button', { name: /^succeeded Job \d+ collect line/ }).click();
  await expect(notebook.stages).toHaveCount(2);
  await select(notebook, 12);
  const prepares = notebook.panel.getByRole('list', { name: /^Prepares job/ });
  await expect(prepares.getByRole('button', { name: /sortBy/ })).toBeVisible();
  await expect(prepares.getByRole('button', { name: /zipWithIndex/ })).toBeVisible();
});

test('Monte Carlo pi: jobs of one stage, a plot, and the same pi every time', async ({ page, server }) => {
  const notebook = await openDemo(page, server, 'Monte Carlo pi', 'monte-carlo-pi');
  await runToEnd(notebook, 6);
  await expect(rows(notebook.output(6))).toHaveText([/3\.140216/, /3\.140193/, /3\.14109/, /3\.14155/]);
  await expect(notebook.output(4).getByRole('region', { name: /^Plot, cell 4/ })).toHaveCount(1);
  await expect(notebook.output(4)).toContainText('64 rows');
  await select(notebook, 4);
  await notebook.panel.getByRole('button', { name: /Iteration 1…8 of collect/ }).click();
  await notebook.panel.getByRole('button', { name: /Iteration 8 ·/ }).click();
  await expect.poll(() => names(notebook)).toEqual(['result, complete, 8 of 8 tasks']);
});

test('PageRank: later steps skip the earlier ones, and with a cache read no shuffle', async ({
  page,
  server,
}) => {
  const notebook = await openDemo(page, server, 'PageRank', 'pagerank');
  await runToEnd(notebook, 9);
  await expect(notebook.output(8)).toContainText('no rank changes any more after 20 steps');
  await expect(rows(notebook.output(9)).first()).toHaveText(/^ATL0\.05938$/);

  const reads = summary(notebook).getByRole('rowheader', { name: 'Shuffle Read Size' });
  const openIteration = async (cell: number, loop: RegExp) => {
    await select(notebook, cell);
    await notebook.panel.getByRole('button', { name: loop }).click();
    await notebook.panel
      .getByRole('button', { name: /^succeeded Iteration 5 · .* 5 stages skipped/ })
      .click();
    await expect(notebook.stages).toHaveCount(7);
    const states = (await names(notebook)).map((each) => each.split(', ')[1]);
    expect(states.filter((state) => state === 'skipped')).toHaveLength(5);
    const step = notebook.stages.and(notebook.panel.getByRole('button', { name: /shuffle map, complete/ }));
    await step.click();
    await expect(step).toHaveAttribute('aria-pressed', 'true');
    await expect(summary(notebook).getByRole('rowheader', { name: 'Shuffle Write Size' })).toBeVisible();
  };
  await openIteration(6, /Iteration 1…5 of sum/);
  await expect(reads).toBeVisible();
  await openIteration(8, /Iteration 1…20 of max/);
  await expect(reads).toHaveCount(0);
  expect((await names(notebook)).some((name) => /shuffle map, complete, .*from cache/.test(name))).toBe(true);
});

test('Skewed keys: one partition has most of the rows, salted none has', async ({ page, server }) => {
  const notebook = await openDemo(page, server, 'Skewed keys, and salt', 'skewed-keys');
  await runToEnd(notebook, 8);
  await expect(notebook.output(6)).toContainText('same answer: true');
  await expect(notebook.output(8)).toContainText('largest partition: 3.3 times the mean, salted 1.2 times');
  await expect(rows(notebook.output(8)).nth(2)).toHaveText(/^2408,815108,653$/);

  const readRecords = summary(notebook).getByRole('row', { name: /^Shuffle Read Records/ });
  await select(notebook, 4);
  await notebook.stages.nth(1).click();
  await expect(readRecords.getByRole('cell').last()).toHaveText('408,815');
  await notebook.tasks.getByRole('button', { name: /^Shuffle Read Size/ }).click();
  await expect(notebook.tasks.getByRole('rowheader').first()).toHaveAccessibleName('Partition 2, attempt 0');
  await select(notebook, 6);
  await notebook.stages.nth(1).click();
  await expect(readRecords.getByRole('cell').last()).toHaveText('146,522');
});

test('Faults: a task passes the third time, one never does, and a lost executor costs no result', async ({
  page,
  server,
}) => {
  const notebook = await openDemo(page, server, 'When a task fails', 'faults');
  await runToEnd(notebook, 8);
  await expect(notebook.output(2)).toContainText('0 1 4 9 16 25 36 49');
  await select(notebook, 2);
  await expect(notebook.stages).toHaveAccessibleName(
    'Stage 0, result, complete, 4 of 4 tasks, 2 task attempts failed',
  );
  await expect(notebook.stages).toContainText('retried');
  const attempts = notebook.tasks.getByRole('rowheader', { name: /^Partition 2, attempt/ });
  await expect(attempts).toHaveCount(3);
  await expect(notebook.tasks.getByRole('row', { name: /^Partition 2, attempt 2/ })).toContainText('success');
  await expect(notebook.tasks).toContainText('Error: no network');

  await expect(notebook.state(5)).toContainText('done');
  await expect(notebook.error(5)).toContainText('partition 2 failed 4 times');
  await expect(notebook.error(5)).toContainText('no age in "Alan"');
  await notebook
    .error(5)
    .getByRole('button', { name: /^cell 5, line 4/ })
    .first()
    .click();
  await expect(notebook.editor(5)).toBeFocused();

  await expect(rows(notebook.output(8))).toHaveCount(10);
  await expect(rows(notebook.output(8)).last()).toHaveText(/^98,160$/);
  await select(notebook, 8);
  await notebook.panel.getByRole('button', { name: /^succeeded Job 3 collect/ }).click();
  await expect
    .poll(() => names(notebook))
    .toEqual([
      'shuffle map, skipped, 4 tasks, computed by job 2',
      // What the lost executor alone had cached; how much that was is a matter of chance.
      expect.stringMatching(
        /^result, complete, 4 of 4 tasks, (\d of 4 partitions computed again, )?1 task attempt failed$/,
      ),
    ]);
  await notebook.stages.nth(1).click();
  await expect(notebook.tasks.getByRole('row', { name: /^Partition 1, attempt 0/ })).toContainText('failed');
  await expect(notebook.tasks.getByRole('row', { name: /^Partition 1, attempt 1/ })).toContainText('success');
});

test('The same rows, every time: a killed executor costs no throw of the dice, and a job reads one life of a dataset', async ({
  page,
  server,
}) => {
  const notebook = await openDemo(page, server, 'The same rows, every time', 'same-rows');
  await runToEnd(notebook, 14);
  await expect(notebook.output(3)).toContainText('150000 pairs, 0 of them wrong');
  await expect(notebook.output(5)).toContainText('0 rows in both parts, 0 in none');
  await expect(notebook.output(11)).toContainText('one game in one job: true');
  await expect(notebook.output(11)).toContainText('another one than before: true');
  await expect(notebook.output(14)).toContainText('after a shuffle: 100000, 50000, 25000');

  await select(notebook, 11);
  await notebook.panel.getByRole('button', { name: /^succeeded Job \d+ collect / }).click();
  await expect
    .poll(() => names(notebook))
    .toEqual([
      'shuffle map, complete, 4 of 4 tasks, attempt 2',
      'shuffle map, complete, 4 of 4 tasks',
      'result, complete, 2 of 2 tasks',
    ]);

  await select(notebook, 8);
  const executors = notebook.panel.getByRole('group', { name: /^Executors of stage/ });
  await executors.getByRole('button', { name: 'Break executor 0' }).click();
  await page.getByRole('menuitem', { name: 'Kill executor 0', exact: true }).click();
  await expect(executors).toContainText(/Executor 0 is gone: killed from the page/);
  await notebook.run(8);
  await expect(notebook.state(8)).toContainText('done');
  await expect(notebook.output(8)).toContainText('the same throw: true');
  await expect.poll(() => names(notebook)).toEqual(['result, complete, 4 of 4 tasks']);
});
