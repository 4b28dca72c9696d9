/** The execution panel tells of a loop, of skipped and failed stages, by keyboard and as tables; source and stages point at each other. */
import { expectAccessible } from './accessible.ts';
import { expect, test } from './fixtures.ts';

test('Stages and source point at each other, loops stand together, states are told in words', async ({
  page,
  openNotebook,
}) => {
  const notebook = await openNotebook([
    `const pairs = sc.range(0, 40, 1, 4)
  .map((n) => [n % 4, n] as [number, number]);
const sums = pairs.reduceByKey((a, b) => a + b, 2);
for (let round = 0; round < 4; round++) {
  await sums.count();
}`,
    `await sums.map(([key, sum]) => {
  if (key === 3) throw new RangeError('three is not wanted');
  return sum;
}).collect()`,
  ]);
  const { panel, stages } = notebook;
  const lit = notebook.cell(1).locator('.cell-call-site');

  await test.step('a loop is one line of jobs and one box of stages', async () => {
    await notebook.run(1);
    await expect(notebook.state(1)).toContainText('done');
    const loop = panel.getByRole('button', { name: /Iteration 1…4 of count line 5/ });
    await expect(loop).toContainText('4/4');
    await expect(stages).toHaveCount(2);
    await expect(stages.nth(0)).toHaveAccessibleName(
      'Stage 0, shuffle map, complete, 4 of 4 tasks, used again by 3 jobs',
    );
    await expect(stages.nth(1)).toHaveAccessibleName(/^Group of 4 equal stages, result, 4 complete/);
    await loop.click();
    await panel.getByRole('button', { name: /Iteration 3 · Job 2/ }).click();
    await expect(stages.nth(0)).toHaveAccessibleName(
      'Stage 0, shuffle map, skipped, 4 tasks, computed by job 0',
    );
    await expect(stages.nth(0)).toContainText('skipped');
    await panel.getByRole('button', { name: 'All 4 jobs of the run' }).click();
    await expect(stages).toHaveCount(2);
  });

  await test.step('the keys walk through the graph, open a group and find a stage by its number', async () => {
    await stages.nth(0).focus();
    await page.keyboard.press('End');
    await expect(stages.nth(1)).toBeFocused();
    await page.keyboard.press('Home');
    await expect(stages.nth(0)).toBeFocused();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await expect(stages).toHaveCount(5);
    await stages.nth(0).focus();
    await page.keyboard.press('3');
    await expect(panel.getByRole('button', { name: /^Stage 3, result/ })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(panel.getByRole('button', { name: /^Stage 3, result/ })).toHaveAttribute(
      'aria-pressed',
      'true',
    );
    await expect(panel.getByRole('heading', { name: /^Stage 3/ })).toBeVisible();
  });

  await test.step('a stage lights its operators, the operator under the cursor lights its stages', async () => {
    const marks = notebook.cell(1).getByRole('list', { name: 'Rows and times by line' });
    await expect(marks).toContainText(/line 3 4 rows · (≈\S+ m?s|<1 ms) · 4 stages/);
    // A graph that is laid out meanwhile moves its stages away from the pointer.
    await expect(async () => {
      await notebook.kernel.hover();
      await stages.nth(0).hover();
      await expect(lit.first()).toBeVisible({ timeout: 1000 });
    }).toPass();
    await notebook.kernel.hover();
    await expect(lit).toHaveCount(0);
    await notebook.enter(1);
    await page.keyboard.press('ControlOrMeta+Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await expect(stages.nth(0)).toHaveAttribute('data-lit', '');
    await expect(stages.nth(4)).not.toHaveAttribute('data-lit');
    await expect(marks).toContainText(/line 2 40 rows/);
    await page.keyboard.insertText(' ');
    await expect(notebook.cell(1)).not.toContainText(/line 2 40 rows/);
    await expect(stages.nth(0)).not.toHaveAttribute('data-lit');
  });

  await test.step('the table says the same as the graph', async () => {
    const names = await stages.evaluateAll((nodes) =>
      nodes.map((node) => /^Stage \d+/.exec(node.getAttribute('aria-label') ?? '')?.[0]),
    );
    await panel.getByRole('button', { name: 'Stages as a table' }).click();
    const table = panel.getByRole('group', { name: 'Stages of jobs 0–3 as a table' });
    await expect(table.getByRole('rowheader')).toHaveText(names as string[]);
    await table.getByRole('button', { name: 'Stage Id' }).click();
    await expect(table.getByRole('rowheader').first()).toHaveText('Stage 4');
    await table.getByRole('button', { name: 'Stage 1', exact: true }).click();
    await expect(panel.getByRole('heading', { name: /^Stage 1/ })).toBeVisible();
    await panel.getByRole('button', { name: 'Stages as a table' }).click();
  });

  await test.step('failed and skipped are words, and the failure leads to its tasks', async () => {
    await notebook.run(2);
    await expect(notebook.state(2)).toContainText('error');
    await expect(stages).toHaveCount(2);
    await expect(stages.nth(0)).toContainText('skipped');
    await expect(stages.nth(1)).toContainText(/failed \d \/ 2/);
    await panel.getByRole('button', { name: 'Show 4 failed task attempts' }).click();
    await expect(panel.getByRole('combobox', { name: 'Tasks by status' })).toHaveValue('failed');
    await expect(notebook.tasks.getByRole('rowheader')).toHaveCount(4);
    await expect(notebook.tasks).toContainText('Attempt 1 because');
    await expect(notebook.tasks).toContainText('three is not wanted');
    await panel.getByRole('button', { name: 'Maximise the panel' }).click();
    await expectAccessible(page, 'the execution panel, maximised');
    await panel.getByRole('button', { name: 'Maximise the panel' }).click();
    await notebook
      .error(2)
      .getByRole('button', { name: /^stage \d+, partition \d+, attempt 3/ })
      .first()
      .click();
    await expect(panel.getByRole('combobox', { name: 'Tasks by status' })).toHaveValue('');
    const chosen = notebook.tasks.getByRole('rowheader', { name: /attempt 3$/ });
    await expect(chosen.getByRole('button', { pressed: true })).toBeVisible();
    await panel.getByRole('button', { name: 'cell 2, line 2' }).first().click();
    await expect(notebook.editor(2)).toBeFocused();
  });
});

test('A job that waits for another says for which and why, and is cancelled', async ({
  page,
  held,
  openNotebook,
}) => {
  const notebook = await openNotebook([
    `const drawn = sc.range(0, 12, 1, 2).map(() => Math.random()).setName('drawn').persist();
const made = drawn.map((n) => [n, 1] as [number, number]).reduceByKey((a, b) => a + b, 2).keys();
await made.count();`,
    `const url = ${JSON.stringify(held.url)};
const reading = made.map(async (n) => (await fetch(url)).ok).count();
drawn.unpersist().persist();
const both = made.union(drawn).countAsync();
const jobs = await Promise.allSettled([reading, both]);
jobs.map(({ status }) => status).join(' ')`,
  ]);
  const { panel } = notebook;
  await notebook.run(1);
  await expect(notebook.state(1)).toContainText('done');
  await notebook.run(2);
  await held.requested();
  const waiting = panel.getByRole('list', { name: 'Jobs' }).getByRole('button', { name: /^waiting Job 2/ });
  await expect(waiting).toContainText('waits for job 1');
  await expect(notebook.cell(2).getByRole('group', { name: 'Jobs of cell 2' })).toContainText(
    'waits for job 1',
  );
  await waiting.click();
  await expect(panel.getByRole('heading', { name: 'Job 2 · count' })).toBeVisible();
  const reason = 'what was made of other rows of drawn (RDD 1) than this job reads is still in use';
  await expect(panel).toContainText(`Waits for job 1: ${reason}.`);
  await expectAccessible(page, 'a job that waits');
  await panel.getByRole('button', { name: 'Cancel job' }).click();
  await expect(panel.getByRole('button', { name: /^cancelled Job 2/ })).toBeVisible();
  await expect(panel).toContainText(/Waited \S+ m?s for job 1: /);
  await panel.getByRole('button', { name: 'Show job 1' }).click();
  await expect(panel.getByRole('heading', { name: /^Job 1 · count/ })).toBeVisible();
  held.release('');
  await expect(notebook.output(2)).toContainText('fulfilled rejected');
});
