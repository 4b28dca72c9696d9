/** A file of the folder at the line that an error names: for everybody, however long it is, and why not where it cannot be. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectAccessible, expectNoSidewaysScroll } from './accessible.ts';
import { expect, test } from './fixtures.ts';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

// A trace copies all the lines with every step: that takes longer than the story.
test.use({ trace: 'off' });

test('A module is shown at the line that an error names, for everybody, however long it is', async ({
  page,
  server,
  openNotebook,
}) => {
  const far = '/* far */ '.repeat(30);
  await mkdir(join(server.root, 'lib'), { recursive: true });
  const write = (name: string, text: string) => writeFile(join(server.root, 'lib', name), text);
  await write(
    'short.ts',
    `${'// a line\n'.repeat(99)}export const bad = () => { ${far}throw new Error('no'); };\n`,
  );
  await write('long.ts', `${'//\n'.repeat(100_000)}// the last\n`);
  const marked = page.locator('[aria-current=location]');

  await test.step('from an error of a cell', async () => {
    const notebook = await openNotebook([`import { bad } from './lib/short.ts';\nbad()`]);
    await notebook.run(1);
    await notebook
      .error(1)
      .getByRole('link', { name: /short\.ts, line 100, column/ })
      .click();
    await expect(marked).toBeFocused();
    await expect(marked.locator('mark')).toBeInViewport();
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await expectAccessible(page, `a file at ${size.width}×${size.height}`);
      await expectNoSidewaysScroll(page);
    }
  });

  await test.step('a very long one, part by part', async () => {
    const open = (query: string) => page.goto(`${server.origin}/file?path=lib/long.ts${query}`);
    await open('');
    await expect(page.getByText('Lines 1 to 1,000 of 100,001').first()).toBeVisible();
    await page.getByRole('button', { name: 'Later lines' }).first().click();
    await expect(page.getByText('Lines 1,001 to 2,000 of 100,001').first()).toBeVisible();
    await open('&line=50000&column=1');
    await expect(marked).toHaveAttribute('aria-label', 'Line 50000');
    await expect(marked).toBeInViewport();
    await open('&line=100040');
    await expect(
      page.getByText('There is no line 100040 any more; the last, 100001, is marked.'),
    ).toBeVisible();
    await expect(marked).toHaveText('// the last');
  });

  await test.step('what cannot be shown says why', async () => {
    for (const [query, why] of [
      ['path=lib/none.ts', 'there is no file "lib/none.ts"'],
      ['path=lib', '"lib" is not a file'],
      ['path=../x', '".." leads elsewhere'],
      ['path=/etc/passwd', 'is not in the notebook folder'],
      ['', 'the address names no file'],
    ] as const) {
      await page.goto(`${server.origin}/file?${query}`);
      await expect(page.getByRole('alert').filter({ hasText: why })).toBeVisible();
    }
  });
});
