import { expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import { Interrupter } from './interrupter.ts';

/** A driver of which the test says what it answers; everything asked of it is written down. */
function rig() {
  const clock = new ManualClock();
  const log: string[] = [];
  let lastPing = 0;
  const interrupter = new Interrupter(
    {
      ask: (run, ping) => {
        lastPing = ping;
        log.push(`ask ${run}`);
      },
      terminate: () => log.push('terminate'),
      status: (status) => log.push(status),
      done: (run) => log.push(`done ${run}`),
    },
    clock,
  );
  return {
    clock,
    log,
    interrupter,
    answer: () => interrupter.pong(lastPing),
    staleAnswer: () => interrupter.pong(lastPing - 1),
  };
}

test('a driver that answers is not terminated', () => {
  const { clock, log, interrupter, answer } = rig();
  interrupter.start(7);
  answer();
  clock.advance(10_000);
  expect(log).toEqual(['interrupting', 'ask 7', 'done 7']);
  expect(interrupter.active).toBe(false);
});

test('one that does not answer is terminated after 200 ms, and is free once it answers after that', () => {
  const { clock, log, interrupter, answer } = rig();
  interrupter.start(7);
  clock.advance(199);
  expect(log).toEqual(['interrupting', 'ask 7']);
  clock.advance(1);
  expect(log.at(-1)).toBe('terminate');
  interrupter.terminated();
  answer();
  expect(log).toEqual(['interrupting', 'ask 7', 'terminate', 'ask 7', 'done 7']);
});

test('an answer does not count while a termination is still on its way to the next code that runs', () => {
  const { clock, log, interrupter, answer, staleAnswer } = rig();
  interrupter.start(7);
  clock.advance(200);
  answer();
  expect(log.at(-1)).toBe('terminate');
  // The driver is idle: another question gives the termination something to end.
  clock.advance(200);
  expect(log.at(-1)).toBe('ask 7');
  interrupter.terminated();
  staleAnswer();
  expect(interrupter.active).toBe(true);
  answer();
  expect(log.at(-1)).toBe('done 7');
});

test('code that goes on after a termination is terminated again', () => {
  const { clock, log, interrupter } = rig();
  interrupter.start(7);
  clock.advance(200);
  interrupter.terminated();
  clock.advance(200);
  interrupter.terminated();
  clock.advance(200);
  expect(log.filter((entry) => entry === 'terminate')).toHaveLength(3);
});

test('a driver that is still busy after two seconds is reported as stuck, once, and can recover', () => {
  const { clock, log, interrupter, answer } = rig();
  interrupter.start(7);
  clock.advance(5_000);
  expect(log.filter((entry) => entry === 'stuck')).toHaveLength(1);
  expect(log.filter((entry) => entry === 'terminate')).toHaveLength(1);
  interrupter.terminated();
  answer();
  expect(log.at(-1)).toBe('done 7');
});

test('a second interrupt during the first changes nothing', () => {
  const { log, interrupter } = rig();
  interrupter.start(7);
  interrupter.start(7);
  expect(log).toEqual(['interrupting', 'ask 7']);
});
