/** The keys reach every bar; a view that follows keeps its length at the end of the data. */
import { expect, it } from 'vitest';
import type { TimelineAnswer } from '../../engine/viewer-protocol.ts';
import { currentDomain, domainShowing, movedTo, walkBars } from './bar-walk.ts';

const bar = (start: number, end: number) => ({ start, end, count: 1, failed: 0, running: 0, phases: [] });
const lanes: TimelineAnswer['lanes'] = [
  { key: '0', label: 'Executor 0', slices: [bar(0, 10), bar(12, 30), bar(40, 50)] },
  { key: '1', label: 'Executor 1', slices: [] },
  { key: '2', label: 'Executor 2', slices: [bar(0, 20), bar(22, 60)] },
];
const all = { from: 0, to: 60 };

it('begins at the first bar in view', () => {
  expect(walkBars(lanes, undefined, 'ArrowRight', all)).toEqual({ lane: 0, slice: 0 });
  expect(walkBars(lanes, undefined, 'ArrowRight', { from: 35, to: 60 })).toEqual({ lane: 0, slice: 2 });
  expect(walkBars([], undefined, 'ArrowRight', all)).toBeUndefined();
});

it('walks within a lane and to the nearest bar of the next lane that has one', () => {
  expect(walkBars(lanes, { lane: 0, slice: 0 }, 'ArrowRight', all)).toEqual({ lane: 0, slice: 1 });
  expect(walkBars(lanes, { lane: 0, slice: 0 }, 'ArrowLeft', all)).toEqual({ lane: 0, slice: 0 });
  expect(walkBars(lanes, { lane: 0, slice: 2 }, 'ArrowDown', all)).toEqual({ lane: 2, slice: 1 });
  expect(walkBars(lanes, { lane: 2, slice: 0 }, 'ArrowUp', all)).toEqual({ lane: 0, slice: 0 });
  expect(walkBars(lanes, { lane: 2, slice: 0 }, 'ArrowDown', all)).toEqual({ lane: 2, slice: 0 });
});

it('moves the view to a bar outside of it, keeping its length', () => {
  expect(domainShowing({ from: 0, to: 10 }, bar(5, 8))).toEqual({ from: 0, to: 10 });
  expect(domainShowing({ from: 0, to: 10 }, bar(40, 45))).toEqual({ from: 35, to: 45 });
  expect(domainShowing({ from: 30, to: 40 }, bar(2, 5))).toEqual({ from: 2, to: 12 });
});

it('follows the end of the data until moved away from it, and again when moved back', () => {
  const extent = { from: 0, to: 100 };
  const following = movedTo({ from: 80, to: 100 }, extent, true);
  expect(following).toEqual({ domain: { from: 80, to: 100 }, following: true });
  expect(currentDomain(following, { from: 0, to: 300 })).toEqual({ from: 280, to: 300 });
  const paused = movedTo({ from: 10, to: 30 }, extent, true);
  expect(currentDomain(paused, { from: 0, to: 300 })).toEqual({ from: 10, to: 30 });
  expect(movedTo({ from: -1, to: 101 }, extent, true)).toEqual({ domain: undefined, following: true });
});
