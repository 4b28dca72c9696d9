/**
 * The engine's own files as they were when this process began: an executor started later must be of the same source,
 * or the two would not understand each other. Told by size and time of writing, which costs milliseconds.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ENGINE = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = /(?<!\.test)\.[jt]s$/;

function stampOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.size} ${stats.mtimeMs}`;
}

export class EngineFiles {
  readonly #stamps: ReadonlyMap<string, string | undefined>;

  constructor(directory = ENGINE) {
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) =>
      SOURCE.test(file),
    );
    this.#stamps = new Map(files.map((file) => join(directory, file)).map((path) => [path, stampOf(path)]));
  }

  /** A file that is not what it was. */
  changed(): string | undefined {
    for (const [path, stamp] of this.#stamps) if (stampOf(path) !== stamp) return path;
    return undefined;
  }
}
