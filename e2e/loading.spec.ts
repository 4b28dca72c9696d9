/** The server is away while the page loads its parts: it says so, loses nothing, and completes itself when the server is back. */
import type { Page } from '@playwright/test';
import { expectAccessible } from './accessible.ts';
import { expect, test } from './fixtures.ts';

/** While there is a `text`, scripts with it, and what tells that the server answers, are not there. */
async function missingScripts(page: Page): Promise<{ text: string | undefined }> {
  const missing: { text: string | undefined } = { text: undefined };
  await page.route(/\/_next\/static\/chunks\/.*\.js|\/icon\.svg/, async (route) => {
    if (missing.text === undefined) return route.continue();
    if (route.request().url().endsWith('.svg')) return route.abort();
    // A connection that was kept may be closed by the server just then.
    const response = await route.fetch({ maxRetries: 3 });
    const body = await response.text();
    return missing.text !== undefined && body.includes(missing.text)
      ? route.abort()
      : route.fulfill({ response, body });
  });
  return missing;
}

test('What could not be loaded while the server was away is loaded later', async ({ page, openNotebook }) => {
  const missing = await missingScripts(page);

  await test.step('without editors a notebook is read, run and typed into; they come later', async () => {
    missing.text = 'vs.editor.ICodeEditor';
    const notebook = await openNotebook(['6 * 7', '/* typed before the editors came */']);
    const banner = page.getByRole('status').filter({ hasText: 'The editors could not be loaded.' });
    await expect(banner).toBeVisible();
    await notebook.run(1);
    await expect(notebook.output(1)).toContainText('42');
    await notebook.cell(2).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('1 + ');
    await expect(notebook.cell(2)).toContainText('1 + /* typed before');
    missing.text = undefined;
    await banner.getByRole('button', { name: 'Try again' }).click();
    await expect(banner).toHaveCount(0);
    await expect(notebook.editor(2)).toBeFocused();
    await page.keyboard.type('2 ');
    await expect(notebook.cell(2)).toContainText('1 + 2 /* typed before');
  });

  await test.step('a page without its own scripts is loaded again by itself', async () => {
    missing.text = 'This notebook is empty.';
    const asked = page.waitForRequest((request) => request.method() === 'HEAD');
    const address = page.url();
    await page.goto('about:blank');
    await page.goto(address);
    await asked;
    missing.text = undefined;
    await expect(page.getByRole('region', { name: 'Cell 2', exact: true })).toContainText('1 + 2 /* typed');
  });
});

test('A part of the editor that cannot be loaded is tried again, and said once', async ({
  page,
  openNotebook,
}) => {
  let asked = 0;
  let isThere = false;
  await page.route('**/types/stagelight.json', (route) => {
    asked += 1;
    return isThere ? route.continue() : route.abort();
  });
  const notebook = await openNotebook(['const answer = 42;']);
  await notebook.enter(1);
  await page.keyboard.press('End');
  await page.keyboard.type(' ');
  // A second, two and four later.
  await expect.poll(() => asked).toBeGreaterThanOrEqual(4);
  const notice = page.getByRole('status', { name: 'Notice' });
  await expect(notice).toContainText('A part of the editor could not be loaded.');
  await expectAccessible(page, 'a part of the editor is missing');
  await notebook.run(1);
  await expect(notebook.state(1)).toContainText('done');
  isThere = true;
  await notebook.enter(1);
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type('\nanswer.toFi');
  await expect(page.locator('.suggest-widget')).toContainText('toFixed');
});
