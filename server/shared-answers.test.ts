import { expect, test } from 'vitest';
import { ManualClock } from '../engine/clock.ts';
import { SharedAnswers } from './shared-answers.ts';

test('a question is computed at most once in an interval, and never answered with what was before it', async () => {
  const clock = new ManualClock(1_000);
  const answers = new SharedAnswers<{ state: number }>(clock);
  let state = 0;
  let computed = 0;
  const ask = (key = 'a') =>
    answers.ask(key, () => {
      computed++;
      return { state };
    });
  expect(await ask()).toEqual({ state: 0 });
  state = 1;
  const [first, second] = [ask(), ask()];
  expect(ask('b')).toEqual({ state: 1 });
  state = 2;
  clock.advance(99);
  expect(computed).toBe(2);
  clock.advance(1);
  expect(await first).toEqual({ state: 2 });
  // One object for all, so that it is made into text once.
  expect(await second).toBe(await first);
  expect(computed).toBe(3);
  clock.advance(100);
  expect(ask()).toEqual({ state: 2 });
  expect(computed).toBe(4);
});

test('a question that cannot be answered fails for all who wait, and not for those after', async () => {
  const clock = new ManualClock(0);
  const answers = new SharedAnswers<number>(clock);
  answers.ask('a', () => 1);
  const waiting = answers.ask('a', () => {
    throw new Error('gone');
  });
  clock.advance(100);
  await expect(waiting).rejects.toThrow('gone');
  clock.advance(100);
  expect(answers.ask('a', () => 2)).toBe(2);
});

test('what is nearly due goes with events that leave, and not before', async () => {
  const clock = new ManualClock(0);
  const answers = new SharedAnswers<number>(clock);
  let state = 0;
  const ask = () => answers.ask('a', () => state);
  ask();
  clock.advance(87);
  state = 87;
  const answer = ask();
  answers.eventsLeft();
  clock.advance(1);
  state = 88;
  answers.eventsLeft();
  state = 89;
  expect(await answer).toBe(88);
  // The next interval begins there, and nobody waits for the end of this one any more.
  clock.advance(99);
  const next = ask();
  clock.advance(1);
  expect(await next).toBe(89);
});
