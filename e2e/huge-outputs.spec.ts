/** Outputs without bounds: the page stays small and answers, and says what it does not show. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

/** Bytes of JavaScript heap that are in use, garbage aside, and nodes of the document. */
async function footprint(page: Page): Promise<{ heap: number; nodes: number }> {
  const client = await page.context().newCDPSession(page);
  try {
    await client.send('HeapProfiler.collectGarbage');
    await client.send('Performance.enable');
    const { metrics } = await client.send('Performance.getMetrics');
    const value = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
    return { heap: value('JSHeapUsedSize'), nodes: value('Nodes') };
  } finally {
    await client.detach();
  }
}

test('100 MB in one write, prints and outputs without end: the page stays usable, bounded and honest', async ({
  openNotebook,
  page,
  server,
}) => {
  const notebook = await openNotebook([
    "console.log('x'.repeat(100_000_000));",
    "'y'.repeat(100_000_000)",
    'for (let i = 0; ; i++) console.log(`forever ${i}`);',
    "for (let i = 0; ; i++) { display({ i, text: 'z'.repeat(1_000) }); await null; }",
    "'typed here'",
  ]);
  await expect(notebook.editor(1)).toBeAttached();
  const before = await footprint(page);

  await test.step('100 MB in one write: the ends are shown, with how much was not kept', async () => {
    await notebook.run(1);
    await expect(notebook.state(1)).toContainText('done');
    const output = notebook.output(1);
    await expect(
      output.getByText(/showing [\d,]+ of [\d,]+ characters · [\d,]+ characters were not kept/),
    ).toBeVisible();
    const said = (await output.getByText(/were not kept/).innerText()).replaceAll(',', '');
    const [, , kept, dropped] = /showing (\d+) of (\d+) characters · (\d+)/
      .exec(said)!
      .map(Number) as number[];
    // The line break of the write, and the line that says what is missing, are text as well.
    expect(Math.abs(kept! + dropped! - 100_000_000)).toBeLessThan(200);
    await output.getByRole('button', { name: 'Open all' }).click();
    const all = page.getByRole('dialog', { name: 'Standard output' });
    await expect(all).toContainText(/[\d,]+ characters kept, [\d,]+ not kept/);
    await page.keyboard.press('Escape');
    await expect(all).toBeHidden();
  });

  await test.step('a value of 100 MB', async () => {
    await notebook.run(2);
    await expect(notebook.state(2)).toContainText('done');
    await expect(notebook.output(2)).toContainText(/100,000,00[02] characters/);
  });

  for (const [n, shown] of [
    [3, 'forever'],
    [4, /showing \d+ of [\d,]+ outputs/],
  ] as const) {
    await test.step(`cell ${n} puts out without end: one types meanwhile, and interrupts it`, async () => {
      await notebook.run(n);
      await expect(notebook.output(n)).toContainText(shown);
      await notebook.write(5, `'typed while cell ${n} ran'`);
      await expect(notebook.cell(5)).toContainText(`typed while cell ${n} ran`);
      await expect(notebook.state(n)).toContainText('running');
      await notebook.interrupt();
      await expect(notebook.state(n)).toContainText('interrupted');
      await notebook.run(5);
      await expect(notebook.output(5)).toContainText(`typed while cell ${n} ran`);
    });
  }

  await test.step('what the page holds, and what is stored, is bounded', async () => {
    const after = await footprint(page);
    expect(after.heap - before.heap).toBeLessThan(64_000_000);
    expect(after.nodes - before.nodes).toBeLessThan(50_000);
    const stored = join(server.root, '.stagelight', `${notebook.path}.outputs.json`);
    expect((await stat(stored)).size).toBeLessThan(40_000_000);
    await page.reload();
    await expect(notebook.output(1).getByText(/were not kept/)).toBeVisible();
    await expect(notebook.output(5)).toContainText('typed while cell 4 ran');
  });
});
