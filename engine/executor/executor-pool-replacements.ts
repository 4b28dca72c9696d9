/**
 * When the place of an executor that ended is filled again: at once, later and later while none comes up, and not while
 * the engine's own files are others than those that this process runs.
 */
import type { Clock } from '../clock.ts';
import type { BackendEvent } from '../scheduler/backend.ts';
import { EngineFiles } from './engine-files.ts';
import { engineChanged, startFailure } from './executor-pool-loss.ts';

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;
const MAX_START_FAILURES = 5;

export interface ReplacementsPool {
  clock: Clock;
  start(slot: number): void;
  isAnyReady(): boolean;
  report(event: BackendEvent): void;
}

export class Replacements {
  readonly #pool: ReplacementsPool;
  #engine: Pick<EngineFiles, 'changed'> | undefined;
  #saidChanged = false;
  #startFailures = 0;
  readonly #waiting = new Set<() => void>();

  constructor(pool: ReplacementsPool, engine: Pick<EngineFiles, 'changed'> | undefined) {
    this.#pool = pool;
    this.#engine = engine;
  }

  /** Takes note of the engine's files as they are now, which takes milliseconds. */
  begin(): void {
    try {
      this.#engine ??= new EngineFiles();
    } catch {
      // No descriptor is left to read the folders with; that they change meanwhile is the smaller trouble.
    }
  }

  /** An executor did something: those before it that did not come up do not count any more. */
  cameUp(): void {
    this.#startFailures = 0;
  }

  /** `stillborn`: the executor ended before it did anything, or was never there, for `reason`. */
  replace(slot: number, stillborn: boolean, reason: string): void {
    if (!stillborn) {
      this.#restart(slot);
      return;
    }
    const failures = ++this.#startFailures;
    if (failures >= MAX_START_FAILURES && !this.#pool.isAnyReady()) {
      this.#pool.report({ type: 'executorsUnavailable', error: startFailure(failures, reason) });
    }
    this.#restartLater(slot, Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), MAX_BACKOFF_MS));
  }

  #restartLater(slot: number, ms: number): void {
    const cancel = this.#pool.clock.after(ms, () => {
      this.#waiting.delete(cancel);
      this.#restart(slot);
    });
    this.#waiting.add(cancel);
  }

  /** Not from other source than ours; should the files come back, an executor starts after all. */
  #restart(slot: number): void {
    const changed = this.#engine?.changed();
    if (changed === undefined) {
      this.#pool.start(slot);
      return;
    }
    const error = engineChanged(changed);
    if (!this.#pool.isAnyReady()) this.#pool.report({ type: 'executorsUnavailable', error });
    else if (!this.#saidChanged) {
      const text = `${error.message}. The others go on. ${error.hint}\n`;
      this.#pool.report({
        type: 'taskOutput',
        executorId: '',
        taskId: -1,
        stream: 'stderr',
        text,
        dropped: 0,
      });
    }
    this.#saidChanged = true;
    this.#restartLater(slot, MAX_BACKOFF_MS);
  }

  stop(): void {
    for (const cancel of this.#waiting) cancel();
  }
}
