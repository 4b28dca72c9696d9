/** What control knows of cached partitions that all executors read, and when their files go. */
import { expect, test } from 'vitest';
import { StorageLevel } from '../storage/storage-level.ts';
import type { DagCommand } from './events.ts';
import { DagHarness, forgetAll } from './test-dag-harness.ts';
import { cached, narrow, shuffled, source, union } from './test-lineage.ts';

const drops = (commands: DagCommand[]) =>
  commands.flatMap((command) =>
    command.type === 'dropShared' ? [`${command.rddId}.${command.generation ?? 'all'}`] : [],
  );

/** Dataset 2, over a shuffle, is cached and indeterminate; executors e1 and e2. */
function rig() {
  const h = new DagHarness();
  for (const executorId of ['e1', 'e2']) h.post({ type: 'executorAdded', executorId });
  const nodes = [
    source(0, 2),
    shuffled(1, 0, 0, 2),
    { ...cached(narrow(2, 1, 2)), determinism: 'INDETERMINATE' as const },
    { ...narrow(3, 2, 2), determinism: 'INDETERMINATE' as const },
  ];
  const cache = (partitions: number[], shared: number, epoch = 0) =>
    h.post({
      type: 'blocksCached',
      executorId: 'e1',
      epoch,
      blocks: partitions.map((partition) => ({ rddId: 2, partition, bytes: 1, onDisk: false, shared })),
    });
  const run = () => {
    h.submit(nodes, 3, [0, 1]);
    return h.taskSets.at(-1)!;
  };
  const persist = (level: (typeof StorageLevel)[keyof typeof StorageLevel]) =>
    h.post({ type: 'persisted', rddId: 2, level });
  return { h, nodes, cache, run, persist };
}

test('a dataset whose executors are all lost is still there: nothing is computed again, nobody is preferred', () => {
  const { h, cache, run } = rig();
  h.succeed(run());
  const result = h.taskSets.at(-1)!;
  expect(result.plan.nodes.map(({ shared }) => shared)).toEqual([undefined, 0, undefined]);
  cache([0, 1], 0);
  h.succeed(result);
  h.takeSubmitted();
  expect(run().preferred).toEqual([['e1'], ['e1']]);
  expect(h.taskSets.at(-1)!.staysNear).toBeUndefined();
  h.succeed(h.taskSets.at(-1)!);
  h.post({ type: 'executorLost', executorId: 'e1', reason: 'gone' });
  h.events.length = 0;
  const sets = h.taskSets.length;
  const last = run();
  expect(h.taskSets.length).toBe(sets + 1);
  expect(last.preferred).toBeUndefined();
  const submitted = h.events.find((event) => event.type === 'stageSubmitted');
  expect(submitted).not.toHaveProperty('recomputes');
  h.succeed(last);
  forgetAll(h, [0, 1, 2, 3]);
});

test('files go when the dataset is unpersisted and no job runs that may read them; a late one at once', () => {
  const { h, cache, run, persist } = rig();
  h.succeed(run());
  const result = h.taskSets.at(-1)!;
  expect(drops(persist(StorageLevel.NONE))).toEqual([]);
  // It is told with the rest.
  expect(drops(cache([0], 0))).toEqual([]);
  persist(StorageLevel.MEMORY_ONLY);
  h.allCommands.length = 0;
  h.succeed(result);
  expect(drops(h.allCommands)).toEqual(['2.0']);
  expect(drops(cache([1], 0))).toEqual(['2.0']);
  expect(h.scheduler.state.cache.count(2)).toBe(0);
  const again = run();
  expect(again.plan.nodes.find(({ rddId }) => rddId === 2)!.shared).toBe(1);
  cache([0, 1], 1);
  expect(h.scheduler.state.cache.count(2)).toBe(2);
  h.succeed(again);
  h.allCommands.length = 0;
  forgetAll(h, [0, 1, 2, 3]);
  expect(drops(h.allCommands)).toEqual(['2.1', '2.all']);
});

/** Dataset 1 is kept and of chance; 2 is made of it by a shuffle, 3 reads both. */
function kept() {
  const h = new DagHarness();
  h.post({ type: 'executorAdded', executorId: 'e1' });
  const ofChance = { determinism: 'INDETERMINATE' as const };
  const nodes = [
    source(0, 2),
    { ...cached(narrow(1, 0, 2)), ...ofChance },
    { ...shuffled(2, 1, 0, 2), ...ofChance },
    { ...union(3, [source(1, 2), source(2, 2)]), ...ofChance },
  ];
  const persistAnew = () => {
    for (const level of [StorageLevel.NONE, StorageLevel.MEMORY_ONLY])
      h.post({ type: 'persisted', rddId: 1, level });
  };
  return { h, nodes, persistAnew };
}

/** Dataset 2 was made before. */
function twoLives() {
  const { h, nodes, persistAnew } = kept();
  const end = () => h.succeed(h.taskSets.at(-1)!);
  h.submit(nodes, 2, [0, 1]);
  end();
  end();
  h.takeSubmitted();
  return { h, persistAnew };
}

test('a job waits for those that read what must be made anew for it, and goes before later ones', () => {
  const { h, persistAnew } = twoLives();
  const reader = h.submit([], 2, [0, 1]);
  const reading = h.taskSets.at(-1)!;
  persistAnew();
  const both = h.submit([], 3, [0, 1, 2, 3]);
  const later = h.submit([], 2, [0]);
  const waits = h.events.flatMap((event) => (event.type === 'jobWaiting' ? [[event.jobId, event.wait]] : []));
  const wait = { code: 'OTHER_LIFE', jobIds: [reader], rddId: 1, rddName: 'map' };
  expect(waits).toEqual([
    [both, wait],
    [later, wait],
  ]);
  expect(h.takeSubmitted()).toEqual(['2.0[0,1]']);
  expect(h.trail().filter((line) => line.startsWith('jobStart'))).toEqual([
    'jobStart 0 stages 0,1',
    `jobStart ${reader} stages 0,2`,
  ]);
  h.succeed(reading);
  // Both read what is made now.
  expect(h.takeSubmitted()).toEqual(['0.1[0,1]']);
  const submitted = h.events.filter((event) => event.type === 'stageSubmitted');
  expect(submitted.map(({ reason }) => reason)).toEqual([
    'its outputs were of rows of a dataset that was persisted anew since',
  ]);
  forgetWhenDone();

  function forgetWhenDone() {
    const { state } = h.scheduler;
    const map = state.mapStages.get(0)!.current!;
    h.succeed({ ...reading, stageId: 0, attempt: map.attempt, plan: map.plan });
    for (const set of h.taskSets.splice(0)) h.succeed(set);
    expect([...h.results.keys()]).toEqual(expect.arrayContaining([reader, both, later]));
    forgetAll(h, [0, 1, 2, 3]);
  }
});

test('a job that waits is cancelled like any other', () => {
  const { h, persistAnew } = twoLives();
  h.submit([], 2, [0, 1]);
  const reading = h.taskSets.at(-1)!;
  persistAnew();
  const both = h.submit([], 3, [0, 1, 2, 3]);
  h.post({ type: 'jobCancelled', jobId: both, reason: 'the test' });
  expect(h.results.get(both)).toContain('JOB_CANCELLED');
  expect(h.trail().filter((line) => line.startsWith('job'))).toEqual([
    ...['jobStart 0 stages 0,1', 'jobEnd 0 succeeded', 'jobStart 1 stages 0,2'],
    ...['jobWaiting', 'jobEnd 2 cancelled'],
  ]);
  h.succeed(reading);
  forgetAll(h, [0, 1, 2, 3]);
});

test('outputs lost of a former life are made again whole, beside none of the present', () => {
  const { h, persistAnew } = twoLives();
  persistAnew();
  const jobId = h.submit([], 2, [0, 1]);
  const reading = h.taskSets.at(-1)!;
  h.takeSubmitted();
  h.succeed(reading, [0]);
  h.failFetch(reading, 1, 0, 1);
  h.resubmit();
  const again = h.taskSets[0]!;
  expect(h.takeSubmitted()).toEqual(['0.1[0,1]']);
  h.succeed(again);
  h.succeed(h.taskSets.at(-1)!, [1]);
  expect(h.results.get(jobId)).toBe('0,1');
  forgetAll(h, [0, 1, 2, 3]);
});

test('a job that began before the dataset was kept goes on with all that was made until then', () => {
  const { h, nodes } = kept();
  const twice = [...nodes, { ...shuffled(4, 2, 1, 2), determinism: 'INDETERMINATE' as const }];
  const jobId = h.submit(
    twice.map((node) => (node.rddId === 1 ? { ...node, storageLevel: StorageLevel.NONE } : node)),
    4,
    [0, 1],
  );
  h.succeed(h.taskSets.at(-1)!);
  h.succeed(h.taskSets.at(-1)!);
  const reading = h.taskSets.at(-1)!;
  h.post({ type: 'persisted', rddId: 1, level: StorageLevel.MEMORY_ONLY });
  h.submit([], 1, [0, 1]);
  h.succeed(h.taskSets.at(-1)!);
  h.takeSubmitted();
  h.failFetch(reading, 1, 1, 1);
  h.resubmit();
  const again = h.taskSets.at(-1)!;
  // Of the first shuffle nothing was lost: it is read once more.
  expect(h.takeSubmitted()).toEqual(['1.1[1]']);
  h.succeed(again);
  h.succeed(h.taskSets.at(-1)!);
  expect(h.results.get(jobId)).toBe('0,1');
  forgetAll(h, [0, 1, 2, 3, 4]);
});

test('outputs that are made again of another life stand beside none of before, also where the dataset is not kept', () => {
  const { h, nodes } = kept();
  const persist = (level: StorageLevel) => h.post({ type: 'persisted', rddId: 1, level });
  const unkept = nodes.map((node) =>
    node.rddId === 1 ? { ...node, storageLevel: StorageLevel.NONE } : node,
  );
  const end = () => h.succeed(h.taskSets.at(-1)!);
  h.submit([...unkept, { ...shuffled(4, 2, 1, 2), determinism: 'INDETERMINATE' as const }], 4, [0, 1]);
  for (let stages = 0; stages < 3; stages++) end();
  persist(StorageLevel.MEMORY_ONLY);
  h.submit([], 3, [0, 1, 2, 3]);
  expect(h.takeSubmitted().at(-1)).toBe('0.1[0,1]');
  h.post({ type: 'jobCancelled', jobId: 1, reason: 'the test' });
  persist(StorageLevel.NONE);
  const jobId = h.submit([], 4, [0, 1]);
  const reading = h.taskSets.at(-1)!;
  h.failFetch(reading, 1, 1, 1);
  h.resubmit();
  for (let stages = 0; stages < 3; stages++) end();
  expect(h.takeSubmitted()).toEqual(['4.0[0,1]', '0.2[0,1]', '1.1[0,1]', '4.1[0,1]']);
  expect(h.results.get(jobId)).toBe('0,1');
  forgetAll(h, [0, 1, 2, 3, 4]);
});

test('what is yet to be cached is of the life that its input is of, whatever lives are over before it is', () => {
  const { h, persistAnew } = twoLives();
  const ofChance = { determinism: 'INDETERMINATE' as const };
  persistAnew();
  // Cached of what was shuffled of the first rows.
  const caching = h.submit([{ ...cached(shuffled(4, 2, 1, 2)), ...ofChance }], 4, [0, 1]);
  const beside = [{ ...union(5, [source(1, 2), source(4, 2)]), ...ofChance }];
  const both = h.submit(beside, 5, [0, 1, 2, 3]);
  // No rows of it are there, nor of what that job caches: the one that waits is to have them nevertheless.
  persistAnew();
  h.succeed(h.taskSets.at(-1)!);
  const result = h.taskSets.at(-1)!;
  const { shared } = result.plan.nodes.at(-1)!;
  const blocks = [0, 1].map((partition) => ({ rddId: 4, partition, bytes: 1, onDisk: false, shared }));
  h.post({ type: 'blocksCached', executorId: 'e1', epoch: 0, blocks });
  expect(h.takeSubmitted()).toEqual(['2.0[0,1]', '3.0[0,1]']);
  h.succeed(result);
  expect(h.results.get(caching)).toBe('0,1');
  expect(h.takeSubmitted()).toEqual(['0.1[0,1]']);
  h.post({ type: 'jobCancelled', jobId: both, reason: 'the test' });
  forgetAll(h, [0, 1, 2, 3, 4, 5]);
});

test('what tasks of a cancelled job still bring is of the life in which they began', () => {
  const { h, persistAnew } = twoLives();
  const ofChance = { determinism: 'INDETERMINATE' as const };
  const cancelled = h.submit([{ ...shuffled(4, 2, 1, 2), ...ofChance }], 4, [0, 1]);
  const late = h.taskSets.at(-1)!;
  h.post({ type: 'jobCancelled', jobId: cancelled, reason: 'the test' });
  persistAnew();
  h.submit([], 1, [0, 1]);
  h.succeed(h.taskSets.at(-1)!);
  h.succeed(late, [0]);
  h.takeSubmitted();
  const both = h.submit([{ ...union(5, [source(1, 2), source(4, 2)]), ...ofChance }], 5, [0, 1, 2, 3]);
  const again = h.taskSets.at(-1)!;
  h.succeed(again);
  expect(h.takeSubmitted()).toEqual(['0.1[0,1]', `${late.stageId}.1[0,1]`]);
  h.post({ type: 'jobCancelled', jobId: both, reason: 'the test' });
  forgetAll(h, [0, 1, 2, 3, 4, 5]);
});

test('of tasks of a cancelled job that were to read rows which may be given up before they end, nothing is taken', () => {
  const { h, nodes, persistAnew } = kept();
  const cancelled = h.submit(nodes, 2, [0, 1]);
  const late = h.taskSets.at(-1)!;
  h.post({ type: 'jobCancelled', jobId: cancelled, reason: 'the test' });
  persistAnew();
  const both = h.submit([], 3, [0, 1, 2, 3]);
  const again = h.taskSets.at(-1)!;
  h.takeSubmitted();
  h.succeed(late, [0]);
  h.succeed(again, [1]);
  expect(h.takeSubmitted()).toEqual([]);
  h.succeed(again, [0]);
  expect(h.takeSubmitted()).toEqual(['2.0[0,1,2,3]']);
  h.post({ type: 'jobCancelled', jobId: both, reason: 'the test' });
  forgetAll(h, [0, 1, 2, 3]);
});

test('what such tasks cache of rows that were given up goes with them, unless it was whole before', () => {
  const { h, nodes, persistAnew } = kept();
  const made = [4, 5].map((id) => ({ ...cached(narrow(id, 1, 2)), determinism: 'INDETERMINATE' as const }));
  const cache = (rddId: number, partitions: number[], shared: number | undefined) => {
    const blocks = partitions.map((partition) => ({ rddId, partition, bytes: 1, onDisk: false, shared }));
    h.post({ type: 'blocksCached', executorId: 'e1', epoch: 0, blocks });
  };
  h.submit([...nodes, ...made], 4, [0, 1]);
  const whole = h.taskSets.at(-1)!;
  cache(4, [0, 1], whole.plan.nodes.at(-1)!.shared);
  h.succeed(whole);
  const cancelled = h.submit([{ ...union(6, [source(4, 2), source(5, 2)]) }], 6, [0, 1, 2, 3]);
  const late = h.taskSets.at(-1)!.plan.nodes.find(({ rddId }) => rddId === 5)!.shared;
  h.post({ type: 'jobCancelled', jobId: cancelled, reason: 'the test' });
  persistAnew();
  h.allCommands.length = 0;
  cache(5, [0], late);
  expect(drops(h.allCommands)).toEqual([`5.${late}`]);
  const { cache: blocks, shared } = h.scheduler.state;
  expect([blocks.count(4), blocks.count(5)]).toEqual([2, 0]);
  expect(shared.current(5)).toBeUndefined();
  forgetAll(h, [0, 1, 2, 3, 4, 5, 6]);
});
