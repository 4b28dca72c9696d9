import { expect, test } from 'vitest';
import type { StageInfo, StagelightEvent } from '../protocol.ts';
import { createViewState, fold } from './fold.ts';
import { zeroMetrics } from './progress.ts';
import { timeline } from './timeline.ts';

const stage = (attempt: number, numTasks: number): StageInfo => {
  const rdds: StageInfo['rdds'] = [];
  return { stageId: 0, attempt, kind: 'shuffleMap', name: 'map', numTasks, parentIds: [], rdds };
};

function task(taskId: number, stageAttempt: number, partition: number, at: number): StagelightEvent[] {
  const info = {
    ...{ taskId, stageId: 0, stageAttempt, index: partition, partition },
    ...{ attempt: 0, executorId: '0', launchTime: at },
  };
  return [
    { type: 'taskStart', task: info },
    {
      type: 'taskEnd',
      task: info,
      finishTime: at + 1,
      status: 'success',
      reason: { kind: 'success' },
      metrics: zeroMetrics(),
    },
  ];
}

test('the timeline of a job that recomputes a lost partition holds that attempt, not the one of the job before', () => {
  const view = createViewState('b');
  const events: StagelightEvent[] = [
    { type: 'jobStart', jobId: 0, name: 'first', time: 10, stages: [stage(0, 2)] },
    { type: 'stageSubmitted', stage: stage(0, 2), jobIds: [0], time: 10 },
    ...task(0, 0, 0, 11),
    ...task(1, 0, 1, 12),
    { type: 'stageCompleted', stageId: 0, attempt: 0, time: 13, status: 'complete' },
    { type: 'jobEnd', jobId: 0, time: 13, status: 'succeeded' },
    { type: 'jobStart', jobId: 1, name: 'second', time: 1_000, stages: [stage(0, 2)] },
    { type: 'stageSkipped', stageId: 0, jobId: 1, time: 1_000, reason: 'map outputs available' },
    { type: 'stageSubmitted', stage: stage(1, 1), jobIds: [1], time: 1_001 },
    ...task(2, 1, 1, 1_002),
  ];
  for (const event of events) fold(view, event, { tasks: true });
  const shown = (jobId: number) => {
    const { lanes, extent } = timeline(
      view,
      { type: 'timeline', jobIds: [jobId], lanes: 'executor', width: 500 },
      2_000,
    );
    return { extent, tasks: lanes.flatMap(({ slices }) => slices.map((slice) => slice.task?.taskId)) };
  };
  expect(shown(0)).toEqual({ extent: [11, 13], tasks: [0, 1] });
  expect(shown(1)).toEqual({ extent: [1_002, 1_003], tasks: [2] });
});
