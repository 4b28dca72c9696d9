/** A disk that takes nothing: the page says what is not saved, goes on, offers a copy, and catches up. */
import { chmod, mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expectAccessible } from './accessible.ts';
import { expect, test } from './fixtures.ts';

test('A read-only file, and outputs that cannot be written, are said, and saved when they can be', async ({
  openNotebook,
  page,
  server,
}) => {
  const notebook = await openNotebook(["'from the file'", "'second'"]);
  const file = join(server.root, notebook.path);
  const banners = page.getByRole('alert');

  await test.step('a read-only file: the page says so and keeps editing and running', async () => {
    await chmod(file, 0o444);
    await notebook.write(1, "'typed over a read-only file'");
    await expect(notebook.cell(1)).toContainText('typed over');
    await expect(banners.filter({ hasText: 'Not saved:' })).toContainText('may not be read or written');
    await notebook.write(2, "'typed later'");
    await notebook.run(2);
    await expect(notebook.output(2)).toContainText('typed later');
    await expectAccessible(page, 'a notebook that is not saved');
    expect(await readFile(file, 'utf8')).toContain('from the file');
  });

  await test.step('a copy with all that was typed can be downloaded', async () => {
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download a copy' }).click();
    const copy = await readFile(await (await saved).path(), 'utf8');
    expect(copy).toContain('typed over a read-only file');
    expect(copy).toContain('typed later');
  });

  await test.step('a reload keeps what was typed, and the file takes it when it may be written', async () => {
    await page.reload();
    await expect(notebook.cell(1)).toContainText('typed over a read-only file');
    await expect(banners.filter({ hasText: 'Not saved:' })).toBeVisible();
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(banners.filter({ hasText: 'Not saved:' })).toBeVisible();
    await chmod(file, 0o644);
    await expect(banners.filter({ hasText: 'Not saved:' })).toHaveCount(0);
    expect(await readFile(file, 'utf8')).toContain('typed over a read-only file');
  });

  await test.step('outputs that cannot be written are shown all the same, and a crash leaves them on the page', async () => {
    const outputs = join(server.root, '.stagelight', `${notebook.path}.outputs.json`);
    await rm(outputs);
    await mkdir(outputs);
    await notebook.run(1);
    await expect(notebook.output(1)).toContainText('typed over a read-only file');
    const said = page.getByText('Outputs are not saved:');
    await expect(said).toBeVisible();
    await expectAccessible(page, 'outputs that are not saved');
    await server.crashAndRestart();
    await expect(page.getByText('Outputs of 2 cells are on this page alone')).toBeVisible();
    await expect(notebook.output(1)).toContainText('typed over a read-only file');
    await notebook.run(1);
    await expect(said).toBeVisible();
    await rmdir(outputs);
    await expect(said).toHaveCount(0);
    await page.reload();
    await expect(notebook.output(1)).toContainText('typed over a read-only file');
  });
});
