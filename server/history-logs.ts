/** The event logs of the notebooks' kernels, one per kernel, under `.stagelight/history`; the oldest go past a bound. */
import { mkdirSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

export class HistoryLogs {
  readonly #folder: string;
  readonly maxBytes: number;
  readonly #inUse = new Set<string>();

  constructor(root: string, maxBytes: number) {
    this.#folder = join(root, '.stagelight', 'history');
    this.maxBytes = maxBytes;
  }

  /** A path for a new kernel's log, or undefined where none can be kept: a notebook runs without one. */
  begin(notebookPath: string, time: Date): string | undefined {
    if (this.maxBytes === 0) return undefined;
    try {
      mkdirSync(this.#folder, { recursive: true });
    } catch {
      return undefined;
    }
    const name = notebookPath.replace(/\.ts$/, '').replace(/[^\p{L}\p{N}_-]+/gu, '-');
    const log = join(this.#folder, `${time.toISOString().replace(/[:.]/g, '-')}-${name.slice(-100)}.jsonl`);
    this.#inUse.add(log);
    void this.#prune();
    return log;
  }

  end(log: string | undefined): void {
    if (log !== undefined) this.#inUse.delete(log);
    void this.#prune();
  }

  /** Deletes the oldest logs that no kernel writes (their names begin with their time) until the rest fits. */
  async #prune(): Promise<void> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => name.endsWith('.jsonl'));
    const sizeOf = (path: string) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      );
    let total = 0;
    for (const name of names.sort().reverse()) {
      const log = join(this.#folder, name);
      const keyframes = `${log}.keyframes`;
      total += (await sizeOf(log)) + (await sizeOf(keyframes));
      if (total <= this.maxBytes || this.#inUse.has(log)) continue;
      await rm(log, { force: true });
      await rm(keyframes, { force: true });
    }
  }
}
