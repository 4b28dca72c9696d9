/** A notebook of more cells than anyone looks at: only those near are whole, and any is found, entered and run. */
import { expect, test } from './fixtures.ts';

const COUNT = 1_200;

test('1,200 cells open lightly; the last is run, and one in between is found', async ({
  openNotebook,
  page,
}) => {
  const notebook = await openNotebook(
    Array.from({ length: COUNT }, (_, i) =>
      i % 10 === 3 ? `# Part ${i}` : `const v${i} = ${i};\nv${i} + 1`,
    ),
  );

  await test.step('every cell is there by its name and text, few are whole', async () => {
    await expect(notebook.editor(1)).toBeAttached();
    await expect(page.getByRole('main', { name: 'Cells' }).locator('section')).toHaveCount(COUNT);
    await expect(notebook.cell(700)).toContainText('const v699 = 699;');
    await expect(notebook.cell(700).getByRole('button')).toHaveCount(0);
    const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
    expect(nodes).toBeLessThan(COUNT * 10);
  });

  await test.step('the last cell is scrolled to and run', async () => {
    await notebook.cell(COUNT).scrollIntoViewIfNeeded();
    await notebook.run(COUNT);
    await expect(notebook.output(COUNT)).toContainText(String(COUNT));
  });

  await test.step('the search of the notebook finds text in a cell that was never near, and goes there', async () => {
    await notebook.cell(COUNT).focus();
    await page.keyboard.press('ControlOrMeta+Shift+H');
    const search = page.getByRole('search');
    await search.getByRole('textbox', { name: 'Find', exact: true }).fill('const v655');
    await expect(search.getByRole('status')).toHaveText(/of 1/);
    await page.keyboard.press('Enter');
    await expect(notebook.cell(656)).toBeInViewport();
    await expect(notebook.cell(656).getByRole('button', { name: 'Run cell 656 and stay' })).toBeVisible();
  });
});
