/** Mistakes in closures and in syntax: said in the user's terms, at the user's line, one click away. */
import { expect, test } from './fixtures.ts';

test('Mistakes are told by message, own line, partition and element, one click from the place', async ({
  page,
  openNotebook,
}) => {
  const notebook = await openNotebook([
    `const numbers = sc.parallelize(range(12), 3);
function range(n: number) { return Array.from({ length: n }, (_, i) => i); }`,
    `const limits = sc.parallelize([1, 2, 3]);

await numbers.filter((n) => limits.count() as unknown as number > n).collect()`,
    `interface Order { id: number; lines?: string[] }
const orders: Order[] = range(12).map((id) => id === 9 ? { id } : { id, lines: ['a', 'b'] });
await sc.parallelize(orders, 3)
  .map((order) => order.lines!.length)
  .sum()`,
    `const fine = 1;
const broken = (fine + ;`,
    `'still here, with ' + broken`,
  ]);
  await notebook.run(1);
  await expect(notebook.state(1)).toContainText('done');

  await test.step('capturing an RDD is refused before any job starts', async () => {
    await notebook.run(2);
    await expect(notebook.state(2)).toContainText('error');
    await expect(notebook.error(2)).toContainText('CLOSURE_CAPTURE');
    await expect(notebook.error(2)).toContainText('limits');
    await expect(notebook.cell(2).getByRole('group', { name: 'Jobs of cell 2' })).toHaveCount(0);
    await notebook
      .error(2)
      .getByRole('button', { name: /cell 2, line 3, column \d+$/ })
      .first()
      .click();
    await expect(notebook.editor(2)).toBeFocused();
    await page.keyboard.insertText('/* here */ ');
    await expect(notebook.cell(2)).toContainText('filter((n) => /* here */ limits.count()');
  });

  await test.step('a throw in a task names message, line, partition, attempt and element', async () => {
    await notebook.run(3);
    await expect(notebook.state(3)).toContainText('error');
    const error = notebook.output(3).getByRole('group', { name: 'Error', exact: true });
    await expect(error).toContainText('TypeError');
    await expect(error).toContainText("Cannot read properties of undefined (reading 'length')");
    await expect(error).toContainText(/partition 2, attempt 3/);
    await expect(error).toContainText('{ id: 9 }');
    await error
      .getByRole('button', { name: /cell 3, line 4, column \d+$/ })
      .first()
      .click();
    await expect(notebook.editor(3)).toBeFocused();
    await page.keyboard.insertText('/* here */');
    await expect(notebook.cell(3)).toContainText('order.lines!./* here */length');
    await expect(notebook.stages.first()).toHaveAccessibleName(/^Stage \d+, result, failed, \d of 3 tasks/);
  });

  await test.step('a syntax error names its line and runs nothing; corrected there, the cell runs', async () => {
    await notebook.run(4);
    await expect(notebook.state(4)).toContainText('error');
    await expect(notebook.error(4)).toContainText(/syntax.*unexpected token/i);
    await notebook
      .error(4)
      .getByRole('button', { name: /cell 4, line 2, column \d+$/ })
      .first()
      .click();
    await expect(notebook.editor(4)).toBeFocused();
    await page.keyboard.insertText('1)');
    await expect(notebook.cell(4)).toContainText('const broken = (fine + 1);');
    await page.keyboard.press('Shift+Enter');
    await expect(notebook.state(4)).toContainText('done');
    await expect(notebook.output(4)).toHaveCount(0);
  });

  await test.step('the kernel goes on', async () => {
    await notebook.run(5);
    await expect(notebook.output(5)).toContainText('still here, with 2');
  });
});
