/** Nobody is kept out: no WCAG A or AA violations in either scheme or on a phone, and everything has a name. */
import type { Page } from '@playwright/test';
import { expectAccessible, expectNoSidewaysScroll } from './accessible.ts';
import { expect, test } from './fixtures.ts';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

/** Both schemes at both widths. */
async function checkLooks(page: Page, what: string): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await expectAccessible(page, `${what} at ${size.width}×${size.height}`);
    await expectNoSidewaysScroll(page);
  }
}

test('A notebook is accessible, light and dark, wide and narrow', async ({ page, openNotebook }) => {
  const notebook = await openNotebook([
    '# Accessible\n\nA *text* cell with `code` and a [link](#there).',
    `const counts = sc.parallelize(['a', 'b', 'a'], 2).map((w) => [w, 1] as [string, number]).reduceByKey((a, b) => a + b);
await counts.collect()`,
    `console.log('printed'); console.error('printed to stderr'); 'value'`,
    `await sc.parallelize([1, 2], 2).map((n) => (null as unknown as { x: number }).x + n).collect()`,
  ]);
  await test.step('a notebook with results and errors', async () => {
    await notebook.runAll();
    await expect(notebook.state(4)).toContainText('error');
    // What is rarely in the bar must have room there too.
    await notebook.cell(4).focus();
    await page.keyboard.press('b');
    await page.keyboard.press('Escape');
    await notebook.cell(5).focus();
    const deleted = page.getByRole('button', { name: 'Deleted cells: 1' });
    await notebook.deleteSelected((limit) => expect(deleted).toBeVisible(limit));
    await notebook
      .cell(2)
      .getByRole('button', { name: /1 job ·/ })
      .click();
    await notebook.cell(2).getByRole('button', { name: /Job 0/ }).click();
    await expect(notebook.stages).toHaveCount(2);
    await expect(notebook.tasks).toBeVisible();
    await checkLooks(page, 'a notebook');
  });

  await test.step('on a phone the toolbar leaves the heading free, and the closed sheet tells of the latest job', async () => {
    await notebook.cell(1).focus();
    await expect(async () => {
      const toolbar = await notebook.cell(1).getByRole('toolbar').boundingBox();
      const heading = await notebook.cell(1).getByRole('heading').boundingBox();
      // The room above the letters of a line counts for the heading.
      expect(toolbar!.y + toolbar!.height).toBeLessThanOrEqual(heading!.y + 2);
    }).toPass();
    await notebook.panel.getByRole('button', { name: 'Panel as a sheet' }).click();
    await expect(notebook.stages).toHaveCount(0);
    const peek = notebook.panel.getByRole('button', { name: /Job \d+.*tasks/ });
    await expect(peek).toContainText('failed');
    await expectAccessible(page, 'the closed sheet');
    await peek.click();
    await expect(notebook.panel.getByRole('heading', { name: /^Job 1/ })).toBeVisible();
    await page.setViewportSize(SIZES[0]!);
    await notebook.cell(2).getByRole('button', { name: /Job 0/ }).click();
    await expect(notebook.stages).toHaveCount(2);
  });

  await test.step('every cell, stage and bar has a name', async () => {
    const cells = page.getByRole('main', { name: 'Cells' }).locator('section');
    await expect(cells).toHaveCount(4);
    for (let n = 1; n <= 4; n++) await expect(cells.nth(n - 1)).toHaveAccessibleName(`Cell ${n}`);
    for (const stage of await notebook.stages.all())
      await expect(stage).toHaveAccessibleName(/^Stage \d+, (shuffle map|result), complete, 2 of 2 tasks$/);
    await notebook.showTimelineAsTable();
    await expect(notebook.bars).toHaveCount(4);
    for (const bar of await notebook.bars.getByRole('rowheader').all())
      await expect(bar).toHaveText(/^Partition \d, stage \d$/);
    await expectAccessible(page, 'the timeline as a table', 'aside');
  });

  await test.step('what the keys open', async () => {
    const { keyboard } = page;
    await notebook.cell(3).focus();
    await keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
    await expectAccessible(page, 'the keys', '[role=dialog]');
    await keyboard.press('Escape');
    await keyboard.press('ControlOrMeta+Shift+P');
    await page.getByRole('combobox', { name: 'Search commands' }).fill('cell');
    await expectAccessible(page, 'the command palette', '[role=dialog]');
    await keyboard.press('Escape');
    await keyboard.press('ControlOrMeta+Shift+H');
    await page.getByRole('textbox', { name: 'Find', exact: true }).fill('counts');
    await expect(page.getByRole('search').getByRole('status')).toHaveText(/of \d/);
    await expectAccessible(page, 'the find bar', 'search');
    await keyboard.press('Escape');
  });
});

test('Home, a file and the way in are accessible, light and dark, wide and narrow', async ({
  page,
  server,
  openNotebook,
}) => {
  const notebook = await openNotebook(['# Read', "const line = 'to be marked';\nline.length"]);

  await test.step('a file at a line', async () => {
    await page.goto(`${server.origin}/file?path=${encodeURIComponent(notebook.path)}&line=5&column=7`);
    await expect(page.getByRole('list', { name: 'Lines' })).toBeVisible();
    await checkLooks(page, 'a file');
  });

  await test.step('home', async () => {
    await page.goto(server.origin);
    await expect(page.getByRole('link', { name: 'Word count' })).toBeVisible();
    await checkLooks(page, 'home');
  });

  await test.step('a browser without the token', async () => {
    await page.context().clearCookies();
    await page.goto(server.origin);
    await expect(page.getByRole('heading', { name: /needs the server's token/ })).toBeVisible();
    await checkLooks(page, 'the page that asks for the token');
  });
});
