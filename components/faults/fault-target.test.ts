import { expect, test } from 'vitest';
import { createProgress } from '../../engine/fold/progress.ts';
import type { FaultView, StageView } from '../../engine/fold/state.ts';
import type { Recomputation, StageKind } from '../../engine/protocol.ts';
import { graphOfStages } from '../stage-dag/dag-graph.ts';
import type { TimelineSlice } from '../timeline/time-scale.ts';
import { menuTarget } from '../timeline/timeline-menu.ts';
import {
  type FaultFacts,
  type FaultTarget,
  faultItems,
  slowedStageId,
  slownessOf,
  targetTitle,
} from './fault-target.ts';
import { againWords, recomputedWords, stagesByKey } from './recompute.ts';

function stageOf(
  stageId: number,
  attempt: number,
  kind: StageKind,
  numTasks: number,
  more: Partial<StageView> = {},
): StageView {
  const rdds = [{ rddId: stageId, name: 'map', parentIds: [], numPartitions: 8, storageLevel: 'NONE' }];
  const parentIds = kind === 'result' ? [0] : [];
  return {
    key: `${stageId}.${attempt}`,
    info: { stageId, attempt, kind, name: 'map', numTasks, parentIds, rdds },
    status: 'complete',
    jobIds: [0],
    submittedAt: 1,
    completedAt: 5,
    progress: createProgress(stageId, attempt),
    ...more,
  };
}

const slowed: FaultView = {
  faultId: 1,
  time: 1,
  fault: { kind: 'slowPartition', stageId: 0, partition: 1, slowness: { factor: 2 } },
};

const facts: FaultFacts = {
  stages: new Map([stageOf(0, 0, 'shuffleMap', 8), stageOf(1, 0, 'result', 4)].map((one) => [one.key, one])),
  executors: new Map([
    ['0', {}],
    ['1', { removedAt: 3 }],
  ]),
  cached: new Map([[1, new Map([[2, {}]])]]),
  faults: new Map(),
};

const labels = (target: FaultTarget, of = facts) =>
  faultItems(target, of).map((group) => group.map(({ label }) => label));

test('a map stage has blocks to break, a result stage has none', () => {
  expect(labels({ kind: 'stage', stageKey: '0.0' })).toEqual([
    ['Drop a block…', 'Corrupt a block…', 'Slow a partition…'],
  ]);
  expect(labels({ kind: 'stage', stageKey: '1.0' })).toEqual([['Slow a partition…']]);
  expect(labels({ kind: 'stage', stageKey: '9.0' })).toEqual([]);
});

test('a task has its block, what it cached, its pace and its executor while that lives', () => {
  expect(labels({ kind: 'task', stageKey: '0.0', partition: 3, executorId: '0' })).toEqual([
    ['Drop this block', 'Corrupt this block'],
    ['Slow this partition…'],
    ['Kill executor 0'],
  ]);
  expect(labels({ kind: 'task', stageKey: '1.0', partition: 2, executorId: '1' })).toEqual([
    ['Drop cached partition 2 of RDD 1 (map)'],
    ['Slow this partition…'],
  ]);
});

test('of a dead executor, what it wrote is still there to be lost', () => {
  expect(labels({ kind: 'executor', executorId: '0' })).toEqual([
    ['Kill executor 0', 'Drop all blocks of executor 0'],
  ]);
  expect(labels({ kind: 'executor', executorId: '1' })).toEqual([['Drop all blocks of executor 1']]);
});

test('letting go is offered everywhere while something is slowed', () => {
  const target: FaultTarget = { kind: 'executor', executorId: '1' };
  expect(labels(target, { ...facts, faults: new Map([[1, slowed]]) })[1]).toEqual([
    'Let every slowed partition go',
  ]);
  expect(labels(target, { ...facts, faults: new Map([[1, { ...slowed, clearedAt: 2 }]]) })).toHaveLength(1);
});

test('the form knows how many partitions the whole stage has, also from an attempt at one of them', () => {
  const again = new Map([['0.1', stageOf(0, 1, 'shuffleMap', 1)]]);
  const [items] = faultItems({ kind: 'stage', stageKey: '0.1' }, { ...facts, stages: again });
  expect(items![0]).toMatchObject({ form: { stageId: 0, partitions: 8, title: 'Drop a block of stage 0' } });
});

const lost: Recomputation = {
  partitions: [3],
  cause: {
    code: 'MAP_OUTPUT_LOST',
    executorId: '0',
    reader: { stageId: 1, stageAttempt: 0, partition: 0 },
    message: 'gone',
  },
};

test('the graph counts what is recomputed of the whole stage, and lights the way to its reader', () => {
  const first = stageOf(0, 0, 'shuffleMap', 8);
  const again = stageOf(0, 1, 'shuffleMap', 1, { recomputes: [lost], submittedAt: 6, completedAt: 7 });
  const entry = { stage: again, earlier: [first] };
  expect(recomputedWords(entry)).toBe('1 of 8 recomputed');
  const reader = { stage: stageOf(1, 1, 'result', 4, { completedAt: 9 }), earlier: [] };
  const graph = graphOfStages([entry, reader]);
  expect(graph.nodes[0]).toMatchObject({ recomputed: 1 });
  expect(graph.nodes[0]!.label).toContain('1 of 8 partitions computed again, attempt 2');
  expect(graph.edges).toMatchObject([{ from: 0, to: 1, again: true }]);
  // A reader that was done before the loss.
  const before = { stage: stageOf(1, 0, 'result', 4, { completedAt: 5 }), earlier: [] };
  expect(graphOfStages([entry, before]).edges).toMatchObject([{ again: false }]);
  expect(recomputedWords({ stage: first, earlier: [] })).toBeUndefined();
});

test('a bar says whether its task makes again what was lost, or only starts again', () => {
  const stages = stagesByKey([
    {
      stage: stageOf(0, 1, 'shuffleMap', 1, { recomputes: [lost] }),
      earlier: [stageOf(0, 0, 'shuffleMap', 8)],
    },
  ]);
  const bar = (stageAttempt: number, partition: number, attempt = 0) =>
    ({
      stage: `0.${stageAttempt}`,
      task: { taskId: 1, stageId: 0, stageAttempt, partition, attempt },
    }) as TimelineSlice;
  expect(againWords(bar(0, 3), stages)).toBeUndefined();
  expect(againWords(bar(1, 3), stages)).toBe('computed again');
  expect(againWords(bar(1, 4), stages)).toBe('tried again');
  expect(againWords(bar(0, 3, 1), stages)).toBe('tried again');
  expect(againWords({ stage: '0.1', count: 3 } as TimelineSlice, stages)).toBeUndefined();
  // Lost while the attempt ran: its first task had what it read.
  const meanwhile = stageOf(0, 0, 'shuffleMap', 8, { recomputes: [{ ...lost, since: 50 }] });
  const running = stagesByKey([{ stage: meanwhile, earlier: [] }]);
  expect(againWords({ ...bar(0, 3), start: 49 }, running)).toBeUndefined();
  expect(againWords({ ...bar(0, 3), start: 51 }, running)).toBe('computed again');
});

test('the timeline offers the task of a bar, the executor of a lane, the stage of merged bars', () => {
  const lane = { key: '2', label: 'Executor 2' };
  const several = { key: '0', label: 'Executors 0–3' };
  const task = { taskId: 1, stageId: 0, stageAttempt: 0, partition: 3, attempt: 0 };
  const bar = { stage: '0.0', task } as TimelineSlice;
  const merged = { stage: '0.0', count: 9 } as TimelineSlice;
  const titles = [
    menuTarget(lane, bar),
    menuTarget(lane, undefined),
    menuTarget({ key: '3', label: 'Partition 3' }, bar),
    menuTarget(several, merged),
    menuTarget(several, undefined),
  ].map((target) => target && targetTitle(target));
  expect(titles).toEqual([
    'Stage 0, partition 3',
    'Executor 2',
    'Stage 0, partition 3',
    'Stage 0',
    undefined,
  ]);
  expect(menuTarget(lane, bar)).toMatchObject({ executorId: '2' });
  expect(menuTarget({ key: '3', label: 'Partition 3' }, bar)).not.toHaveProperty('executorId');
});

test('a slowed partition is named by the latest stage of the same call', () => {
  const at = (stageId: number, kind: StageKind, line: number): StageView => {
    const stage = stageOf(stageId, 0, kind, 4);
    const place = { file: 'n.ts', cellId: 'a', line, column: 1, endLine: line, endColumn: 9 };
    const callSite = { ...place, name: 'reduceByKey' };
    return { ...stage, info: { ...stage.info, callSite } };
  };
  const known = (...stages: StageView[]) => new Map(stages.map((stage) => [stage.key, stage]));
  const first = at(0, 'shuffleMap', 3);
  expect(slowedStageId(slowed, known(first))).toBe(0);
  expect(slowedStageId(slowed, known(first, at(2, 'shuffleMap', 3), at(4, 'shuffleMap', 3)))).toBe(4);
  // Another line, another kind of stage, or no place at all is not the same call; nor is what came before.
  expect(slowedStageId(slowed, known(first, at(2, 'shuffleMap', 4), at(3, 'result', 3)))).toBe(0);
  expect(slowedStageId(slowed, known(stageOf(0, 0, 'shuffleMap', 4), stageOf(2, 0, 'shuffleMap', 4)))).toBe(
    0,
  );
  // The stage itself is so long ago that it is not held.
  expect(slowedStageId(slowed, known(at(2, 'shuffleMap', 3)))).toBe(0);
  expect(
    slowedStageId({ ...slowed, fault: { kind: 'killExecutor', executorId: '1' } }, known(first)),
  ).toBeUndefined();
});

test('a task was slowed if its partition was, in a stage of the same call, when it was started', () => {
  const place = { file: 'n.ts', cellId: 'a', line: 3, column: 1, endLine: 3, endColumn: 9 };
  const at = (stageId: number, name: string): StageView => {
    const stage = stageOf(stageId, 0, 'shuffleMap', 4);
    return { ...stage, info: { ...stage.info, callSite: { ...place, name } } };
  };
  const [first, later, other] = [at(0, 'reduceByKey'), at(2, 'reduceByKey'), at(4, 'groupByKey')];
  const stages = new Map([first, later, other].map((stage) => [stage.key, stage]));
  const order = { ...slowed, time: 10, clearedAt: 20 };
  const isSlowed = (stage: StageView, partition: number, launchTime: number) =>
    slownessOf(stage, { partition, launchTime }, { stages, faults: new Map([[1, order]]) }) === order;
  expect([isSlowed(first, 1, 10), isSlowed(later, 1, 19)]).toEqual([true, true]);
  expect([isSlowed(first, 1, 9), isSlowed(first, 1, 20)]).toEqual([false, false]);
  expect([isSlowed(first, 2, 10), isSlowed(other, 1, 10)]).toEqual([false, false]);
});
