/** Closures by id, kept while a known RDD or a running job uses them. */
import { StagelightError } from '../errors.ts';
import { isBuiltin } from '../rdd/builtins.ts';
import type { JobSubmission } from '../rdd/job-runner.ts';
import type { ClosureBlob, ClosureId } from '../rdd/plan.ts';
import { actionClosures } from './stage-plan.ts';

export class ClosureStore {
  readonly #blobs = new Map<ClosureId, ClosureBlob>();
  readonly #uses = new Map<ClosureId, number>();
  /** What each running job's action uses. */
  readonly #actions = new Map<number, ClosureId[]>();

  get size(): number {
    return this.#blobs.size;
  }

  get(id: ClosureId): ClosureBlob {
    const blob = this.#blobs.get(id);
    if (!blob)
      throw new StagelightError('UNKNOWN_CLOSURE', `closure ${id} was never submitted, or is forgotten`);
    return blob;
  }

  jobSubmitted(jobId: number, job: JobSubmission): void {
    for (const { id, bytes } of job.closures) if (!this.#blobs.has(id)) this.#blobs.set(id, { id, bytes });
    for (const node of job.nodes) this.#use(node.closures);
    const ids = actionClosures(job.action);
    this.#actions.set(jobId, ids);
    this.#use(ids);
  }

  /** Returns what nothing uses any more. */
  jobEnded(jobId: number): ClosureId[] {
    const ids = this.#actions.get(jobId) ?? [];
    this.#actions.delete(jobId);
    return this.release(ids);
  }

  /** Returns what nothing uses any more. */
  release(ids: readonly ClosureId[]): ClosureId[] {
    const unused: ClosureId[] = [];
    for (const id of ids) {
      if (isBuiltin(id)) continue;
      const uses = (this.#uses.get(id) ?? 0) - 1;
      if (uses > 0) {
        this.#uses.set(id, uses);
        continue;
      }
      this.#uses.delete(id);
      this.#blobs.delete(id);
      unused.push(id);
    }
    return unused;
  }

  #use(ids: readonly ClosureId[]): void {
    for (const id of ids) if (!isBuiltin(id)) this.#uses.set(id, (this.#uses.get(id) ?? 0) + 1);
  }
}
