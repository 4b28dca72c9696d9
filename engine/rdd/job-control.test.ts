import { describe, expect, test } from 'vitest';
import { Context } from '../context.ts';
import { StagelightError } from '../errors.ts';
import { encodeRows } from '../storage/row-codec.ts';
import { RecordingRunner } from '../testing.ts';
import { ActionCall } from './action-call.ts';
import type { JobHandle, JobSubmission } from './job-runner.ts';
import { runInScope } from './job-scope.ts';

/** Jobs run until the test lets them succeed; a cancelled one fails as the scheduler's would. */
class HoldingRunner extends RecordingRunner {
  readonly #held = new Map<number, PromiseWithResolvers<{ bytes: Uint8Array }[]>>();

  override submitJob(job: JobSubmission): JobHandle {
    const jobId = this.jobs.push(job) - 1;
    const held = Promise.withResolvers<{ bytes: Uint8Array }[]>();
    this.#held.set(jobId, held);
    return { jobId, results: held.promise };
  }

  finish(jobId: number, rows: unknown[]): void {
    this.#held.get(jobId)!.resolve([{ bytes: encodeRows(rows) }]);
  }

  override cancelJob(jobId: number, reason?: string): void {
    super.cancelJob(jobId);
    this.#held.get(jobId)!.reject(new StagelightError('JOB_CANCELLED', `${reason}`));
  }
}

function holding() {
  const runner = new HoldingRunner();
  return { runner, sc: new Context(runner) };
}

const codeOf = (promise: PromiseLike<unknown>) =>
  promise.then(
    () => 'succeeded',
    (error) => error.code,
  );

describe('job groups and tags', () => {
  test('belong to the cell that sets them and reach the scheduler', async () => {
    const { sc, runner } = holding();
    await runInScope({ cellId: 'a' }, async () => {
      sc.setJobGroup('etl', 'nightly');
      sc.addJobTag('x');
      sc.addJobTag('x');
      void sc.range(1).countAsync();
      sc.withJobGroup('other', () => void sc.range(1).countAsync());
      sc.removeJobTag('x');
      sc.clearJobGroup();
      void sc.range(1).countAsync();
    });
    void sc.range(1).countAsync();
    expect(
      runner.jobs.map(({ cellId, groupId, tags = [], description }) => [
        cellId,
        groupId,
        description,
        ...tags,
      ]),
    ).toEqual([
      ['a', 'etl', 'nightly', 'x'],
      ['a', 'other', 'nightly', 'x'],
      ['a', undefined, undefined],
      [undefined, undefined, undefined],
    ]);
    expect(sc.activeJobs('etl')).toEqual([{ jobId: 0, name: 'count', groupId: 'etl', tags: ['x'] }]);
    expect(() => sc.addJobTag('a,b')).toThrow(/no tag/);
  });

  test('cancelling ends exactly the jobs that are named, and only while they are active', async () => {
    const { sc, runner } = holding();
    const inGroup = sc.withJobGroup('g', () => codeOf(sc.range(1).count()));
    sc.addJobTag('t');
    const tagged = codeOf(sc.range(1).count());
    sc.clearJobTags();
    const plain = codeOf(sc.range(1).count());
    const done = sc.withJobGroup('g', () => codeOf(sc.range(1).count()));
    runner.finish(3, [1]);
    expect(await done).toBe('succeeded');
    expect(sc.cancelJobGroup('g')).toBe(1);
    expect(sc.cancelJobsWithTag('t')).toBe(1);
    expect(await Promise.all([inGroup, tagged])).toEqual(['JOB_CANCELLED', 'JOB_CANCELLED']);
    expect(runner.cancelled).toEqual([0, 1]);
    expect(sc.activeJobs().map(({ jobId }) => jobId)).toEqual([2]);
    expect(sc.cancelAllJobs()).toBe(1);
    expect(await plain).toBe('JOB_CANCELLED');
    expect(sc.cancelJob(2)).toBe(false);
  });
});

describe('a future action', () => {
  test('ends its job when cancelled and starts no further one', async () => {
    const { sc, runner } = holding();
    const future = sc.parallelize<number>([], 100).takeAsync(5);
    expect([future.isCompleted, future.isCancelled]).toEqual([false, false]);
    // The first job finds nothing, so a second one looks at more partitions.
    runner.finish(0, []);
    await expect.poll(() => runner.jobs.length).toBe(2);
    future.cancel();
    expect(await codeOf(future)).toBe('JOB_CANCELLED');
    expect(runner.cancelled).toEqual([1]);
    expect([future.isCompleted, future.isCancelled]).toEqual([true, true]);
  });

  test('cancelled between two jobs it does not submit the second', async () => {
    const { sc, runner } = holding();
    const future = sc.parallelize<number>([], 100).takeAsync(5);
    runner.finish(0, []);
    future.cancel();
    expect(await codeOf(future)).toBe('JOB_CANCELLED');
    expect(runner.jobs.length).toBe(1);
  });

  test('gives the result of the action', async () => {
    const { sc, runner } = holding();
    const future = sc.range(0, 3, 1, 1).collectAsync();
    runner.finish(0, [0, 1, 2]);
    expect(await future).toEqual([0, 1, 2]);
    expect(await future.finally(() => {})).toEqual([0, 1, 2]);
  });
});

test('cancelling an action ends the checkpoint it writes; of the others that wait for the same the next writes it', async () => {
  const { sc, runner } = holding();
  const rdd = sc.range(0, 3, 1, 1).localCheckpoint();
  const submit = () => new ActionCall(rdd.lineage, 'collect').submit(rdd, { kind: 'collect' });
  const [one, two, three] = [submit(), submit(), submit()];
  runner.finish(0, [0, 1, 2]);
  await expect.poll(() => runner.jobs.length).toBe(4);
  runner.finish(1, [0, 1, 2]);
  runner.finish(2, [0, 1, 2]);
  one.cancel('by the test');
  expect(await codeOf(one.rows)).toBe('JOB_CANCELLED');
  await expect.poll(() => runner.jobs.length).toBe(5);
  two.cancel('by the test');
  expect(await codeOf(two.rows)).toBe('JOB_CANCELLED');
  expect(runner.cancelled.filter((jobId) => jobId > 2)).toEqual([3, 4]);
  await expect.poll(() => runner.jobs.length).toBe(6);
  expect(runner.jobs.slice(3).map(({ action }) => action.kind)).toEqual(Array(3).fill('localCheckpoint'));
  runner.finish(5, ['e0']);
  expect(await three.rows).toEqual([[0, 1, 2]]);
  expect(rdd.isCheckpointed()).toBe(true);
});
