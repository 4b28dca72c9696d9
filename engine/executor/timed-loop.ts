/** A push loop whose time is measured, some of its rows by the twin that reads a clock behind every part. */
import type { LoopSample } from './loop-sample.ts';
import type { OperatorClock } from './operator-clock.ts';
import type { Loop } from './push-loop.ts';

/** `openTwin` is asked for the twin when the first rows are due. */
export function timedLoop(
  clock: OperatorClock,
  account: number,
  sample: LoopSample,
  loop: Loop,
  openTwin: () => Loop,
): Loop {
  let twin: Loop | undefined;
  return (from, to, a, b, c, d) => {
    if (from >= to) return false;
    const written = clock.written();
    clock.enter(account);
    try {
      for (let [at, since] = [from, clock.loopTime()]; at < to; ) {
        const due = Math.min(sample.due(), to - at);
        if (due > 0) {
          twin ??= openTwin();
          const ended = twin(at, at + due, a, b, c, d);
          const now = clock.loopTime();
          // Nobody knows how far a loop came that ended early; most that are left have come one row far.
          sample.sampled(ended ? 1 : due, now - since);
          if (ended) return true;
          at += due;
          since = now;
        }
        if (at >= to) break;
        const chunk = Math.min(sample.chunk(), to - at);
        const ended = loop(at, at + chunk, a, b, c, d);
        const now = clock.loopTime();
        sample.passed(ended ? 1 : chunk, now - since);
        if (ended) return true;
        at += chunk;
        since = now;
      }
      return false;
    } finally {
      clock.leave();
      const wrote = clock.written() - written;
      if (wrote > 0) clock.wrote(account, wrote);
    }
  };
}
