/** Things are broken from the execution panel of a demo, and lineage makes again what was lost, no more, and says so. */
import { expectAccessible } from './accessible.ts';
import { expect, NotebookPage, test } from './fixtures.ts';

test('Lose a block, watch lineage: blocks, an executor and a slow partition, broken and repaired', async ({
  page,
  server,
}) => {
  await page.goto(server.url);
  const title = 'Lose a block, watch lineage';
  await page.getByRole('region', { name: 'Demos' }).getByRole('link', { name: title }).click();
  await expect(page.getByRole('heading', { name: title, level: 1, exact: true })).toBeVisible();
  const notebook = new NotebookPage(page, 'demos/lose-a-block.ts');
  const { panel, stages } = notebook;
  const menu = page.getByRole('menu');
  const said = panel.getByRole('status', { name: 'Faults' });
  const item = (name: string) => menu.getByRole('menuitem', { name, exact: true });
  const heading = (name: RegExp) => panel.getByRole('heading', { name, level: 2 });
  const hours = notebook.output(4).getByRole('table').locator('tbody').getByRole('row');
  /** Runs a cell; once it was done before, what follows waits for what the run shows. */
  const run = async (n: number) => {
    await notebook.run(n);
    await expect(notebook.state(n)).toContainText('done');
  };

  await test.step('nothing is offered while there is no kernel', async () => {
    await expect(panel).toBeVisible();
    await expect(panel.getByRole('button', { name: /^Break/ })).toHaveCount(0);
  });

  let undisturbed: string[] = [];
  await test.step('two runs: the second finds the blocks of the first', async () => {
    await run(2);
    await expect(stages).toHaveCount(2);
    await expect(stages.first()).toHaveAccessibleName('Stage 0, shuffle map, complete, 8 of 8 tasks');
    await run(4);
    await expect(stages.first()).toHaveAccessibleName(/^Stage 0, shuffle map, skipped, 8 tasks/);
    await expect(hours).toHaveCount(5);
    undisturbed = await hours.allTextContents();
  });

  await test.step('a block is dropped by keyboard, from the graph', async () => {
    await stages.first().focus();
    await page.keyboard.press('Shift+F10');
    await expect(menu).toBeVisible();
    await expectAccessible(page, 'the open menu of a stage');
    await expect(menu.getByRole('menuitem')).toHaveText([
      'Drop a block…',
      'Corrupt a block…',
      'Slow a partition…',
    ]);
    await page.keyboard.press('ArrowDown');
    await expect(item('Drop a block…')).toBeFocused();
    await page.keyboard.press('Enter');
    const form = page.getByRole('dialog', { name: 'Drop a block of stage 0' });
    await expect(form.getByRole('spinbutton', { name: 'Partition, 0 to 7' })).toBeFocused();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('3');
    await page.keyboard.press('Enter');
    await expect(form).toBeHidden();
    await expect(said).toContainText(
      /^Block of map partition 3 of stage 0, written by executor \d, was dropped from the page/,
    );
    await expect(stages.first()).toBeFocused();
  });

  await test.step('a second time there is nothing to drop, which is said where it was asked', async () => {
    await stages.first().click({ button: 'right' });
    await item('Drop a block…').click();
    const form = page.getByRole('dialog');
    await form.getByRole('spinbutton').fill('3');
    await form.getByRole('button', { name: 'Drop it' }).click();
    await expect(form.getByRole('alert')).toContainText(
      'The block of partition 3 of stage 0 is already lost',
    );
    await page.keyboard.press('Escape');
    await expect(form).toBeHidden();
  });

  await test.step('the next action computes this partition again, alone, and says why', async () => {
    await run(4);
    await expect(stages.first()).toHaveAccessibleName(
      'Stage 0, shuffle map, complete, 1 of 1 tasks, 1 of 8 partitions computed again, attempt 2',
    );
    await expect(stages.nth(1)).toHaveAccessibleName(
      /^Stage \d+, result, complete, \d of \d tasks, attempt 2/,
    );
    await expect(said).toContainText('Its loss was found: partition 3 of stage 0 computed again.');
    await stages.first().click();
    await expect(heading(/^Stage 0 \(attempt 2\)/)).toBeVisible();
    await expect(notebook.tasks.locator('tbody').getByRole('rowheader')).toHaveCount(1);
    await expect(notebook.tasks.getByRole('rowheader', { name: 'Partition 3, attempt 0' })).toBeVisible();
    const why =
      /Stage 0 partition 3 computed again: its map output was lost \(dropped from the page.*\); stage \d+ partition \d could not read it\./;
    await expect(notebook.tasks).toContainText(why);
    await expect(panel.getByRole('list', { name: 'Attempts of stage 0' })).toContainText(why);
    await notebook.showTimelineAsTable();
    await expect(notebook.bars.filter({ hasText: 'computed again' })).toHaveCount(1);
    await expect(notebook.bars.filter({ hasText: 'computed again' })).toContainText('Partition 3, stage 0');
    await expect(notebook.state(4)).toContainText('done');
    await expect(hours).toHaveText(undisturbed);
  });

  await test.step('a corrupted block is found by its checksum', async () => {
    await notebook.tasks.getByRole('button', { name: 'Break stage 0, partition 3' }).click();
    await item('Corrupt this block').click();
    await expect(said).toContainText(
      /Block of map partition 3 of stage 0, written by executor \d, was corrupted from the page/,
    );
    await run(4);
    await expect(stages.first()).toHaveAccessibleName(/1 of 8 partitions computed again, attempt 3$/);
    await stages.first().click();
    await expect(notebook.tasks).toContainText(
      /its map output was damaged \(corrupted from the page.*\), which the checksum showed/,
    );
    await expect(notebook.state(4)).toContainText('done');
    await expect(hours).toHaveText(undisturbed);
  });

  await test.step('an executor is killed: another one comes, and what it cached is computed again', async () => {
    await run(6);
    await stages.last().click();
    const executors = panel.getByRole('group', { name: /^Executors of stage/ });
    await executors.getByRole('button', { name: 'Break executor 0' }).click();
    await expect(menu.getByRole('menuitem')).toHaveText(['Kill executor 0', 'Drop all blocks of executor 0']);
    await item('Kill executor 0').click();
    await expect(said).toContainText('Executor 0 was killed from the page');
    // However far down it was asked for.
    await expect(said).toBeInViewport();
    await expect(executors.getByRole('button', { name: 'Break executor 0' })).toBeVisible();
    await expect(executors).toContainText(/Executor 0 is gone: killed from the page/);
    await run(8);
    await expect(said).toContainText(
      /What it had cached was needed: partitions? [\d, and]+ of stage \d+ computed again\./,
    );
    await expect(stages.last()).toHaveAccessibleName(/\d of 4 partitions computed again/);
    await stages.last().click();
    await expect(notebook.tasks).toContainText(
      /computed again: partition \d of the cached RDD \d+ \(mapValues\) was lost \(with executor 0: killed from the page.*\)/,
    );
    await expect(notebook.output(8)).toContainText('minutes in all');
  });

  await test.step('a slowed partition holds up its job until it is let go', async () => {
    const before = await notebook.output(8).textContent();
    await notebook.tasks.getByRole('button', { name: /^Break stage \d+, partition 2$/ }).click();
    await item('Slow this partition…').click();
    const form = page.getByRole('dialog', { name: /^Slow partition 2 of stage \d+$/ });
    await expectAccessible(page, 'the form that slows a partition', '[role=dialog]');
    await form.getByRole('spinbutton', { name: 'Begins later, seconds' }).fill('600');
    await form.getByRole('button', { name: 'Slow it' }).click();
    const slowed = panel.getByRole('list', { name: 'Slowed partitions' });
    await expect(slowed).toContainText(/Partition 2 of stage \d+ begins 600 s later, slowed from the page/);
    await notebook.run(8);
    await expect(stages.last()).toHaveAccessibleName(/^Stage \d+, result, active, 3 of 4 tasks/);
    await expect(notebook.tasks.getByRole('row').filter({ hasText: 'running' })).toHaveCount(1);
    await expect(notebook.tasks).toContainText(
      /Partition 2 of stage \d+ begins 600 s later, slowed from the page/,
    );
    await slowed.getByRole('button', { name: /^Let go/ }).dblclick();
    await expect(notebook.state(8)).toContainText('done');
    await expect(slowed).toBeHidden();
    await expect(said).toContainText(/^Partition 2 of stage \d+ was let go/);
    expect(await notebook.output(8).textContent()).toBe(before);
  });

  await test.step('a form that asks something of one kernel does not wait for the next', async () => {
    const form = page.getByRole('dialog');
    await stages.first().click({ button: 'right' });
    await item('Slow a partition…').click();
    await expect(form).toBeVisible();
    const other = await page.context().newPage();
    await other.goto(`${server.origin}/notebook?path=${encodeURIComponent(notebook.path)}`);
    await other.getByRole('button', { name: 'Restart', exact: true }).click();
    await other.getByRole('alertdialog').getByRole('button', { name: 'Restart kernel' }).click();
    await expect(form).toBeHidden();
    await other.close();
    await run(2);
    await expect(stages.first()).toHaveAccessibleName('Stage 0, shuffle map, complete, 8 of 8 tasks');
    await expect(form).toBeHidden();
  });

  await test.step('when the kernel is gone, nothing is offered any more', async () => {
    await expect(panel.getByRole('button', { name: /^Break/ }).first()).toBeVisible();
    await page.getByRole('button', { name: 'More about the kernel' }).click();
    await page.getByRole('menuitem', { name: 'Shut down kernel…' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Shut down kernel' }).click();
    await expect(notebook.kernel).toHaveText(/not started/);
    await expect(panel.getByRole('button', { name: /^Break/ })).toHaveCount(0);
  });
});
