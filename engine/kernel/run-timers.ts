/** The timers of user code: Node's own, booked on the run that set them, so that an interrupt clears them. */
import { promisify } from 'node:util';
import type { CellRun } from './cell-run.ts';

type Timer = NodeJS.Timeout | NodeJS.Immediate;
type Callback = (...args: unknown[]) => void;

/** Replaces the global timer functions of this thread. */
export function installRunTimers(currentRun: () => CellRun | undefined): void {
  const native = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate };
  const owners = new WeakMap<object, CellRun>();

  const book = (
    repeats: boolean,
    callback: Callback,
    start: (callback: Callback) => Timer,
    stop: (timer: never) => void,
  ): Timer => {
    const run = currentRun();
    if (!run || typeof callback !== 'function') return start(callback);
    const timer: Timer = start((...args) => {
      if (!repeats) run.timers.delete(timer);
      callback(...args);
    });
    if (run.interrupted) {
      stop(timer as never);
    } else {
      run.timers.add(timer);
      owners.set(timer, run);
    }
    return timer;
  };
  const forget = (timer: unknown) => {
    if (typeof timer === 'object' && timer !== null)
      owners.get(timer)?.timers.delete(timer as NodeJS.Timeout);
  };

  Object.assign(globalThis, {
    setTimeout: Object.assign(
      (callback: Callback, ms?: number, ...args: unknown[]) =>
        book(false, callback, (wrapped) => native.setTimeout(wrapped, ms, ...args), native.clearTimeout),
      { [promisify.custom]: native.setTimeout[promisify.custom as never] },
    ),
    setInterval: (callback: Callback, ms?: number, ...args: unknown[]) =>
      book(true, callback, (wrapped) => native.setInterval(wrapped, ms, ...args), native.clearInterval),
    setImmediate: Object.assign(
      (callback: Callback, ...args: unknown[]) =>
        book(false, callback, (wrapped) => native.setImmediate(wrapped, ...args), native.clearImmediate),
      { [promisify.custom]: native.setImmediate[promisify.custom as never] },
    ),
    clearTimeout: (timer: never) => {
      forget(timer);
      native.clearTimeout(timer);
    },
    clearInterval: (timer: never) => {
      forget(timer);
      native.clearInterval(timer);
    },
    clearImmediate: (timer: never) => {
      forget(timer);
      native.clearImmediate(timer);
    },
  });
}
