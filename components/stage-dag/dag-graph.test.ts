/** What a stage says of itself, by state; and that progress never changes the topology. */
import { expect, it } from 'vitest';
import { createProgress } from '../../engine/fold/progress.ts';
import type { StageView } from '../../engine/fold/state.ts';
import type { StageStatus } from '../../engine/protocol.ts';
import { graphOfStages } from './dag-graph.ts';
import { titleOf } from './dag-title.ts';

function stage(stageId: number, status: StageStatus, change: Partial<StageView['progress']> = {}): StageView {
  return {
    key: `${stageId}.0`,
    info: {
      stageId,
      attempt: 0,
      kind: stageId === 0 ? 'shuffleMap' : 'result',
      name: 'map',
      numTasks: 4,
      parentIds: stageId === 0 ? [] : [0],
      rdds: ['textFile', 'map', 'map'].map((name, rddId) => ({
        rddId,
        name,
        parentIds: [],
        numPartitions: 4,
        storageLevel: 'NONE',
      })),
    },
    status,
    jobIds: [0],
    progress: { ...createProgress(stageId, 0), ...change },
  };
}

const graph = (...stages: StageView[]) => graphOfStages(stages.map((view) => ({ stage: view, earlier: [] })));
const label = (view: StageView) => graph(view).nodes[0]?.label;

it('names a stage with kind, state and tasks', () => {
  expect(label(stage(0, 'complete'))).toBe('Stage 0, shuffle map, complete, 4 of 4 tasks');
  expect(label(stage(1, 'pending'))).toBe('Stage 1, result, pending, 0 of 4 tasks');
  expect(label(stage(0, 'skipped', { numSucceeded: 4 }))).toBe('Stage 0, shuffle map, skipped, 4 tasks');
  expect(label(stage(1, 'active', { numSucceeded: 2, numFailed: 1 }))).toBe(
    'Stage 1, result, active, 2 of 4 tasks, 1 task attempt failed',
  );
});

it('shows chain, rows so far and retries', () => {
  const [node] = graph(
    stage(0, 'active', { numSucceeded: 1, numRunning: 2, numFailed: 1, rowsByRdd: [9, 1234, -1] }),
  ).nodes;
  expect(node).toMatchObject({
    chain: 'textFile · map',
    count: '1 / 4',
    detail: '1 failed · 1,234 rows so far',
  });
  expect(node).toMatchObject({ done: 0.25, running: 0.5, failed: 0, retried: true });
});

it('keeps its topology while tasks run', () => {
  const before = graph(stage(0, 'active'), stage(1, 'pending'));
  const after = graph(stage(0, 'complete', { numSucceeded: 4 }), stage(1, 'active'));
  expect(after.topology).toBe(before.topology);
  expect(before.edges).toEqual([{ from: 0, to: 1, label: '', reused: false, again: false }]);
});

it('says of a stage that read cached partitions alone that it did, and carries no bytes to it', () => {
  const parent = stage(0, 'complete');
  parent.progress.totals = { ...parent.progress.totals, shuffleWriteBytes: 2048 };
  const child = stage(1, 'complete', { numSucceeded: 4, rowsByRdd: [-1, -1, 1] });
  expect(graph(parent, child).edges[0]).toMatchObject({ label: '2 KB', reused: false });
  child.info.rdds[1]!.storageLevel = 'MEMORY';
  expect(graph(parent, child).edges[0]).toMatchObject({ label: '', reused: true });
  expect(graph(parent, child).nodes[1]).toMatchObject({ detail: '1 row · from cache' });
  expect(label(child)).toBe('Stage 1, result, complete, 4 of 4 tasks, from cache');
  child.progress.totals = { ...child.progress.totals, shuffleReadBytes: 2048 };
  expect(graph(parent, child).edges[0]).toMatchObject({ label: '2 KB', reused: false });
});

it('draws what was skipped apart from what ran, and the stages of one job each by itself', () => {
  const round = (stageId: number, status: StageStatus): StageView => {
    const view = stage(stageId, status);
    return { ...view, info: { ...view.info, kind: 'shuffleMap', parentIds: [] }, jobIds: [stageId] };
  };
  const rounds = [1, 2, 3, 4, 5, 6].map((id) => round(id, id > 3 ? 'complete' : 'skipped'));
  const entries = rounds.map((view) => ({ stage: view, earlier: [] }));
  const drawn = (jobs: number) =>
    graphOfStages(entries, { grouped: true, jobs }).nodes.map(({ detail }) => detail);
  expect(drawn(4)).toEqual(['3 skipped', '3 complete']);
  expect(drawn(1)).toHaveLength(6);
});

it('says of a stage how it shares the executors', () => {
  const view = stage(0, 'complete');
  const excludedExecutors = [{ executorId: '1', reason: 'two failed', since: 1 }];
  const shared = {
    ...view,
    info: { ...view.info, barrier: true as const },
    pool: 'etl',
    speculated: 2,
    excludedExecutors,
  };
  const [node] = graph(shared).nodes;
  expect(node?.label).toBe(
    'Stage 0, shuffle map, barrier, complete, 4 of 4 tasks, pool etl, 2 found slow, executor 1 excluded',
  );
  expect(node?.barrier).toBe(true);
  expect(node?.detail).toBe('barrier · 2 found slow');
  expect(graph(view).nodes[0]?.barrier).toBe(false);
});

it('moves a mark that has no room beside the count into the details', () => {
  const head = { title: 'Stage 6', count: '12 / 12', badge: 'coalesced', retried: false, recomputed: 0 };
  expect(titleOf(head)).toEqual({ title: 'Stage 6 · coalesced', left: '' });
  expect(titleOf({ ...head, count: '2,000 / 2,000' })).toEqual({ title: 'Stage 6', left: 'coalesced' });
  expect(titleOf({ ...head, retried: true, count: '2,000 / 2,000' }).left).toBe('retried');
  expect(titleOf({ ...head, badge: '' })).toEqual({ title: 'Stage 6', left: '' });
});
