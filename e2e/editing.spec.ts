/** A notebook made by keyboard alone, saved as a plain file, watched by another browser; its HTML stays in its box. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, NotebookPage, test } from './fixtures.ts';

test('A notebook is written by keyboard, saved as TypeScript, and shared', async ({
  page,
  browser,
  server,
  openNotebook,
}) => {
  const notebook = await openNotebook([`const first = 1;`]);
  const file = () => readFile(join(server.root, notebook.path), 'utf8');
  const { keyboard } = page;

  await test.step('a second cell is typed and run', async () => {
    await notebook.cell(1).focus();
    await keyboard.press('b');
    await expect(notebook.editor(2)).toBeFocused();
    await keyboard.insertText('const second = first + 1;\n"second is " + second');
    await keyboard.press('Escape');
    await expect(notebook.cell(2)).toBeFocused();
    await keyboard.press('ArrowUp');
    await expect(notebook.cell(1)).toBeFocused();
    await keyboard.press('Shift+Enter');
    await expect(notebook.cell(2)).toBeFocused();
    await keyboard.press('Shift+Enter');
    await expect(notebook.output(2)).toContainText('second is 2');
    await expect(notebook.editor(3)).toBeFocused();
  });

  await test.step('a third becomes text, moves to the top', async () => {
    await keyboard.press('Escape');
    await expect(notebook.cell(3)).toBeFocused();
    await keyboard.press('m');
    await expect(notebook.cell(3)).toContainText('Empty text');
    await keyboard.press('Enter');
    await expect(notebook.editor(3)).toBeFocused();
    await keyboard.insertText('# Title\n\nSome *prose*.');
    await keyboard.press('Shift+Enter');
    await expect(notebook.cell(3).getByRole('heading', { name: 'Title' })).toBeVisible();
    await expect(notebook.editor(4)).toBeFocused();
    await keyboard.insertText('"to be deleted"');
    await keyboard.press('Escape');
    await expect(notebook.cell(4)).toBeFocused();
    await keyboard.press('ArrowUp');
    await expect(notebook.cell(3)).toBeFocused();
    await keyboard.press('Alt+ArrowUp');
    await expect(notebook.cell(2).getByRole('heading', { name: 'Title' })).toBeVisible();
    await expect(notebook.cell(2)).toBeFocused();
    await keyboard.press('Alt+ArrowUp');
    await expect(notebook.cell(1).getByRole('heading', { name: 'Title' })).toBeVisible();
    await expect(notebook.cell(1)).toBeFocused();
  });

  await test.step('a cell is deleted, brought back, deleted', async () => {
    for (let n = 2; n <= 4; n++) {
      await keyboard.press('ArrowDown');
      await expect(notebook.cell(n)).toBeFocused();
    }
    await notebook.deleteSelected((limit) => expect(notebook.cell(4)).toHaveCount(0, limit));
    await keyboard.press('z');
    await expect(notebook.cell(4)).toContainText('to be deleted');
    await expect(notebook.cell(4)).toBeFocused();
    await notebook.deleteSelected((limit) => expect(notebook.cell(4)).toHaveCount(0, limit));
  });

  await test.step('the file is the notebook in percent format', async () => {
    await expect
      .poll(file)
      .toMatch(
        /^\/\/ %% \[markdown\] id="\w+"\n\/\/ # Title\n\/\/\n\/\/ Some \*prose\*\.\n\n\/\/ %% id="c1"\nconst first = 1;\n\n\/\/ %% id="\w+"\nconst second = first \+ 1;\n"second is " \+ second\n$/,
      );
    await expect(page.getByText('saved', { exact: true })).toBeVisible();
  });

  await test.step('another browser sees text and outputs, live', async () => {
    const context = await browser.newContext();
    const other = new NotebookPage(await context.newPage(), notebook.path);
    await other.page.request.get(server.url);
    await other.page.goto(page.url());
    await expect(other.output(3)).toContainText('second is 2');
    await notebook.write(2, 'const first = 41;');
    await expect(other.cell(2)).toContainText('const first = 41;');
    await notebook.run(2);
    await notebook.run(3);
    await expect(notebook.output(3)).toContainText('second is 42');
    await expect(other.output(3)).toContainText('second is 42');
    await expect(other.cell(2)).toContainText('const first = 41;');
    await expect.poll(file).toContain('const first = 41;');
    await context.close();
  });

  await test.step('HTML runs in an opaque origin that reaches nothing', async () => {
    await notebook.write(
      2,
      [
        'display.html(`<button onclick="this.textContent = attempt(() => parent.document.title)">Reach</button>',
        '<p id="origin"></p><p id="store"></p><p id="top"></p><p id="net">…</p>',
        '<script>',
        'function attempt(f) { try { return "got " + f() } catch (error) { return error.name } }',
        'document.getElementById("origin").textContent = "origin " + self.origin;',
        'document.getElementById("store").textContent = "cookie " + attempt(() => document.cookie);',
        'document.getElementById("top").textContent = "top " + attempt(() => { top.location.href = "about:blank"; });',
        'fetch("/").then(() => "reached", (error) => error.name).then((text) => { document.getElementById("net").textContent = "net " + text });',
        '</scr` + `ipt>`)',
      ].join('\n'),
    );
    await notebook.run(2);
    const frame = notebook
      .output(2)
      .getByTitle(/^HTML, cell 2/)
      .contentFrame();
    await expect(frame.getByText('origin null')).toBeVisible();
    await expect(frame.getByText('cookie SecurityError')).toBeVisible();
    await expect(frame.getByText('top SecurityError')).toBeVisible();
    await expect(frame.getByText('net TypeError')).toBeVisible();
    await frame.getByRole('button').click();
    await expect(frame.getByRole('button')).toHaveText('SecurityError');
    await expect(page).toHaveURL(/\/notebook\?path=/);
  });
});
