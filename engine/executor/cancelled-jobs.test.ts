import { expect, test } from 'vitest';
import { withContext } from '../testing.ts';

test('what a task has added that ends well just when its job is cancelled counts with the rows that it has cached', () =>
  withContext({ executors: 1 }, async ({ sc, until }) => {
    const seen = globalThis as { lastRan?: () => void };
    const added = sc.longAccumulator();
    const rdd = sc
      .range(0, 4, 1, 4)
      .map((n) => {
        added.add(1);
        // @ts-expect-error set below: executors of this test are in this process
        if (n === 3) globalThis.lastRan?.();
        return n;
      })
      .cache();
    const counting = rdd.countAsync();
    counting.catch(() => {});
    // The task is at work, and cannot hear any more that it is to stop.
    seen.lastRan = () => counting.cancel();
    await expect(counting).rejects.toMatchObject({ code: 'JOB_CANCELLED' });
    await until((all) => all.filter(({ type }) => type === 'taskEnd').length === 4 || undefined);
    delete seen.lastRan;
    expect(await rdd.count()).toBe(4);
    expect(added.value).toBe(4);
  }));
