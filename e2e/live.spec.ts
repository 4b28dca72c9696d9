/** What a viewer sees while a job runs, held open at a known point; a reload and a crash in the middle lose nothing typed. */
import { expect, test } from './fixtures.ts';

test('A running job is shown live, and a reload or a crash in the middle loses nothing typed', async ({
  page,
  held,
  server,
  openNotebook,
}) => {
  const notebook = await openNotebook([
    `const url = ${JSON.stringify(held.url)};
const fetched = sc.parallelize([0, 1, 2, 3], 4).map(async (n) => {
  if (n > 0) await (await fetch(url)).text();
  return [n % 2, n] as [number, number];
});
await fetched.reduceByKey((a, b) => a + b).collect()`,
    `'after the held job'`,
    `'never run'`,
  ]);

  await test.step('two of four tasks are held, one is done, one waits', async () => {
    await notebook.run(1);
    await held.requested(2);
    await notebook.run(2);
    await expect(notebook.stages).toHaveCount(2);
  });

  const looksHeld = async () => {
    await expect(notebook.state(1)).toContainText('running');
    await expect(notebook.state(2)).toContainText(/queued\s*1st in the queue/);
    await expect(notebook.kernel).toHaveText('Kernel: running cell 1, 1 queued');
    await expect(notebook.stages.nth(0)).toHaveAccessibleName(
      /^Stage \d+, shuffle map, active, 1 of 4 tasks$/,
    );
    await expect(notebook.stages.nth(1)).toHaveAccessibleName(
      /^Stage \d+, result, pending, 0 of 2 tasks$|^Stage \d+, result, pending, 0 of 4 tasks$/,
    );
    const bar = notebook.cell(1).getByRole('progressbar').first();
    await expect(bar).toHaveAttribute('aria-valuenow', '1');
    await expect(bar).toHaveAttribute('aria-valuemax', '4');
    await expect(notebook.tasks.getByRole('row').filter({ hasText: 'running' })).toHaveCount(2);
    await expect(notebook.tasks.getByRole('row').filter({ hasText: 'success' })).toHaveCount(1);
    await notebook.showTimelineAsTable();
    await expect(notebook.bars.filter({ hasText: 'running' })).toHaveCount(2);
    await expect(notebook.bars.filter({ hasText: 'success' })).toHaveCount(1);
  };
  await test.step('the page shows exactly that', looksHeld);

  await test.step('a reload shows the same, with the text typed a moment before', async () => {
    await notebook.write(3, `const typed = 'a moment before the reload';`);
    await page.reload();
    await expect(notebook.cell(3)).toContainText('a moment before the reload');
    await notebook.cell(1).click({ position: { x: 4, y: 4 } });
    await looksHeld();
  });

  await test.step('the server dies in the middle: the page says what was lost, and the cells run anew', async () => {
    await server.crashAndRestart();
    await expect(page.getByRole('alert').filter({ hasText: 'kernel lost' })).toBeVisible();
    await expect(notebook.kernel).toHaveText('Kernel: dead');
    await expect(notebook.cell(3)).toContainText('a moment before the reload');
    await expect(notebook.state(1)).not.toContainText('running');
    await expect(notebook.state(2)).not.toContainText('queued');
    await notebook.run(1);
    await held.requested(4);
    await notebook.run(2);
    await notebook.cell(1).click({ position: { x: 4, y: 4 } });
    await notebook.showTimelineAsTable();
    await looksHeld();
  });

  await test.step('released, everything completes in order', async () => {
    held.release('now');
    await expect(notebook.state(1)).toContainText('done');
    await expect(notebook.stages.nth(0)).toHaveAccessibleName(/complete, 4 of 4 tasks$/);
    await expect(notebook.stages.nth(1)).toHaveAccessibleName(/result, complete/);
    await expect(notebook.bars.filter({ hasText: 'running' })).toHaveCount(0);
    await expect(notebook.output(1).getByRole('row', { name: '1 4' })).toBeVisible();
    await expect(notebook.state(2)).toContainText('done');
    await expect(notebook.output(2)).toContainText('after the held job');
    await expect(notebook.kernel).toHaveText('Kernel: idle');
    await expect(notebook.cell(3)).toContainText('a moment before the reload');
    await expect(notebook.state(3)).toHaveCount(0);
  });

  await test.step('a server killed the moment an output is on the page has it when it is back', async () => {
    await notebook.write(3, `console.log('shown a moment ago'); await new Promise(() => {})`);
    await notebook.run(3);
    await expect(notebook.output(3)).toContainText('shown a moment ago');
    await server.crashAndRestart();
    await page.reload();
    await expect(notebook.output(3)).toContainText('shown a moment ago');
    await expect(notebook.state(3)).toContainText('interrupted');
    await expect(notebook.output(2)).toContainText('after the held job');
    await expect(page.getByText('on this page alone')).toHaveCount(0);
  });
});
