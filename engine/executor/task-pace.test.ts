/** A slowed task that is stopped while it waits behind its work. */
import { expect, test } from 'vitest';
import { withContext } from '../testing.ts';

test('what a slowed task has added counts for nothing when it is cancelled, and what it cached is computed again', () =>
  withContext({ executors: 1 }, async ({ sc, scheduler, events, until }) => {
    const seen = globalThis as { pacedTaskRan?: () => void };
    const { promise: ran, resolve } = Promise.withResolvers<void>();
    const added = sc.longAccumulator();
    const make = () =>
      sc
        .range(0, 4, 1, 4)
        .map((n) => {
          added.add(1);
          let sum = 0;
          for (let i = 0; i < 3e7; i++) sum += i % 3;
          // @ts-expect-error set below: executors of this test are in this process
          if (n === 3) globalThis.pacedTaskRan?.();
          return n + sum * 0;
        })
        .cache();
    const count = (rdd: ReturnType<typeof make>) => rdd.countAsync();
    await count(make());
    added.reset();
    const slowness = { factor: 100 };
    scheduler.injectFault({ kind: 'slowPartition', stageId: 0, partition: 3, slowness });
    seen.pacedTaskRan = resolve;
    const rdd = make();
    const counting = count(rdd);
    counting.catch(() => {});
    await ran;
    await until((all) => all.filter((event) => event.type === 'taskEnd').length === 7 || undefined);
    counting.cancel();
    await expect(counting).rejects.toMatchObject({ code: 'JOB_CANCELLED' });
    delete seen.pacedTaskRan;
    scheduler.clearFaults();
    expect(await rdd.count()).toBe(4);
    expect(added.value).toBe(4);
    expect(events.filter((event) => event.type === 'taskEnd' && event.status === 'killed')).toHaveLength(1);
  }));
