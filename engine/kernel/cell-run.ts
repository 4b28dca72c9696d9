/** One execution of one cell in the driver: what it still waits for, and how it ended. */

import { CellInterrupted } from '../closure/cell-runtime.ts';

/** What an interrupted run may still show. */
const UNWINDING_CHARACTERS = 100_000;

export class CellRun {
  readonly number: number;
  readonly cellId: string;
  readonly runId: string;
  /** Its code must end at the next check; what it asks of the engine is refused. */
  interrupted = false;
  /** `evaluated`: its code has ended, jobs it submitted may still run. */
  phase: 'evaluating' | 'evaluated' | 'finished' = 'evaluating';
  /** Its code, or something it started, has thrown. */
  failed = false;
  /** Names its cell declares. */
  definitions: readonly string[] = [];
  runningJobs = 0;
  #unwindingLeft = UNWINDING_CHARACTERS;
  /** Rejecters of the engine promises its code waits for. */
  readonly pending = new Set<(reason: CellInterrupted) => void>();
  /** Its timers that may still fire. */
  readonly timers = new Set<NodeJS.Timeout | NodeJS.Immediate>();

  constructor(number: number, cellId: string, runId: string) {
    this.number = number;
    this.cellId = cellId;
    this.runId = runId;
  }

  /** A promise of the engine that an interrupt rejects. */
  interruptible<T>(
    start: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // A loop that swallows interrupts would spin on a promise that rejects at once; this one ends it.
      if (this.interrupted) return;
      this.pending.add(reject);
      start(
        (value) => {
          this.pending.delete(reject);
          resolve(value);
        },
        (reason) => {
          this.pending.delete(reject);
          reject(reason);
        },
      );
    });
  }

  /**
   * Whether output belongs in the cell. Of an interrupted run that is what its `finally` blocks print while it
   * unwinds: bounded, for a loop may ignore the interrupt, and nothing once the run is over.
   */
  admits(characters: number): boolean {
    if (!this.interrupted) return true;
    if (this.phase === 'finished') return false;
    this.#unwindingLeft -= characters;
    return this.#unwindingLeft >= 0;
  }

  interrupt(): void {
    this.interrupted = true;
    for (const timer of this.timers) {
      clearTimeout(timer as NodeJS.Timeout);
      clearImmediate(timer as NodeJS.Immediate);
    }
    this.timers.clear();
    const rejecters = [...this.pending];
    this.pending.clear();
    for (const reject of rejecters) reject(new CellInterrupted());
  }
}
