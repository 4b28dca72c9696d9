/** The first five minutes: home, the demo, its two stages, its table, its tasks; nothing of it lost by a crash. */
import type { Locator } from '@playwright/test';
import { expect, NotebookPage, test } from './fixtures.ts';

/** Records the theme at the moment the body begins, which is before anything of it is painted. */
function recordFirstTheme(): void {
  new MutationObserver((_records, observer) => {
    if (!document.body) return;
    observer.disconnect();
    document.documentElement.dataset['firstTheme'] = document.documentElement.dataset['theme'] ?? 'none';
  }).observe(document, { childList: true, subtree: true });
}

/** In how many different places these elements stand. */
async function placesOf(elements: Locator): Promise<number> {
  const boxes = await Promise.all((await elements.all()).map((element) => element.boundingBox()));
  return new Set(boxes.map((box) => `${box?.x} ${box?.y}`)).size;
}

test('Word count over Moby-Dick, from the home page to the tasks and back after a crash', async ({
  page,
  server,
}) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.addInitScript(recordFirstTheme);
  const html = page.locator('html');
  const notebook = new NotebookPage(page, 'demos/word-count.ts');

  await test.step('the demo opens from the home page', async () => {
    await page.goto(server.url);
    await expect(page).toHaveURL(`${server.origin}/`);
    await page.getByRole('region', { name: 'Demos' }).getByRole('link', { name: 'Word count' }).click();
    await expect(page.getByRole('heading', { name: 'Word count' })).toBeVisible();
    await expect(notebook.kernel).toHaveText('Kernel: not started');
  });

  await test.step('all cells run', async () => {
    await notebook.runAll();
    await expect(notebook.state(6)).toContainText('done');
    await expect(notebook.kernel).toHaveText('Kernel: idle');
    await expect(notebook.output(6)).toContainText('214,403 words, 16,683 different ones');
    await expect(notebook.output(6)).toContainText('ShuffledRDD');
  });

  await test.step('the most frequent words stand in a table that sorts', async () => {
    const table = notebook.output(4).getByRole('table');
    const first = table.locator('tbody').getByRole('row').first();
    await expect(first.getByRole('cell')).toHaveText(['the', '14,151', '']);
    await expect(notebook.output(4)).toContainText('20 rows');
    await table.getByRole('columnheader').first().getByRole('button').click();
    await expect(first.getByRole('cell').first()).toHaveText('a');
  });

  await test.step('the stage graph shows the two stages that ran first, complete', async () => {
    await notebook
      .cell(4)
      .getByRole('button', { name: /2 jobs ·/ })
      .click();
    await notebook
      .cell(4)
      .getByRole('button', { name: /^succeeded Job \d+ take/ })
      .click();
    await expect(notebook.stages).toHaveCount(3);
    await expect.poll(() => placesOf(notebook.stages)).toBe(3);
    await expect(notebook.stages.nth(0)).toHaveAccessibleName(/^Stage 0, shuffle map, skipped/);
    await notebook
      .cell(4)
      .getByRole('button', { name: /^succeeded Job \d+ sortBy/ })
      .click();
    await expect(notebook.stages).toHaveCount(2);
    await expect(notebook.stages.nth(0)).toHaveAccessibleName('Stage 0, shuffle map, complete, 8 of 8 tasks');
    await expect(notebook.stages.nth(1)).toHaveAccessibleName('Stage 1, result, complete, 8 of 8 tasks');
  });

  await test.step('the timeline has a bar for every task, as a table too', async () => {
    // The first executor may have done all before the second had started.
    await expect(
      notebook.panel.getByRole('group', { name: /^Timeline, 16 task attempts on (1 executor|2 executors) / }),
    ).toBeVisible();
    await notebook.showTimelineAsTable();
    await expect(notebook.bars).toHaveCount(16);
    await expect(notebook.bars.filter({ hasText: 'Partition 7, stage 0' })).toContainText('success');
    const head = notebook.panel.getByRole('group', { name: 'Timeline as a table', exact: true });
    for (const phase of [
      'Scheduler Delay',
      'Task Deserialization',
      'Shuffle Read',
      'Executor Computing',
      'Shuffle Write',
    ])
      await expect(head.getByRole('columnheader', { name: phase })).toBeVisible();
  });

  await test.step('a stage has its metrics by the names of Spark, and its tasks', async () => {
    await notebook.stages.nth(0).click();
    await expect(notebook.stages.nth(0)).toHaveAttribute('aria-pressed', 'true');
    const summary = notebook.panel.getByRole('group', { name: 'Summary metrics of stage 0' });
    await expect(summary.getByRole('columnheader')).toHaveText([
      'Metric',
      'Min',
      '25th',
      'Median',
      '75th',
      'Max',
    ]);
    await expect(summary.getByRole('row', { name: /^Input Records/ })).toBeVisible();
    await expect(summary.getByRole('row', { name: /^Shuffle Write Size/ })).toBeVisible();
    const tasks = notebook.panel.getByRole('group', { name: 'Tasks of stage 0' });
    for (const name of [
      'Index',
      'Status',
      'Executor ID',
      'Launch Time',
      'Duration',
      'GC Time',
      'Input Size / Records',
      'Shuffle Write Size / Records',
    ])
      await expect(tasks.getByRole('columnheader', { name, exact: true })).toBeVisible();
    await expect(tasks.locator('tbody').getByRole('row')).toHaveCount(8);
    await tasks.getByRole('button', { name: 'Index' }).click();
    await tasks.getByRole('button', { name: 'Index' }).click();
    await expect(tasks.getByRole('rowheader').first()).toHaveAccessibleName('Partition 7, attempt 0');
  });

  await test.step('a chosen theme is in force before the first paint of the next load', async () => {
    await expect(html).toHaveAttribute('data-theme', 'light');
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    await expect(html).toHaveAttribute('data-theme', 'dark');
    await page.reload();
    await expect(html).toHaveAttribute('data-first-theme', 'dark');
    await expect(html).toHaveAttribute('data-theme', 'dark');
  });

  await test.step('the outputs are there after the reload', async () => {
    await expect(notebook.output(4).getByRole('cell', { name: 'the', exact: true })).toBeVisible();
    await expect(notebook.output(6)).toContainText('214,403 words');
    await expect(notebook.state(6)).toContainText('done');
  });

  await test.step('and after a crash of the server, which the page reports as a lost kernel', async () => {
    await server.crashAndRestart();
    await expect(page.getByRole('alert').filter({ hasText: 'kernel lost' })).toBeVisible();
    await expect(notebook.kernel).toHaveText('Kernel: dead');
    await expect(notebook.output(4).getByRole('cell', { name: 'the', exact: true })).toBeVisible();
    await page.reload();
    await expect(notebook.output(4).getByRole('cell', { name: 'the', exact: true })).toBeVisible();
    await expect(notebook.output(6)).toContainText('214,403 words');
  });

  await test.step('the next run starts a new kernel', async () => {
    await notebook.run(2);
    await expect(notebook.state(2)).toContainText('done');
    await expect(notebook.kernel).toHaveText('Kernel: idle');
    await expect(page.getByRole('alert').filter({ hasText: 'kernel lost' })).toBeHidden();
  });
});
