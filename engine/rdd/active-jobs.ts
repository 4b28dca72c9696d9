/** The jobs of one application that have not ended, by what users name to cancel or ask about them. */

export interface ActiveJob {
  readonly jobId: number;
  /** The action's name. */
  readonly name: string;
  readonly groupId: string | undefined;
  readonly tags: readonly string[];
}

interface Entry extends ActiveJob {
  cancel(reason: string): void;
}

export class ActiveJobs {
  readonly #entries = new Map<number, Entry>();

  started(entry: Entry): void {
    this.#entries.set(entry.jobId, entry);
  }

  ended(jobId: number): void {
    this.#entries.delete(jobId);
  }

  has(jobId: number): boolean {
    return this.#entries.has(jobId);
  }

  /** Oldest first. */
  list(which: (job: ActiveJob) => boolean = () => true): ActiveJob[] {
    return [...this.#entries.values()]
      .filter(which)
      .map(({ jobId, name, groupId, tags }) => ({ jobId, name, groupId, tags }));
  }

  /** How many jobs were told to end. */
  cancel(which: (job: ActiveJob) => boolean, reason: string): number {
    const chosen = [...this.#entries.values()].filter(which);
    for (const entry of chosen) entry.cancel(reason);
    return chosen.length;
  }
}
