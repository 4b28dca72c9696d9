/** What a stage says of itself, by state; and that progress never changes the topology. */
import { expect, it } from 'vitest';
import { createProgress } from '../../engine/fold/progress.ts';
import type { StageView } from '../../engine/fold/state.ts';
import type { StageStatus } from '../../engine/protocol.ts';
import { graphOfStages } from './dag-graph.ts';

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
  expect(before.edges).toEqual([{ from: 0, to: 1, label: '', reused: false }]);
});
