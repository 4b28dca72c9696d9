/** Whose turn it is of jobs that wait for one another before they begin: a preparation has the turn of the job that it is for. */
import type { DagState } from './dag-state.ts';
import type { ActiveJob } from './job.ts';

/** As things are: not to be kept. */
export class JobTurns {
  readonly #state: DagState;
  readonly #turns = new Map<number, number[]>();

  constructor(state: DagState) {
    this.#state = state;
  }

  /**
   * Who waits only for jobs that come before it, and for preparations of its own, waits in no circle: `other` does not come
   * before what it waits for itself, by however many others.
   */
  comesBefore(other: ActiveJob, job: ActiveJob): boolean {
    return isBefore(this.#turnOf(other), this.#turnOf(job));
  }

  /** The ids of the jobs that it is for, the one that is for no other in front, and its own: of several such chains the first. */
  #turnOf({ jobId, preparesRddId }: ActiveJob): number[] {
    const known = this.#turns.get(jobId);
    if (known) return known;
    const { jobs, preparations } = this.#state;
    let first = [jobId];
    for (const id of (preparesRddId !== undefined && preparations.get(preparesRddId)?.waiters) || []) {
      const waiter = jobs.get(id);
      const turn = waiter && [...this.#turnOf(waiter), jobId];
      if (turn && isBefore(turn, first)) first = turn;
    }
    this.#turns.set(jobId, first);
    return first;
  }
}

function isBefore(turn: readonly number[], other: readonly number[]): boolean {
  for (let i = 0; i < turn.length && i < other.length; i++)
    if (turn[i] !== other[i]) return turn[i]! < other[i]!;
  return false;
}
