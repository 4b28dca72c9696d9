import { expect, test } from 'vitest';
import { ManualClock } from '../engine/clock.ts';
import { createViewState, fold } from '../engine/fold/fold.ts';
import type { ViewState } from '../engine/fold/state.ts';
import type { StageInfo } from '../engine/protocol.ts';
import { ProgressBar, renderProgress } from './progress-bar.ts';

function running(stages: [stageId: number, succeeded: number, active: number, tasks: number][]): ViewState {
  const state = createViewState('b');
  for (const [stageId, numSucceeded, numRunning, numTasks] of stages) {
    const stage: StageInfo = {
      stageId,
      attempt: 0,
      kind: 'result',
      name: '',
      numTasks,
      parentIds: [],
      rdds: [],
    };
    fold(state, { type: 'stageSubmitted', stage, jobIds: [], time: 0 });
    const progress = state.stages.get(`${stageId}.0`)!.progress;
    fold(state, { type: 'stageProgress', time: 1, ...progress, numSucceeded, numRunning });
  }
  return state;
}

test('a bar as Spark draws it', () => {
  expect(renderProgress(running([[1, 12, 2, 40]]), 40, 1_000)).toBe(
    '[Stage 1:=====>           (12 + 2) / 40]',
  );
  expect(renderProgress(running([[1, 40, 0, 40]]), 34, 1_000)).toBe('[Stage 1:===========(40 + 0) / 40]');
  expect(renderProgress(running([[1, 0, 2, 40]]), 10, 1_000)).toBe('[Stage 1:(');
});

test('stages side by side share the width, at most three, and say how many more there are', () => {
  const line = renderProgress(running([1, 2, 3, 4, 5].map((id) => [id, 1, 1, 2])), 100, 1_000);
  const one = (id: number): string => `[Stage ${id}:=====>     (1 + 1) / 2]`;
  expect(line).toBe(`${one(1)}${one(2)}${one(3)} +2`);
});

test('nothing before half a second, nor when all is done', () => {
  const state = running([[1, 0, 1, 2]]);
  expect(renderProgress(state, 80, 499)).toBe('');
  fold(state, { type: 'stageCompleted', stageId: 1, attempt: 0, time: 600, status: 'complete' });
  expect(renderProgress(state, 80, 1_000)).toBe('');
});

test('the bar redraws at most every 200 ms, makes way for prints, and leaves a clean line', () => {
  const clock = new ManualClock();
  const written: string[] = [];
  const state = running([[1, 1, 1, 2]]);
  const bar = new ProgressBar(
    state,
    { isTTY: true, columns: 31, write: (text) => written.push(text) },
    clock,
  );
  bar.start();
  clock.advance(500);
  expect(written).toEqual([]);
  clock.advance(1_000);
  expect(written).toEqual(['\r\u001b[2K[Stage 1:====>    (1 + 1) / 2]']);
  bar.print(() => written.push('hello\n'));
  expect(written.slice(1)).toEqual(['\r\u001b[2K', 'hello\n']);
  clock.advance(200);
  expect(written.length).toBe(4);
  bar.stop();
  clock.advance(1_000);
  expect(written.slice(4)).toEqual(['\r\u001b[2K']);
});

test('no terminal, no bar', () => {
  const clock = new ManualClock();
  const written: string[] = [];
  const bar = new ProgressBar(running([[1, 1, 1, 2]]), { write: (text) => written.push(text) }, clock);
  bar.start();
  clock.advance(5_000);
  bar.stop();
  expect(written).toEqual([]);
});
