/** Outputs one works with: a table, a plot edited by its form, a tree, a million lines, a look at a dataset. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectAccessible } from './accessible.ts';
import { expect, test } from './fixtures.ts';

test('outputs are sorted, filtered, copied, edited and opened', async ({
  context,
  openNotebook,
  page,
  server,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const notebook = await openNotebook([
    "const people = ['ada', 'bob', 'eve'].map((name, i) => ({ name, score: (i * 7) % 5, parts: { i } }));\npeople",
    'plot(people);',
    '({ deep: { list: [1, { name: "x" }] } })',
    'for (let i = 0; i < 1_000_000; i++) console.log("line", i);',
    'sc.parallelize(Array.from({ length: 4_000 }, (_, i) => "row " + i), 8)',
  ]);
  await notebook.runAll();

  await test.step('a table is sorted, filtered without losing the focus, opened and copied', async () => {
    const output = notebook.output(1);
    const table = output.getByRole('table');
    await table.getByRole('button', { name: 'score' }).click();
    await expect(table.locator('tbody').getByRole('row').first()).toContainText('eve');
    await output.getByRole('button', { name: 'Filter' }).click();
    const filter = output.getByRole('textbox', { name: 'Filter score' });
    await filter.pressSequentially('>=2');
    await expect(filter).toBeFocused();
    await expect(output.getByText('2 rows of 3 pass the filter')).toBeVisible();
    await expectAccessible(page, 'a table with its filter', '[aria-label="Output of cell 1"]');
    await output.getByRole('button', { name: 'Copy as Markdown' }).click();
    await expect(output.getByText('2 rows copied as Markdown')).toBeVisible();
    expect(await clipboard()).toContain('| eve | 4 | { i: 2 } |\n| bob | 2 | { i: 1 } |');
    await table.getByRole('cell', { name: 'bob' }).click();
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('ControlOrMeta+C');
    await expect(output.getByText('2 cells copied')).toBeVisible();
    expect(await clipboard()).toBe('bob\t2');
    await output.getByRole('button', { name: 'Open parts of row 3' }).click();
    await expect(output.getByRole('list', { name: 'Parts of parts, row 3' })).toContainText('i: 2');
    const saved = page.waitForEvent('download');
    await output.getByRole('button', { name: 'Save CSV' }).click();
    expect(await readFile(await (await saved).path(), 'utf8')).toBe(
      'name,score,parts\r\nada,0,{ i: 0 }\r\nbob,2,{ i: 1 }\r\neve,4,{ i: 2 }\r\n',
    );
  });

  await test.step('a plot is drawn, and its form writes the code that draws it otherwise', async () => {
    const output = notebook.output(2);
    await expect(output.getByRole('img', { name: 'Bars of name by score' })).toBeVisible();
    await output.getByRole('button', { name: 'Edit plot' }).click();
    const form = output.getByRole('region', { name: 'Edit plot' });
    await form.getByRole('combobox', { name: 'Mark' }).selectOption('dot');
    await form.getByRole('textbox', { name: 'Title' }).fill('Scores');
    await expectAccessible(page, 'a plot and its form', '[aria-label="Output of cell 2"]');
    await form.getByRole('button', { name: 'Write and run' }).click();
    await expect(output.getByRole('img', { name: /^Scores\. Dots of name by score/ })).toBeVisible();
    await expect
      .poll(() => readFile(join(server.root, notebook.path), 'utf8'))
      .toContain("plot(people, { x: 'score', y: 'name', mark: 'dot', title: 'Scores' });");
    await output.getByRole('button', { name: 'Plot as a table' }).click();
    await expect(output.getByRole('table').locator('tbody').getByRole('row')).toHaveCount(3);
    const saved = page.waitForEvent('download');
    await output.getByRole('button', { name: 'Save SVG' }).click();
    expect(await readFile(await (await saved).path(), 'utf8')).toContain('Scores</text>');
  });

  await test.step('a tree opens part by part', async () => {
    const tree = notebook.output(3).getByRole('list', { name: /^Parts of the value/ });
    await tree.getByRole('button', { name: /^deep/ }).click();
    await tree.getByRole('button', { name: /^list/ }).click();
    await tree.getByRole('button', { name: /^1:/ }).click();
    await expect(tree).toContainText('name: "x"');
    await expectAccessible(page, 'a tree', '[aria-label="Output of cell 3"]');
    await tree.getByRole('button', { name: 'Copy path value.deep.list[1].name' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(clipboard).toBe('value.deep.list[1].name');
  });

  await test.step('of a million lines the ends are shown, all that was kept can be opened', async () => {
    const output = notebook.output(4);
    await expect(notebook.state(4)).toContainText('done');
    await expect(
      output.getByText(/showing 500 of [\d,]+ lines · [\d,]+ characters were not kept/),
    ).toBeVisible();
    await output.getByRole('button', { name: 'Open all' }).click();
    const all = page.getByRole('dialog', { name: 'Standard output' });
    await expect(all.getByText('line 0', { exact: true })).toBeVisible();
    await expectAccessible(page, 'all of an output', '[role=dialog]');
    await page.keyboard.press('Escape');
    await expect(all).toBeHidden();
  });

  await test.step('a dataset is looked at by one bounded job, which stays under its cell after a reload', async () => {
    const words = 'first 200 rows of RDD[String] with 8 partitions · more rows exist';
    await expect(notebook.output(5).getByText(words)).toBeVisible();
    await page.reload();
    await expect(notebook.output(5).getByText(words)).toBeVisible();
    await expect(notebook.cell(5).getByRole('button', { name: /1 job · 1 task/ })).toBeVisible();
    await expect(notebook.output(2).getByRole('img', { name: /^Scores/ })).toBeVisible();
  });
});

test('very many outputs, and HTML that a page was killed with, are drawn when asked', async ({
  openNotebook,
  page,
}) => {
  const notebook = await openNotebook([
    'display.html("<p>in a frame</p>");',
    'for (let i = 0; i < 100; i++) display([{ i }]);',
  ]);
  await notebook.runAll();

  await test.step('of very many outputs the first and last are drawn until all are asked for', async () => {
    const output = notebook.output(2);
    await expect(output.getByText('showing 60 of 100 outputs')).toBeVisible();
    await expect(output.getByRole('table')).toHaveCount(60);
    await expect(output.getByRole('cell', { name: '99', exact: true })).toBeVisible();
    await output.getByRole('button', { name: 'show all' }).click();
    await expect(output.getByRole('table')).toHaveCount(100);
  });

  await test.step('HTML that a page was killed with is shown again when asked', async () => {
    const output = notebook.output(1);
    await expect(output.locator('iframe')).toBeVisible();
    await page.reload();
    await expect(output.locator('iframe')).toBeVisible();
    // As if the page had not been left in order: what it noted is still there.
    await page.evaluate(() => {
      const noted = Object.entries(sessionStorage);
      addEventListener('pagehide', () => {
        for (const [key, value] of noted) sessionStorage.setItem(key, value);
      });
    });
    await page.reload();
    await output.getByRole('button', { name: 'Show it' }).click();
    await expect(output.locator('iframe')).toBeVisible();
  });
});
