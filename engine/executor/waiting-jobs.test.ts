/** A job that waits for another one's end before it begins is told of, active, and cancelled like any other. */
import { expect, test } from 'vitest';
import { withContext } from '../testing.ts';

test('a job that waits is seen, and cancelled without the one that it waits for', () =>
  withContext({ executors: 2 }, async ({ sc, until, events }) => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    Object.assign(globalThis, { waitingJobsHeld: held });
    const drawn = sc
      .range(0, 12, 1, 2)
      .map(() => Math.random())
      .setName('drawn')
      .persist();
    const made = drawn
      .map((n): [number, number] => [n, 1])
      .reduceByKey((a, b) => a + b, 2)
      .keys();
    await made.count();
    const reading = made
      .map(async (n) => {
        // @ts-expect-error set above: executors of this test are in this process
        await globalThis.waitingJobsHeld;
        return n;
      })
      .count();
    await until((all) => all.find((event) => event.type === 'taskStart' && event.task.stageId === 2));
    drawn.unpersist().persist();
    const both = () => made.union(drawn).collect();
    const cancelled = sc.withJobGroup('both', () => both().catch(({ code }) => code));
    const other = both();
    const told = await until((all) => all.find((event) => event.type === 'jobWaiting' && event.jobId === 3));
    const wait = { code: 'OTHER_LIFE', jobIds: [1], rddId: drawn.id, rddName: 'drawn' };
    expect(told).toMatchObject({ name: 'collect', wait });
    expect(await sc.statusTracker.getActiveJobIds()).toEqual([1, 2, 3]);
    expect(await sc.statusTracker.getJobIdsForGroup('both')).toEqual([2]);
    expect(sc.cancelJobGroup('both')).toBe(1);
    expect(await cancelled).toBe('JOB_CANCELLED');
    expect(await sc.statusTracker.getActiveJobIds()).toEqual([1, 3]);
    release();
    expect(await reading).toBe(12);
    expect(new Set(await other).size).toBe(12);
    const trail = events.flatMap((event) => {
      if (event.type === 'jobEnd') return [`${event.status} ${event.jobId}`];
      return event.type === 'jobWaiting' || event.type === 'jobStart' ? [`${event.type} ${event.jobId}`] : [];
    });
    expect(trail.slice(3)).toEqual([
      ...['jobWaiting 2', 'jobWaiting 3', 'cancelled 2'],
      ...['succeeded 1', 'jobStart 3', 'succeeded 3'],
    ]);
  }));
