/** Types across cells, their markers, find and replace, the palette, and 300 cells behind few editors. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';

test('Types reach from cell to cell, and a text is found in all of them', async ({
  page,
  server,
  openNotebook,
}) => {
  const many = Array.from({ length: 296 }, (_each, i) => `const filler${i} = ${i};\nfiller${i} + 1;`);
  const counts =
    'const counts = words.map((word): [string, number] => [word, 1]).reduceByKey((a, b) => a + b);';
  const notebook = await openNotebook([
    `const words = sc.parallelize(['a b', 'b']).flatMap((line) => line.split(' '));`,
    counts,
    'const first = (await counts.collect())[0];\nconst text: string = first![0];',
    ...many,
    'const last = counts;',
  ]);
  const { keyboard } = page;
  const wrong = (n: number) => notebook.cell(n).locator('.squiggly-error');

  await test.step('hovering a name of an earlier cell shows its type; nothing is wrong', async () => {
    await notebook.explain(2, 'counts', 'const counts: RDD<[string, number]>');
    await notebook.explain(3, 'collect', 'All rows in the driver');
    await expect(wrong(3)).toHaveCount(0);
  });

  await test.step('an edit of one cell marks what no longer fits in another, and back', async () => {
    await notebook.write(2, 'const counts = words.map((word): [number, number] => [word.length, 1]);');
    await expect(wrong(3)).toHaveCount(1);
    await notebook.write(2, counts);
    await expect(wrong(3)).toHaveCount(0);
  });

  await test.step('completion offers the operators of an earlier cell’s dataset', async () => {
    await notebook.enter(3);
    await keyboard.press('ControlOrMeta+End');
    await keyboard.type('\ncounts.mapVal');
    // The list is there before it is narrowed to what was typed last.
    await expect(page.locator('.suggest-widget .monaco-list-row.focused')).toHaveAccessibleName(/^mapValues/);
    await keyboard.press('Enter');
    await keyboard.press('Escape');
    await expect(notebook.cell(3)).toContainText('counts.mapValues');
  });

  await test.step('a name leads to the cell that defines it', async () => {
    await notebook.enter(3);
    await keyboard.press('ControlOrMeta+End');
    await keyboard.press('Home');
    await keyboard.press('F12');
    await expect(notebook.editor(2)).toBeFocused();
  });

  await test.step('the palette finds a command and runs it', async () => {
    await notebook.cell(3).focus();
    await keyboard.press('ControlOrMeta+Shift+P');
    await page.getByRole('combobox', { name: 'Search commands' }).fill('last cell');
    await expect(page.getByRole('option', { selected: true })).toContainText('Go to the last cell');
    await keyboard.press('Enter');
    await expect(notebook.cell(300)).toBeFocused();
  });

  await test.step('300 cells have few editors, and every one of them can be typed into', async () => {
    await expect(notebook.cell(300).locator('.monaco-editor')).not.toHaveCount(0);
    await expect.poll(() => page.locator('.cell-host > *').count()).toBeLessThan(30);
    await expect(notebook.cell(150)).toContainText('filler146');
    await expect(notebook.cell(150).locator('.cell-host > *')).toHaveCount(0);
    await notebook.enter(150);
    await keyboard.press('ControlOrMeta+End');
    await keyboard.insertText('\n"typed far away"');
    await expect(notebook.cell(150)).toContainText('typed far away');
    await keyboard.press('Escape');
    await expect(notebook.cell(150)).toBeFocused();
  });

  await test.step('a text is found in cells that have no editor, and replaced in all', async () => {
    await keyboard.press('ControlOrMeta+Shift+H');
    const search = page.getByRole('search', { name: 'Find in all cells' });
    await search.getByRole('textbox', { name: 'Find', exact: true }).fill('counts');
    await expect(search.getByRole('status')).toHaveText('– of 4');
    await keyboard.press('Enter');
    await expect(search.getByRole('status')).toHaveText('4 of 4');
    await expect(notebook.cell(300)).toBeInViewport();
    await search.getByRole('textbox', { name: 'Replace with' }).fill('totals');
    await search.getByRole('button', { name: 'Replace all' }).click();
    await expect(search.getByRole('status')).toHaveText('4 replaced in 3 cells');
    await keyboard.press('Escape');
    await expect(search).toHaveCount(0);
    await expect
      .poll(() => readFile(join(server.root, notebook.path), 'utf8'))
      .toMatch(
        /const totals =[\s\S]*await totals\.collect[\s\S]*totals\.mapValues[\s\S]*const last = totals;/,
      );
  });

  await test.step('the keys are listed', async () => {
    await notebook.cell(300).focus();
    await keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await expect(dialog).toContainText('Split the cell at the cursor');
    await keyboard.press('Escape');
    await expect(notebook.cell(300)).toBeFocused();
  });
});

test('One text has several cursors, and explains its calls', async ({ page, openNotebook }) => {
  const notebook = await openNotebook([
    "const words = sc.parallelize(['a b', 'b']).flatMap((line) => line.split(' '));",
    'const counts = words.map((word): [string, number] => [word, 1]).reduceByKey((a, b) => a + b);',
    'const first = (await counts.collect())[0];\nconst text: string = first![0];',
  ]);
  const { keyboard } = page;

  await test.step('several cursors, by all their keys; Escape ends them and stays', async () => {
    const carets = notebook.cell(3).locator('.cursors-layer .cursor');
    const start = async (keys: string[] = []) => {
      await keyboard.press('ControlOrMeta+Home');
      for (const key of keys) await keyboard.press(key);
    };
    const end = async () => {
      await keyboard.press('Escape');
      await expect(carets).toHaveCount(1);
      await expect(notebook.editor(3)).toBeFocused();
    };
    await notebook.enter(3);
    for (const [keys, count] of [
      [['ControlOrMeta+D', 'ControlOrMeta+D'], 2],
      [['ControlOrMeta+Shift+L'], 2],
      [['ControlOrMeta+Alt+ArrowDown'], 2],
      [['ArrowDown', 'ControlOrMeta+Alt+ArrowUp'], 2],
      [['ControlOrMeta+A', 'Shift+Alt+I'], 2],
    ] as const) {
      await start([...keys]);
      await expect(carets).toHaveCount(count);
      await end();
    }
    await start();
    await notebook
      .cell(3)
      .locator('.view-line')
      .last()
      .click({ modifiers: ['Alt'], position: { x: 40, y: 10 } });
    await expect(carets).toHaveCount(2);
    await end();
  });

  await test.step('Shift+Tab explains a call; Escape closes that first, then leaves', async () => {
    await notebook.enter(2);
    await keyboard.press('ControlOrMeta+End');
    await keyboard.press('ArrowLeft');
    await keyboard.press('ArrowLeft');
    await keyboard.press('Shift+Tab');
    const signature = page.locator('.parameter-hints-widget.visible');
    await expect(signature).toContainText('reduceByKey');
    await keyboard.press('Escape');
    await expect(signature).toHaveCount(0);
    await expect(notebook.editor(2)).toBeFocused();
  });
});
