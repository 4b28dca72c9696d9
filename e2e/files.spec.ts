/** Files from the home page to the bin and back: made, dropped, renamed, copied, edited elsewhere, merged, exported. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Download } from '@playwright/test';
import { expectAccessible } from './accessible.ts';
import { expect, NotebookPage, test } from './fixtures.ts';

const textOf = async (download: Download) => readFile(await download.path(), 'utf8');

test('Files are made, dropped, renamed, edited elsewhere, merged, exported, deleted and restored', async ({
  page,
  server,
}) => {
  const folder = join(server.root, 'My "first" 🎉');
  const row = (name: RegExp | string) => page.getByRole('row', { name });
  const action = async (name: string, label: string) => {
    await page.getByRole('button', { name: `Actions for ${name}` }).click();
    await page.getByRole('menuitem', { name: label }).click();
  };
  await mkdir(join(server.root, '__proto__'));
  await page.goto(server.url);

  await test.step('a folder is made and opened', async () => {
    await expect(page.getByRole('link', { name: 'Folder __proto__' })).toBeVisible();
    await page.getByRole('button', { name: 'New folder' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('..');
    await page.getByRole('button', { name: 'Create folder' }).click();
    await expect(page.getByRole('dialog').getByRole('alert')).toContainText('leads elsewhere');
    await page.getByRole('textbox', { name: 'Name' }).fill('My "first" 🎉');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Folder My "first" 🎉' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('My "first" 🎉');
    await expect(page.getByText('Nothing here yet.')).toBeVisible();
  });

  await test.step('files are uploaded by drop; a name that is taken asks', async () => {
    const drop = async (files: [name: string, text: string][]) => {
      const data = await page.evaluateHandle((list) => {
        const transfer = new DataTransfer();
        for (const [name, text] of list) transfer.items.add(new File([text], name));
        return transfer;
      }, files);
      await page.getByRole('main').dispatchEvent('drop', { dataTransfer: data });
    };
    const cells = [
      { cell_type: 'markdown', id: 'm', metadata: {}, source: '# A study' },
      {
        cell_type: 'code',
        id: 'c',
        metadata: {},
        execution_count: 1,
        source: '6 * 7',
        outputs: [
          { output_type: 'execute_result', execution_count: 1, data: { 'text/plain': '42' }, metadata: {} },
        ],
      },
    ];
    const metadata = { kernelspec: { name: 'deno', language: 'typescript' } };
    await drop([
      ['study.ipynb', JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells })],
      ['data.csv', 'a,b\n1,2\n'],
    ]);
    await expect(row(/A study/)).toBeVisible();
    await expect(row(/data\.csv/)).toBeVisible();
    await drop([['data.csv', 'other']]);
    const upload = page
      .getByRole('region', { name: 'Uploads' })
      .getByRole('listitem', { name: 'data.csv' })
      .last();
    await expect(upload.getByRole('alert')).toContainText('exists already');
    await expectAccessible(page, 'a folder with uploads');
    await upload.getByRole('button', { name: 'Keep both' }).click();
    await expect(row(/data-2\.csv/)).toBeVisible();
    expect(await readFile(join(folder, 'data.csv'), 'utf8')).toBe('a,b\n1,2\n');
  });

  await test.step('a notebook is renamed by keyboard and copied', async () => {
    await page.getByRole('link', { name: 'A study' }).focus();
    await page.keyboard.press('F2');
    await page.getByRole('textbox', { name: 'New name' }).fill('renamed.ts');
    await page.keyboard.press('Enter');
    await expect(row(/renamed\.ts/)).toBeVisible();
    await action('renamed.ts', 'Duplicate');
    await expect(row(/renamed-copy\.ts/)).toBeVisible();
  });

  await page.getByRole('link', { name: 'A study' }).last().click();
  await page.waitForURL(/renamed\.ts$/);
  const notebook = new NotebookPage(page, 'renamed.ts');
  const file = join(folder, 'renamed.ts');

  await test.step('an edit on disk appears live, beside the outputs', async () => {
    await expect(notebook.output(2)).toContainText('42');
    await writeFile(file, (await readFile(file, 'utf8')).replace('6 * 7', '6 * 8'));
    await expect(notebook.cell(2)).toContainText('6 * 8');
    await expect(notebook.output(2)).toContainText('42');
  });

  await test.step('marks of a merge show both sides, and a choice settles them', async () => {
    const before = await readFile(file, 'utf8');
    const conflict = '<<<<<<< HEAD\n6 * 8\n=======\n6 * 9\n>>>>>>> branch';
    await writeFile(file, before.replace('6 * 8', conflict));
    const conflicts = page.getByRole('region', { name: 'Merge conflicts' });
    await expect(conflicts).toContainText('1 merge conflict');
    await expectAccessible(page, 'a merge conflict');
    expect(await readFile(file, 'utf8')).toContain(conflict);
    await conflicts.getByRole('button', { name: 'Keep branch' }).click();
    await expect(conflicts).toHaveCount(0);
    await expect.poll(() => readFile(file, 'utf8')).toBe(before.replace('6 * 8', '6 * 9'));
  });

  await test.step('it is renamed while open, and exported', async () => {
    await page.getByRole('button', { name: 'File', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Rename…' }).click();
    await page.getByRole('textbox', { name: 'New name' }).fill('final.ts');
    await page.keyboard.press('Enter');
    await page.waitForURL(/final\.ts$/);
    await expect(notebook.output(2)).toContainText('42');
    const exported = async (label: string) => {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'File', exact: true }).click();
      await page.getByRole('menuitem', { name: label }).click();
      return download;
    };
    const ipynb = await exported('Export as Jupyter notebook (.ipynb)');
    expect(ipynb.suggestedFilename()).toBe('final.ipynb');
    expect(JSON.parse(await textOf(ipynb)).cells[1]).toMatchObject({ id: 'c', source: ['6 * 9'] });
    const html = await textOf(await exported('Export as one HTML file'));
    expect(html).toContain('<h1>A study</h1>');
    expect(html).toContain('The code was changed after this output was made.');
  });

  await test.step('deleted while open it says so; the bin gives it back with its outputs', async () => {
    await page.getByRole('button', { name: 'File', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Move to the bin' }).click();
    await expect(page.getByRole('heading', { name: 'This notebook was moved to the bin' })).toBeVisible();
    await page.getByRole('button', { name: 'Open the bin' }).click();
    await expectAccessible(page, 'the bin');
    await page.getByRole('button', { name: 'Restore final.ts' }).click();
    await expect(page.getByText('The bin is empty.')).toBeVisible();
    await page.goto(`${server.origin}/notebook?path=${encodeURIComponent('My "first" 🎉/final.ts')}`);
    await expect(notebook.output(2)).toContainText('42');
  });
});
