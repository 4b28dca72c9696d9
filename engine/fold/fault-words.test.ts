import { expect, test } from 'vitest';
import type { Fault, RecomputeCause, StagelightEvent } from '../protocol.ts';
import {
  clearedWords,
  executorGone,
  faultOf,
  faultWords,
  partitionWords,
  recomputedCount,
  stageReasons,
  taskReason,
} from './fault-words.ts';
import { createViewState, fold } from './fold.ts';
import { fromSnapshot, toSnapshot } from './snapshot.ts';

const rdd = { rddId: 1, name: 'map', parentIds: [], numPartitions: 8, storageLevel: 'NONE' };
const reader = { stageId: 2, stageAttempt: 0, partition: 0 };

function submitted(partitions: number[], cause: RecomputeCause): StagelightEvent {
  const numTasks = partitions.length;
  const stage = { stageId: 1, attempt: 1, name: 'map', numTasks, parentIds: [], rdds: [rdd] };
  return {
    type: 'stageSubmitted',
    stage: { ...stage, kind: 'shuffleMap' },
    jobIds: [],
    time: 2,
    recomputes: [{ partitions, cause }],
  };
}

function viewOf(fault: Fault | undefined, events: StagelightEvent[], by?: string) {
  const view = createViewState('b');
  if (fault) fold(view, { type: 'faultInjected', faultId: 1, fault, ...(by && { by }), time: 1, blocks: 2 });
  for (const event of events) fold(view, event);
  return view;
}

/** What the task table says of a partition, and the panel of the stage. */
function said(fault: Fault | undefined, partitions: number[], cause: RecomputeCause, by?: string) {
  const view = viewOf(fault, [submitted(partitions, cause)], by);
  const stage = view.stages.get('1.1')!;
  return {
    task: taskReason(view, stage, partitions[0]!),
    stage: stageReasons(view, stage),
    count: recomputedCount(stage),
  };
}

test('a dropped block: who missed it, and what was done to it', () => {
  const drop = { kind: 'dropBlock', stageId: 1, partition: 3 } as const;
  const cause = { code: 'MAP_OUTPUT_LOST', executorId: '0', reader, message: 'gone', faultId: 1 } as const;
  const sentence =
    'Stage 1 partition 3 computed again: its map output was lost (dropped from the page); stage 2 partition 0 could not read it';
  expect(said(drop, [3], cause)).toEqual({ task: sentence, stage: [sentence], count: 1 });
  expect(said(drop, [3], cause, 'Ada').task).toContain('(dropped from the page by Ada)');
  // A loss that nobody caused says what its reader saw.
  expect(said(undefined, [3], { ...cause, faultId: undefined } as never).task).toContain('was lost (gone);');
  // The fault itself is so long ago that it is not held.
  expect(said(undefined, [3], cause).task).toContain('(on purpose, from the page)');
});

test('a corrupted block was found by its checksum', () => {
  const corrupt = { kind: 'corruptBlock', stageId: 1, partition: 3 } as const;
  const cause = { code: 'MAP_OUTPUT_LOST', executorId: '0', reader, message: 'x', faultId: 1 } as const;
  expect(said(corrupt, [3], cause).task).toBe(
    'Stage 1 partition 3 computed again: its map output was damaged (corrupted from the page), which the checksum showed; stage 2 partition 0 could not read it',
  );
});

test('the reader is tried again, not recomputed', () => {
  const drop = { kind: 'dropBlock', stageId: 0, partition: 5 } as const;
  const lost = {
    sourceStageId: 0,
    mapPartition: 5,
    reader: { ...reader, stageId: 1 },
    message: 'x',
    faultId: 1,
  };
  expect(said(drop, [0, 1, 2], { code: 'INPUT_LOST', ...lost })).toEqual({
    task: 'Stage 1 partition 0 tried again: attempt 1 of the stage ended when partition 0 could not read map partition 5 of stage 0, which was lost (dropped from the page)',
    stage: [expect.stringMatching(/^Stage 1 partitions 0, 1 and 2 tried again: /)],
    count: 0,
  });
});

test('outputs that nobody missed, other rows, and cached partitions', () => {
  expect(
    said(undefined, [1], { code: 'MAP_OUTPUT_SUSPECTED', executorId: '4', of: 'executor', reader }).task,
  ).toBe(
    'Stage 1 partition 1 computed again: attempt 1 of stage 2 partition 0 could not read another one of executor 4, so this one is not trusted',
  );
  expect(said(undefined, [0], { code: 'OTHER_ROWS', sourceStageId: 0, mapPartition: 2 }).task).toBe(
    'Stage 1 partition 0 computed again: map partition 2 of stage 0 came out with other rows when it was computed again',
  );
  const block = { rddId: 7, rddName: 'reduceByKey', rddPartition: 2, executorId: '4' };
  const drop = { kind: 'dropCached', rddId: 7, partition: 2 } as const;
  const cause = { code: 'CACHED_BLOCK_LOST', ...block, reason: 'dropped from the page' } as const;
  expect(said(drop, [2], { ...cause, faultId: 1 }).task).toBe(
    'Stage 1 partition 2 computed again: partition 2 of the cached RDD 7 (reduceByKey) was lost (dropped from the page)',
  );
  const view = viewOf({ kind: 'killExecutor', executorId: '4' }, [
    { type: 'executorAdded', executorId: '4', slot: 0, pid: 1, time: 0 },
    { type: 'executorRemoved', executorId: '4', time: 1, reason: 'killed from the page', code: 'killed' },
    submitted([2], { ...cause, reason: 'killed from the page' }),
  ]);
  const end = /was lost \(with executor 4: killed from the page\)$/;
  expect(taskReason(view, view.stages.get('1.1')!, 2)).toMatch(end);
  expect(taskReason(view, view.stages.get('1.1')!, 3)).toBeUndefined();
});

const held = { code: 'CACHED_BLOCK_LOST', rddId: 7, rddName: 'kept', executorId: '4' } as const;
const lifeOf4: StagelightEvent[] = [
  { type: 'executorAdded', executorId: '4', slot: 0, pid: 1, time: 0 },
  { type: 'executorRemoved', executorId: '4', time: 1, reason: 'killed from the page', code: 'killed' },
];

test('partitions that were lost by one event share a sentence, in which each is named', () => {
  const lost = (rddPartition: number, reason: string) => ({
    partitions: [rddPartition],
    cause: { ...held, rddPartition, reason } as const,
  });
  const byKill = [lost(0, 'killed from the page'), lost(2, 'killed from the page')];
  const submission = submitted([5], { code: 'MAP_OUTPUT_LOST', executorId: '4', reader, message: 'gone' });
  const view = viewOf(
    { kind: 'killExecutor', executorId: '4' },
    [...lifeOf4, { ...submission, recomputes: [...byKill, lost(1, 'no room')] } as StagelightEvent],
    'Ada',
  );
  const stage = view.stages.get('1.1')!;
  expect(stageReasons(view, stage)).toEqual([
    'Stage 1 partitions 0 and 2 computed again: partitions 0 and 2 of the cached RDD 7 (kept) were lost (with executor 4: killed from the page by Ada)',
    // It went before its executor did: not with it.
    'Stage 1 partition 1 computed again: partition 1 of the cached RDD 7 (kept) was lost (no room)',
  ]);
  expect(stage.recomputes!.map(({ cause }) => faultOf(view, cause))).toEqual([1, 1, undefined]);
});

test('blocks that went with the one that was missed are not said to have been read', () => {
  const drop = { kind: 'dropExecutorBlocks', executorId: '4' } as const;
  const cause = { code: 'MAP_OUTPUT_SUSPECTED', executorId: '4', of: 'executor', reader } as const;
  expect(said(drop, [1, 6], { ...cause, faultId: 1 }).stage).toEqual([
    'Stage 1 partitions 1 and 6 computed again: their map outputs were lost (dropped from the page); attempt 1 of stage 2 partition 0 could not read another one of executor 4',
  ]);
});

test('what is lost while a stage runs is added to what it was started with', () => {
  const lost = (rddPartition: number) => ({ ...held, rddPartition, reason: 'killed from the page' });
  const recomputes = [
    { partitions: [2], cause: lost(2) },
    { partitions: [3], cause: lost(3), since: 4 },
  ];
  const view = viewOf(undefined, [
    submitted([2], { ...held, rddPartition: 2, reason: 'no room' }),
    { type: 'partitionsLost', stageId: 1, attempt: 1, recomputes, time: 4 },
    { type: 'partitionsLost', stageId: 9, attempt: 0, recomputes, time: 5 },
  ]);
  const stage = view.stages.get('1.1')!;
  expect(recomputedCount(stage)).toBe(2);
  expect(taskReason(view, stage, 2)).toContain('(no room)');
  expect(taskReason(view, stage, 3)).toContain('(killed from the page)');
  // Its first task was launched before, and read what was still there.
  expect([3, 4].map((launchTime) => taskReason(view, stage, 3, launchTime) !== undefined)).toEqual([
    false,
    true,
  ]);
});

test('an executor is gone by a reason, and by a name', () => {
  const kill = { kind: 'killExecutor', executorId: '4' } as const;
  const gone = (view: ReturnType<typeof viewOf>) => executorGone(view, view.executors.get('4'));
  expect(gone(viewOf(kill, lifeOf4, 'Ada'))).toBe('gone: killed from the page by Ada');
  expect(gone(viewOf(undefined, lifeOf4))).toBe('gone: killed from the page');
  expect(gone(viewOf(undefined, lifeOf4.slice(0, 1)))).toBeUndefined();
  const end = { ...lifeOf4[1], code: 'shutdown', reason: 'the end' } as StagelightEvent;
  expect(gone(viewOf(undefined, [lifeOf4[0]!, end]))).toBeUndefined();
  const kernelLost = viewOf(undefined, [lifeOf4[0]!, { type: 'applicationEnd', time: 3 }]);
  expect(kernelLost.executors.get('4')!.removedAt).toBe(3);
  expect(gone(kernelLost)).toBeUndefined();
});

test('what was done, of every fault', () => {
  const words = (fault: Fault) => faultWords(viewOf(fault, []).faults.get(1)!);
  expect(words({ kind: 'killExecutor', executorId: '2' })).toBe('Executor 2 was killed from the page');
  expect(words({ kind: 'dropBlock', stageId: 1, partition: 3 })).toBe(
    'Block of map partition 3 of stage 1 was dropped from the page',
  );
  expect(words({ kind: 'corruptBlock', stageId: 1, partition: 3 })).toBe(
    'Block of map partition 3 of stage 1 was corrupted from the page',
  );
  expect(words({ kind: 'dropExecutorBlocks', executorId: '2' })).toBe(
    '2 blocks of executor 2 were dropped from the page',
  );
  const cached = { kind: 'dropCached', rddId: 7, partition: 1 } as const;
  expect(words(cached)).toBe('Cached partition 1 of RDD 7 was dropped from the page');
  const of3 = { faultId: 1, time: 1, executorId: '3' };
  expect(faultWords({ ...of3, fault: cached, rddName: 'kept' })).toBe(
    'Cached partition 1 of RDD 7 (kept), held by executor 3, was dropped from the page',
  );
  expect(faultWords({ ...of3, fault: { kind: 'dropBlock', stageId: 1, partition: 3 } })).toBe(
    'Block of map partition 3 of stage 1, written by executor 3, was dropped from the page',
  );
  const slow = { kind: 'slowPartition', stageId: 1, partition: 0 } as const;
  expect(words({ ...slow, slowness: { factor: 10 } })).toBe(
    'Partition 0 of stage 1 takes 10 times as long, slowed from the page',
  );
  expect(words({ ...slow, slowness: { delay: 2500 } })).toContain('begins 2.5 s later');
  const view = viewOf({ ...slow, slowness: { factor: 10 } }, []).faults.get(1)!;
  expect(faultWords(view, 7)).toBe('Partition 0 of stage 7 takes 10 times as long, slowed from the page');
});

test('partitions in words are bounded', () => {
  expect(partitionWords([3])).toBe('partition 3');
  expect(partitionWords([3, 4])).toBe('partitions 3 and 4');
  expect(partitionWords(Array.from({ length: 20 }, (_, i) => i))).toBe(
    'partitions 0, 1, 2, 3, 4, 5, 6, 7 and 12 more',
  );
});

test('faults live as long as their application, over a reload too, and a slowed partition is told from one let go', () => {
  const slow = { kind: 'slowPartition', stageId: 1, partition: 0, slowness: { factor: 3 } } as const;
  const view = viewOf(slow, []);
  expect(view.faults.get(1)!.clearedAt).toBeUndefined();
  fold(view, { type: 'faultsCleared', faultIds: [1, 8], time: 9, by: 'Ada' });
  expect(clearedWords(view.faults.get(1)!, 4)).toBe('Partition 0 of stage 4 was let go by Ada');
  const restored = fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(view))));
  expect(restored.faults).toEqual(view.faults);
  expect(restored.faults.get(1)).toMatchObject({ faultId: 1, clearedAt: 9 });
  const { faults: _faults, ...older } = toSnapshot(view);
  expect(fromSnapshot(JSON.parse(JSON.stringify(older))).faults.size).toBe(0);
  const again = { appId: 'a', name: 'n', executors: 1, executorMemory: 1, version: '1' };
  fold(view, { type: 'applicationStart', ...again, time: 10 });
  expect(view.faults.size).toBe(0);
});

test('of thousands of faults the latest are held, and every slowed partition that still is', () => {
  const slow = { kind: 'slowPartition', stageId: 1, partition: 0, slowness: { factor: 3 } } as const;
  const view = viewOf(slow, []);
  const fault = { kind: 'dropBlock', stageId: 1, partition: 3 } as const;
  for (let faultId = 2; faultId < 2_000; faultId++)
    fold(view, { type: 'faultInjected', faultId, fault, time: faultId });
  expect(view.faults.size).toBe(500);
  expect(view.faults.has(1)).toBe(true);
  expect(view.faults.has(1_999)).toBe(true);
});
