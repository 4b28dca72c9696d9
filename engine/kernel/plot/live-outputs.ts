/** The pace of outputs that replace one another: the first at once, then so many as a page and a log can take. */
import type { Clock } from '../../clock.ts';
import type { PlotOutput } from '../../plot-protocol.ts';

const LEAST_INTERVAL_MS = 100;
/** Of all plots of a notebook together, in the long run. */
const CHARACTERS_PER_SECOND = 100_000;

interface Live {
  nextAt: number;
  /** The latest that was held back, with the way to show it. */
  held?: () => void;
  cancel?: () => void;
}

export class LiveOutputs {
  readonly #clock: Clock;
  readonly #live = new Map<string, Live>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Shows the output now or, when the one before was shown a moment ago, the latest of those that follow. */
  show(key: string, output: PlotOutput, show: (output: PlotOutput) => void): void {
    const now = this.#clock.now();
    const live = this.#live.get(key) ?? { nextAt: 0 };
    this.#live.set(key, live);
    const send = () => {
      live.cancel?.();
      live.cancel = undefined;
      live.held = undefined;
      const size = JSON.stringify(output).length;
      live.nextAt =
        this.#clock.now() +
        Math.max(LEAST_INTERVAL_MS, (size * this.#live.size * 1000) / CHARACTERS_PER_SECOND);
      show(output);
    };
    if (now >= live.nextAt) {
      send();
      return;
    }
    live.held = send;
    live.cancel ??= this.#clock.after(live.nextAt - now, () => live.held?.());
  }

  flush(): void {
    for (const { held } of this.#live.values()) held?.();
    this.#live.clear();
  }
}
