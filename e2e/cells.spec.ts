/** Cells go stale and say why, are split, merged, dragged and deleted, wait in a queue, and everything comes back. */
import { expect, test } from './fixtures.ts';

test('Cells say why they are stale, and no change of them is final', async ({ page, held, openNotebook }) => {
  const notebook = await openNotebook([
    `const words = ['the', 'whale'];`,
    'const count = words.length;\ncount;',
    '"There are " + count + " words"',
    `await (await fetch('${held.url}')).text();`,
  ]);
  const { keyboard } = page;
  const stale = page.getByRole('button', { name: /^\d stale$/ });
  const reason = (n: number) =>
    notebook.cell(n).getByRole('button', { name: new RegExp(`^Cell ${n} is stale`) });

  await test.step('an edit makes the cells below stale, with the reason in words', async () => {
    for (const n of [1, 2, 3]) await notebook.run(n);
    await expect(notebook.output(3)).toContainText('There are 2 words');
    await notebook.write(1, `const words = ['the', 'white', 'whale'];`);
    await expect(reason(2)).toHaveAccessibleName('Cell 2 is stale: cell 1, which defines words, was edited');
    await expect(reason(3)).toHaveAccessibleName('Cell 3 is stale: cell 2, which defines count, is stale');
    await expect(stale).toHaveText('3 stale');
    await notebook.write(1, `const words = ['the', 'whale'];`);
    await expect(stale).toHaveCount(0);
    await notebook.run(1);
    await expect(reason(2)).toHaveAccessibleName('Cell 2 is stale: words changed in cell 1');
  });

  await test.step('run stale runs exactly those', async () => {
    await stale.click();
    await expect(page.getByRole('list', { name: 'Cells that run' }).getByRole('listitem')).toHaveText([
      /^Cell 2: words changed in cell 1$/,
      /^Cell 3: /,
    ]);
    await page.getByRole('button', { name: 'Run stale (2)' }).click();
    await expect(stale).toHaveCount(0);
    await expect(notebook.cell(3)).toContainText('[6]');
    await expect(notebook.cell(1)).toContainText('[4]');
  });

  await test.step('a cell is split at the cursor, and merged again', async () => {
    await notebook.enter(2);
    await keyboard.press('ControlOrMeta+Home');
    await keyboard.press('End');
    await keyboard.press('ControlOrMeta+Shift+Minus');
    await expect(notebook.cell(5)).toBeVisible();
    await expect(notebook.editor(3)).toBeFocused();
    await keyboard.press('Escape');
    await keyboard.press('Shift+ArrowUp');
    await expect(page.getByRole('status', { name: 'Selection' })).toContainText('2 cells selected');
    await keyboard.press('Shift+M');
    await expect(notebook.cell(5)).toHaveCount(0);
    await expect(notebook.cell(2)).toContainText('const count = words.length;');
    await expect(notebook.output(2)).toContainText('2');
    await expect(stale).toHaveCount(0);
  });

  await test.step('a cell is dragged below another by its handle', async () => {
    const handle = notebook.cell(1).getByRole('button', { name: 'Drag cell 1' });
    const place = page.getByRole('status', { name: 'Drop above cell 3' });
    await notebook.cell(1).hover();
    await handle.hover();
    await page.mouse.down();
    // The handle follows the pointer wherever it is; what moves the cells meanwhile moves the place.
    await expect(async () => {
      const target = (await notebook.cell(2).boundingBox())!;
      await page.mouse.move(target.x + 8, target.y + target.height / 2);
      await page.mouse.move(target.x + 8, target.y + target.height - 2);
      await expect(place).toBeVisible({ timeout: 1000 });
    }).toPass();
    await page.mouse.up();
    await expect(notebook.cell(2)).toContainText('const words');
    await page.getByRole('button', { name: 'Undo moving a cell' }).click();
    await expect(notebook.cell(1)).toContainText('const words');
    await expect(stale).toHaveCount(0);
  });

  await test.step('a cell is picked up, moved and dropped by keys', async () => {
    await notebook.cell(1).focus();
    await notebook.cell(1).getByRole('button', { name: 'Drag cell 1' }).focus();
    await keyboard.press('Enter');
    await keyboard.press('ArrowDown');
    await expect(page.getByRole('status', { name: 'Drop above cell 3' })).toBeVisible();
    await keyboard.press('Enter');
    await expect(notebook.cell(2)).toContainText('const words');
    await expect(notebook.cell(2)).toBeFocused();
    // Pressed at once after one another: each is meant for what the one before did.
    await keyboard.press('Alt+ArrowDown');
    await keyboard.press('Alt+ArrowUp');
    await keyboard.press('Alt+ArrowUp');
    await expect(notebook.cell(1)).toContainText('const words');
    await expect(notebook.cell(1)).toBeFocused();
    await expect(stale).toHaveCount(0);
  });

  await test.step('deleted cells come back with their output, by undo or from the bin', async () => {
    await notebook.cell(3).focus();
    await keyboard.press('Shift+ArrowUp');
    await notebook.deleteSelected((limit) => expect(notebook.cell(3)).toHaveCount(0, limit));
    await keyboard.press('z');
    await expect(notebook.output(3)).toContainText('There are 2 words');
    await expect(notebook.output(2)).toContainText('2');
    await keyboard.press('Shift+Z');
    await expect(notebook.cell(3)).toHaveCount(0);
    await page.reload();
    await page.getByRole('button', { name: 'Deleted cells: 3' }).click();
    await page.getByRole('button', { name: 'Bring back "There are " + count + " words"' }).click();
    await expect(notebook.output(2)).toContainText('There are 2 words');
    await expect(reason(2)).toHaveAccessibleName('Cell 2 is stale: cell 2 was deleted, which defined count');
    await page.getByRole('button', { name: 'Bring back const count = words.length;' }).click();
    await keyboard.press('Escape');
    await expect(notebook.cell(4)).toBeVisible();
    await expect(stale).toHaveCount(0);
  });

  await test.step('the queue is shown in its order, and a cell is taken out of it', async () => {
    await notebook.cell(4).focus();
    for (const n of [3, 2, 1]) {
      await keyboard.press('Alt+ArrowUp');
      await expect(notebook.cell(n)).toContainText('fetch');
      await expect(notebook.cell(n)).toBeFocused();
    }
    await notebook.runAll();
    await held.requested();
    await expect(notebook.state(3)).toContainText('2nd in the queue');
    await page.getByRole('button', { name: '3 queued' }).click();
    const queue = page.getByRole('list', { name: 'Queued cells' });
    await expect(queue.getByRole('listitem')).toHaveText([/Cell 2/, /Cell 3/, /Cell 4/]);
    await queue.getByRole('button', { name: 'Take cell 3 out of the queue' }).click();
    await expect(queue.getByRole('listitem')).toHaveText([/Cell 2/, /Cell 4/]);
    await keyboard.press('Escape');
    held.release('a\nb\n');
    await expect(notebook.state(4)).toContainText('done');
    await expect(notebook.state(3)).toContainText(/not run.*last ran/);
  });

  await test.step('what nothing else shows of a merge or a deletion is said', async () => {
    const notice = page.getByRole('status', { name: 'Notice' });
    await notebook.cell(4).focus();
    await keyboard.press('Shift+M');
    await expect(notice).toContainText('Nothing was merged: this is the last cell.');
    await notice.getByRole('button', { name: 'Dismiss the notice' }).click();
    await expect(page.getByText('Nothing was merged')).toHaveCount(0);
    await notebook.write(1, 'await new Promise(() => {});');
    await notebook.runAll();
    await expect(notebook.state(1)).toContainText('running');
    await notebook.cell(1).focus();
    await notebook.deleteSelected((limit) => expect(notebook.cell(4)).toHaveCount(0, limit));
    await expect(notice).toContainText('3 cells queued behind it were not run.');
  });
});
