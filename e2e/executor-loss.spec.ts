/** An executor dies in the middle of a task: the job finishes with the right result, and the page says what happened. */
import { expect, test } from './fixtures.ts';

test('A job survives the death of an executor and says so', async ({ held, openNotebook }) => {
  const notebook = await openNotebook([
    `const url = ${JSON.stringify(held.url)};
const squares = sc.parallelize([1, 2, 3, 4, 5, 6], 3).map(async (n) => {
  if (n === 3) await (await fetch(\`\${url}?pid=\${process.pid}\`)).text();
  return [n % 2 ? 'odd' : 'even', n * n] as [string, number];
});
(await squares.reduceByKey((a, b) => a + b).collect()).sort()`,
  ]);
  await notebook.run(1);
  await held.requested(1);
  const lost = Number(held.requests[0]?.get('pid'));
  await expect(notebook.stages.first()).toHaveAccessibleName(
    /^Stage \d+, shuffle map, active, 2 of 3 tasks$/,
  );

  process.kill(lost, 'SIGKILL');
  await held.requested(2);
  expect(Number(held.requests[1]?.get('pid'))).not.toBe(lost);

  await test.step('while the work is redone, the page tells of the loss', async () => {
    await expect(notebook.kernel).toHaveText('Kernel: running cell 1');
    await expect(notebook.stages.first()).toHaveAccessibleName(
      /active, \d of 3 tasks, 1 task attempts? failed$/,
    );
    await expect(notebook.tasks.getByRole('row').filter({ hasText: 'failed' })).toContainText('1');
    await expect(notebook.tasks).toContainText(/executor .* (died|lost|killed|ended)/i);
    await expect(notebook.tasks.getByRole('rowheader', { name: 'Partition 1, attempt 1' })).toBeVisible();
  });

  held.release('go on');
  await expect(notebook.state(1)).toContainText('done');
  await expect(notebook.output(1).getByRole('row')).toHaveText(['_1_2', 'even56', 'odd35']);
  await notebook.showTimelineAsTable();
  await expect(notebook.bars.filter({ hasText: /^Partition 1, stage \d+, attempt 1/ })).toContainText(
    'success',
  );
});
