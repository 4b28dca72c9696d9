/** Two browsers in one notebook: who is where, both typing in one cell, runs, a dataset's variable, a server that dies. */
import { expectAccessible } from './accessible.ts';
import { expect, NotebookPage, test } from './fixtures.ts';

test('Two people write one notebook, and a crash of the server costs nothing', async ({
  page,
  browser,
  server,
  openNotebook,
}) => {
  const notebook = await openNotebook([
    'const base = 1;\n\nconst last = 2;',
    'const rows = sc.range(0, 100, 1, 4).cache();\nawait rows.map((n): [number, number] => [n % 3, n]).reduceByKey((a, b) => a + b).count()',
  ]);
  const context = await browser.newContext();
  const other = new NotebookPage(await context.newPage(), notebook.path);
  await other.page.request.get(server.url);
  await other.page.goto(page.url());
  await expect(other.cell(2)).toBeVisible();

  await test.step('they see that the other is there, and where', async () => {
    await expect(page.getByRole('button', { name: '2 people are here' })).toBeVisible();
    await page.getByRole('button', { name: '2 people are here' }).click();
    await expectAccessible(page, 'who is here');
    await page.keyboard.press('Escape');
    const here = notebook.cell(2).getByRole('list', { name: 'Also in this cell' });
    await other.enter(2);
    await expect(here).toContainText('Guest 2');
  });

  await test.step('both type into one cell', async () => {
    await notebook.enter(1);
    await other.enter(1);
    await page.keyboard.press('ControlOrMeta+Home');
    await other.page.keyboard.press('ControlOrMeta+End');
    await page.keyboard.type('// from one\n');
    await other.page.keyboard.type('\n// from the other');
    for (const each of [notebook, other]) {
      await expect(each.cell(1)).toContainText('// from one');
      await expect(each.cell(1)).toContainText('// from the other');
    }
    await expect(page.getByText('was also changed elsewhere')).toHaveCount(0);
  });

  await test.step('undo takes back one’s own words, and the other is seen at the caret', async () => {
    await expect(other.cell(1).locator('.peer-caret')).toHaveCount(1);
    // The new line, then the words before it.
    await page.keyboard.press('ControlOrMeta+Z');
    await page.keyboard.press('ControlOrMeta+Z');
    for (const each of [notebook, other]) {
      await expect(each.cell(1)).not.toContainText('// from one');
      await expect(each.cell(1)).toContainText('// from the other');
    }
    await page.keyboard.press('ControlOrMeta+Shift+Z');
    await page.keyboard.press('ControlOrMeta+Shift+Z');
    for (const each of [notebook, other]) await expect(each.cell(1)).toContainText('// from one');
  });

  await test.step('a step whose words the other has changed is not undone, and that is said', async () => {
    await page.keyboard.press('ControlOrMeta+Home');
    await page.keyboard.type('/*mine*/');
    await expect(other.cell(1)).toContainText('/*mine*/');
    await other.page.keyboard.press('ControlOrMeta+Home');
    for (let i = 0; i < 3; i++) await other.page.keyboard.press('ArrowRight');
    await other.page.keyboard.type('x');
    await expect(notebook.cell(1)).toContainText('/*mxine*/');
    await page.keyboard.press('ControlOrMeta+Z');
    const notice = page.getByRole('status', { name: 'Notice' });
    await expect(notice).toContainText('Not undone');
    await expectAccessible(page, 'a step that was not undone');
    await expect(notebook.cell(1)).toContainText('/*mxine*/');
    await notice.getByRole('button', { name: 'Dismiss the notice' }).click();
  });

  await test.step('a run of one is seen by both, with the dataset among the variables', async () => {
    await notebook.run(2);
    await expect(other.output(2)).toContainText('3');
    await other.page.keyboard.press('Escape');
    await other.page.keyboard.press('Alt+v');
    const panel = other.page.getByRole('region', { name: 'Variables of the notebook' });
    await panel.getByRole('button', { name: 'rows', exact: true }).click();
    await expect(panel).toContainText('4 of 4 partitions cached');
    await expect(panel.getByRole('list', { name: 'Lineage of rows' })).toContainText('range');
    await expectAccessible(other.page, 'the variables of a notebook with two people', 'body');
  });

  await test.step('keys after B go into the new cell', async () => {
    await notebook.cell(2).focus();
    await page.keyboard.press('b');
    await page.keyboard.type('const typed = 3;');
    await expect(other.cell(3)).toContainText('const typed = 3;');
  });

  await test.step('the server dies and comes back; what was typed meanwhile is there for both', async () => {
    await server.crashAndRestart(async () => {
      await expect(page.getByText('Server unreachable')).toBeVisible();
      await page.keyboard.type('// typed alone');
    });
    await expect(page.getByText('Server unreachable')).toHaveCount(0);
    await expect(other.cell(3)).toContainText('// typed alone');
    await expect(other.cell(1)).toContainText('// from one');
  });
  await context.close();
});
