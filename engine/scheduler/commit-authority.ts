/**
 * Who may make the output of a partition visible. Two attempts of one task can run at once (a stage that is tried
 * again while its old tasks still run), so the first to ask is let through, and another only if that one fails.
 */
export class CommitAuthority {
  /** Stage → partition → the task let through. */
  readonly #granted = new Map<number, Map<number, number>>();

  get size(): number {
    return this.#granted.size;
  }

  ask(stageId: number, partition: number, taskId: number): boolean {
    let granted = this.#granted.get(stageId);
    if (!granted) this.#granted.set(stageId, (granted = new Map()));
    const holder = granted.get(partition);
    if (holder !== undefined) return holder === taskId;
    granted.set(partition, taskId);
    return true;
  }

  /** The task ended without success: another may commit. */
  release(stageId: number, partition: number, taskId: number): void {
    const granted = this.#granted.get(stageId);
    if (granted?.get(partition) === taskId) granted.delete(partition);
  }

  forget(stageId: number): void {
    this.#granted.delete(stageId);
  }
}
