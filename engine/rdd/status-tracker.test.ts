import { expect, test } from 'vitest';
import { TaskContext as OfExecutors } from '../executor/task-context.ts';
import { withContext } from '../testing.ts';

Object.assign(globalThis, { TaskContext: OfExecutors });

test('tells of jobs, stages and executors while they run and after', () =>
  withContext({ executors: 2 }, async ({ sc, until }) => {
    const { statusTracker } = sc;
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    Object.assign(globalThis, { statusTrackerHeld: held });
    sc.setJobGroup('g');
    sc.addJobTag('t');
    const running = sc
      .range(0, 4, 1, 2)
      .map(async (n): Promise<[number, number]> => {
        // @ts-expect-error set above: executors of this test are in this process
        await globalThis.statusTrackerHeld;
        return [n, 1];
      })
      .reduceByKey((a, b) => a + b, 1)
      .count();
    await until((events) =>
      events.filter(({ type }) => type === 'taskStart').length === 2 ? true : undefined,
    );
    expect(await statusTracker.getActiveJobIds()).toEqual([0]);
    expect(await statusTracker.getActiveStageIds()).toEqual([0]);
    expect(await statusTracker.getJobInfo(0)).toEqual({ jobId: 0, stageIds: [0, 1], status: 'RUNNING' });
    expect(await statusTracker.getStageInfo(0)).toMatchObject({
      stageId: 0,
      currentAttemptId: 0,
      numTasks: 2,
      numActiveTasks: 2,
      numCompletedTasks: 0,
      numFailedTasks: 0,
    });
    expect(await statusTracker.getStageInfo(1)).toMatchObject({ submissionTime: 0, numActiveTasks: 0 });
    const executors = await statusTracker.getExecutorInfos();
    expect(executors.map(({ executorId, numRunningTasks }) => [executorId, numRunningTasks])).toEqual([
      ['0', 1],
      ['1', 1],
    ]);
    release();
    await running;
    sc.clearJobGroup();
    sc.clearJobTags();
    const failed = sc.range(1).map(() => {
      throw new Error('boom');
    });
    await expect(failed.count()).rejects.toThrow('boom');
    expect(await statusTracker.getJobInfo(0)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await statusTracker.getJobInfo(1)).toMatchObject({ status: 'FAILED' });
    expect(await statusTracker.getStageInfo(0)).toMatchObject({ numActiveTasks: 0, numCompletedTasks: 2 });
    expect(await statusTracker.getStageInfo(2)).toMatchObject({ numFailedTasks: 4 });
    expect(await statusTracker.getJobIdsForGroup('g')).toEqual([0]);
    expect(await statusTracker.getJobIdsForGroup()).toEqual([1]);
    expect(await statusTracker.getJobIdsForTag('t')).toEqual([0]);
    expect(await statusTracker.getActiveJobIds()).toEqual([]);
    expect(await statusTracker.getActiveStageIds()).toEqual([]);
    expect([await statusTracker.getJobInfo(9), await statusTracker.getStageInfo(9)]).toEqual([
      undefined,
      undefined,
    ]);
  }));

test('cancelStage ends the jobs that need the stage, and no others', () =>
  withContext({ executors: 2 }, async ({ sc, until }) => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    Object.assign(globalThis, { statusTrackerHeld: held });
    const waiting = () =>
      sc.range(0, 1).map(async (n) => {
        // @ts-expect-error set above: executors of this test are in this process
        await globalThis.statusTrackerHeld;
        return n;
      });
    const cancelled = waiting().collect();
    const kept = waiting().collect();
    await until((events) =>
      events.filter(({ type }) => type === 'taskStart').length === 2 ? true : undefined,
    );
    expect(await sc.cancelStage(0)).toBe(1);
    await expect(cancelled).rejects.toMatchObject({
      code: 'JOB_CANCELLED',
      message: expect.stringContaining('its stage 0 was cancelled'),
    });
    expect(await sc.cancelStage(0)).toBe(0);
    expect(await sc.cancelStage(99)).toBe(0);
    release();
    expect(await kept).toEqual([0]);
  }));
