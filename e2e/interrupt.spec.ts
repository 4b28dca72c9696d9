/** Whatever a cell does, an interrupt ends it and keeps the variables; a restart loses them and keeps the outputs. */
import { expect, test } from './fixtures.ts';

test('An interrupt ends any cell and keeps the variables; a restart loses them', async ({
  page,
  held,
  openNotebook,
}) => {
  const notebook = await openNotebook([
    `let runs = 40;\nruns`,
    `console.log('spinning'); while (true) {}`,
    `console.log('waiting'); while (true) { await sleep(20) }`,
    `const url = ${JSON.stringify(held.url)};
await sc.parallelize([1, 2], 2).map(async (n) => (await fetch(url)).text()).count()`,
    `runs += 1;
'runs is ' + runs`,
    `const text: string = runs;`,
  ]);
  await notebook.run(1);
  await expect(notebook.output(1)).toContainText('40');

  const interruptAndGoOn = async (cell: number, runs: number) => {
    await notebook.interrupt();
    await expect(notebook.state(cell)).toContainText('interrupted');
    await expect(notebook.kernel).toHaveText('Kernel: idle');
    await notebook.run(5);
    await expect(notebook.output(5)).toContainText(`runs is ${runs}`);
  };

  await test.step('a loop that never yields', async () => {
    await notebook.run(2);
    await expect(notebook.output(2)).toContainText('spinning');
    await interruptAndGoOn(2, 41);
  });

  await test.step('a loop that waits, and the cell queued behind it', async () => {
    await notebook.run(3);
    await expect(notebook.output(3)).toContainText('waiting');
    await notebook.run(1);
    await expect(notebook.state(1)).toContainText('queued');
    await notebook.interrupt();
    await expect(notebook.state(3)).toContainText('interrupted');
    await expect(notebook.state(1)).toContainText('not run');
    await expect(notebook.kernel).toHaveText('Kernel: idle');
    await notebook.run(5);
    await expect(notebook.output(5)).toContainText('runs is 42');
  });

  await test.step('a page opened while a cell runs knows types once it is asked for one', async () => {
    await notebook.run(3);
    await expect(notebook.output(3)).toContainText('waiting');
    await page.reload();
    await expect(notebook.state(3)).toContainText('running');
    await notebook.explain(6, 'runs', 'let runs: number');
    await expect(notebook.cell(6).locator('.squiggly-error')).not.toHaveCount(0);
    await notebook.interrupt();
    await expect(notebook.state(3)).toContainText('interrupted');
    await expect(notebook.kernel).toHaveText('Kernel: idle');
  });

  await test.step('a job whose tasks wait', async () => {
    await notebook.run(4);
    await held.requested(2);
    await expect(notebook.stages.first()).toHaveAccessibleName(/result, active, 0 of 2 tasks$/);
    await interruptAndGoOn(4, 43);
    await notebook
      .cell(4)
      .getByRole('button', { name: /1 job ·/ })
      .click();
    await expect(notebook.cell(4).getByRole('button', { name: /^cancelled Job \d+/ })).toBeVisible();
    await expect(notebook.stages.first()).toHaveAccessibleName(/^Stage \d+, result, failed, 0 of 2 tasks/);
  });

  await test.step('a restarted kernel knows nothing, and the outputs stay', async () => {
    await page.getByRole('button', { name: 'Restart', exact: true }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Restart kernel' }).click();
    await expect(notebook.kernel).toHaveText('Kernel: idle');
    await expect(notebook.output(2)).toContainText('spinning');
    await expect(notebook.output(5)).toContainText('runs is 43');
    await notebook.run(5);
    await expect(notebook.error(5)).toContainText('ReferenceError');
    await expect(notebook.error(5)).toContainText('runs is not defined');
    await expect(notebook.output(1)).toContainText('40');
  });
});
