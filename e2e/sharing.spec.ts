/** How jobs share the executors, as the page tells it: pools, barriers, second copies, exclusion, copies of cached partitions. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectAccessible } from './accessible.ts';
import { expect, heldFile, NotebookPage, notebookText, startServer, test } from './fixtures.ts';

const OPTIONS = [
  'scheduler.mode=FAIR',
  'speculation=true',
  'speculation.quantile=0.5',
  'speculation.multiplier=1',
  // Longer than a task waits for a core anywhere: only the one that hangs is found slow.
  'speculation.minTaskRuntime=3s',
  'speculation.efficiency.enabled=false',
  'excludeOnFailure.enabled=true',
  'excludeOnFailure.stage.maxFailedTasksPerExecutor=1',
].flatMap((property) => ['--conf', `stagelight.${property}`]);

test('Pools, barriers, second copies, exclusion and copies of partitions are told in words', async ({
  page,
}) => {
  const held = await heldFile();
  const server = await startServer(OPTIONS);
  try {
    const cells = [
      `sc.setLocalProperty('stagelight.scheduler.pool', 'training');
const met = sc.range(0, 4, 1, 2).barrier().mapPartitions(async (rows) => {
  await BarrierTaskContext.get().barrier();
  return rows;
});
await met.count();
sc.setLocalProperty('stagelight.scheduler.pool', undefined);`,
      `await sc.range(0, 8, 1, 4).mapPartitionsWithIndex(async (index, rows) => {
  if (index === 3 && TaskContext.get()!.attemptNumber() === 0) await fetch('${held.url}');
  return rows;
}).count();`,
      `await sc.range(0, 8, 1, 4).mapPartitionsWithIndex((index, rows) => {
  if (index === 1 && TaskContext.get()!.attemptNumber() === 0) throw new RangeError('not at first');
  return rows;
}).count();`,
      `const kept = sc.range(0, 100, 1, 3).map((n) => n * 2).persist('MEMORY_ONLY_2');
await kept.count();`,
    ];
    await writeFile(join(server.root, 'sharing.ts'), notebookText(cells));
    await page.request.get(server.url);
    await page.goto(`${server.origin}/notebook?path=sharing.ts`);
    const notebook = new NotebookPage(page, 'sharing.ts');
    const { panel, stages, tasks } = notebook;

    await test.step('a pool stands with job and stage, a barrier in the graph', async () => {
      await notebook.run(1);
      await expect(notebook.state(1)).toContainText('done');
      await expect(stages.first()).toHaveAccessibleName(
        'Stage 0, result, barrier, complete, 2 of 2 tasks, pool training',
      );
      await expect(stages.first()).toContainText('barrier · 4 rows');
      await expect(panel.getByText('pool training', { exact: true }).first()).toBeVisible();
      await stages.first().click();
      await expect(panel.getByRole('list', { name: 'How it ran' })).toContainText(
        'barrier: all 2 tasks start together',
      );
    });

    await test.step('a second copy ends a task that hangs, and both are told apart', async () => {
      await notebook.run(2);
      await expect(notebook.state(2)).toContainText('done');
      expect(held.requests).toHaveLength(1);
      await expect(stages.first()).toHaveAccessibleName(/4 of 4 tasks, 1 found slow$/);
      await stages.first().click();
      await expect(
        tasks.getByRole('rowheader', { name: 'Partition 3, attempt 1, speculative' }),
      ).toBeVisible();
      await expect(tasks).toContainText('Attempt 1 because it is speculative: attempt 0 has run for');
      await expect(panel.getByRole('list', { name: 'Phases' })).toContainText('Speculative');
      await notebook.showTimelineAsTable();
      await expect(notebook.bars.filter({ hasText: 'attempt 1, speculative' })).toContainText('success');
      await expect(notebook.bars.filter({ hasText: /^Partition 3, stage 1(?!, attempt)/ })).toContainText(
        'killed',
      );
      await notebook.showTimelineAsTable();
    });

    await test.step('an excluded executor says so, and why, with its tasks and on its lane', async () => {
      await notebook.run(3);
      await expect(notebook.state(3)).toContainText('done');
      await expect(stages.first()).toHaveAccessibleName(/executor \d+ excluded$/);
      await stages.first().click();
      const why = /^Executor \d+ is excluded from stage 2: 1 task of stage 2 failed on it\.$/;
      await expect(panel.getByText(why)).toHaveCount(2);
      await expect(tasks).toContainText('Attempt 1 because attempt 0 failed: not at first');
      await notebook.showTimelineAsTable();
      await expect(notebook.bars.filter({ hasText: 'failed' })).toContainText(/Executor \d+, excluded/);
      await notebook.showTimelineAsTable();
      await expectAccessible(page, 'an excluded executor');
    });

    await test.step('copies of cached partitions are counted', async () => {
      await notebook.run(4);
      await expect(notebook.state(4)).toContainText('done');
      await page.getByRole('tab', { name: /Variables/ }).click();
      await page.getByRole('button', { name: 'kept', exact: true }).click();
      await expect(panel).toContainText(
        /MEMORY_ONLY_2: 3 of 3 partitions cached, .+ \(3 copies in other executors\)/,
      );
      await expectAccessible(page, 'copies of cached partitions');
    });
  } finally {
    await held.close();
    await server.stop();
  }
});
