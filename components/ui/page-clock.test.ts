/** What counts on the page moves together, with the page's own changes where there are any. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PageClock } from './page-clock.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

function counting(clock: PageClock, interval: number) {
  const times: number[] = [];
  return { times, stop: clock.count(interval, (now) => times.push(now)) };
}

it('tells all counters in one turn, however they began', () => {
  const clock = new PageClock();
  const first = counting(clock, 100);
  vi.advanceTimersByTime(240);
  const second = counting(clock, 100);
  vi.advanceTimersByTime(260);
  expect(first.times).toEqual([0, 115, 230, 345, 460]);
  expect(second.times).toEqual([240, 345, 460]);
});

it('counts with the changes of the page while they come, and by itself when they stop', () => {
  const clock = new PageClock();
  const { times } = counting(clock, 100);
  for (let i = 0; i < 5; i++) {
    vi.advanceTimersByTime(100);
    clock.tick();
  }
  expect(times).toEqual([0, 100, 200, 300, 400, 500]);
  vi.advanceTimersByTime(115);
  expect(times.at(-1)).toBe(615);
});

it('tells nobody before about its time', () => {
  const clock = new PageClock();
  const fast = counting(clock, 100);
  const slow = counting(clock, 250);
  for (let i = 0; i < 25; i++) {
    vi.advanceTimersByTime(20);
    clock.tick();
  }
  expect(fast.times).toEqual([0, 100, 200, 300, 400, 500]);
  expect(slow.times).toEqual([0, 300]);
});

it('keeps no timer for nobody, and begins again', () => {
  const clock = new PageClock();
  const { times, stop } = counting(clock, 100);
  stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(1000);
  expect(times).toEqual([0]);
  const again = counting(clock, 100);
  vi.advanceTimersByTime(115);
  expect(again.times).toEqual([1000, 1115]);
});

it('goes on when the clock of the machine is set back', () => {
  const clock = new PageClock();
  vi.setSystemTime(10_000);
  const { times } = counting(clock, 250);
  vi.setSystemTime(5_000);
  clock.tick();
  expect(times).toEqual([10_000, 5_000]);
  vi.advanceTimersByTime(345);
  expect(times).toEqual([10_000, 5_000, 5_345]);
});
