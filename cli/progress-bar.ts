/** A progress bar for the terminal, as Spark's console draws it, from the same folded state as every other view. */
import type { Clock } from '../engine/clock.ts';
import { systemClock } from '../engine/clock.ts';
import type { StageView, ViewState } from '../engine/fold/state.ts';

/** A stage that is over in less is not worth a flicker. */
const SHOW_AFTER_MS = 500;
const REDRAW_MS = 200;
const MAX_STAGES = 3;
const ERASE_LINE = '\r\u001b[2K';

/** One line of at most `width` characters, or '' when no stage has run for long enough. */
export function renderProgress(state: ViewState, width: number, now: number): string {
  const active: StageView[] = [];
  for (const stage of state.stages.values()) {
    if (stage.status === 'active' && now - (stage.submittedAt ?? now) >= SHOW_AFTER_MS) active.push(stage);
  }
  active.sort((a, b) => a.info.stageId - b.info.stageId);
  const stages = active.slice(0, MAX_STAGES);
  const more = active.length > stages.length ? ` +${active.length - stages.length}` : '';
  if (stages.length === 0) return '';
  const each = Math.floor((width - more.length) / stages.length);
  return `${stages.map((stage) => renderStage(stage, each)).join('')}${more}`.slice(0, width);
}

/** `[Stage 1:=====>   (12 + 2) / 40]`: succeeded, running, all. */
function renderStage({ info, progress }: StageView, width: number): string {
  const retry = info.attempt > 0 ? `.${info.attempt}` : '';
  const header = `[Stage ${info.stageId}${retry}:`;
  const tailer = `(${progress.numSucceeded} + ${progress.numRunning}) / ${info.numTasks}]`;
  const room = width - header.length - tailer.length;
  if (room <= 0) return `${header}${tailer}`;
  const share = info.numTasks > 0 ? progress.numSucceeded / info.numTasks : 0;
  const filled = Math.min(room, Math.floor(room * share));
  const bar = filled < room ? `${'='.repeat(filled)}>`.padEnd(room) : '='.repeat(room);
  return `${header}${bar}${tailer}`;
}

/** The part of a terminal's output stream that the bar uses. */
export interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Draws the bar on a terminal at most five times a second, and leaves nothing behind. */
export class ProgressBar {
  readonly #state: ViewState;
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  #shown = '';
  #cancel: (() => void) | undefined;

  constructor(state: ViewState, terminal: Terminal = process.stderr, clock: Clock = systemClock) {
    this.#state = state;
    this.#terminal = terminal;
    this.#clock = clock;
  }

  /** Starts drawing; does nothing where the output is no terminal, unless forced. */
  start(force = false): void {
    if (this.#cancel || !(this.#terminal.isTTY || force)) return;
    this.#schedule();
  }

  #schedule(): void {
    this.#cancel = this.#clock.after(REDRAW_MS, () => {
      this.#draw(renderProgress(this.#state, (this.#terminal.columns ?? 80) - 1, this.#clock.now()));
      this.#schedule();
    });
  }

  /** Prints something else on the same terminal: the bar makes way and comes back with the next redraw. */
  print(write: () => void): void {
    this.#draw('');
    write();
  }

  /** Stops and cleans the line. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#draw('');
  }

  #draw(line: string): void {
    if (line === this.#shown) return;
    this.#terminal.write(`${ERASE_LINE}${line}`);
    this.#shown = line;
  }
}
