/** The declarations of what the notebook imports, asked of the server as imports appear, for the type service. */
import type { PackageTypes } from '../../../engine/viewer-protocol.ts';
import { NOTEBOOK_FOLDER } from './cell-uri.ts';

export interface LibraryFile {
  filePath: string;
  content: string;
}

type Fetch = (specifiers: string[]) => Promise<PackageTypes | undefined>;

/** The server's bound of one question. */
const MAX_ASKED = 300;

export class PackageLibrary {
  readonly #fetch: Fetch;
  readonly #onFiles: (files: LibraryFile[]) => void;
  /** What each specifier led to; undefined while asked. */
  readonly #known = new Map<string, 'found' | 'missing' | undefined>();
  readonly #files = new Map<string, string>();

  constructor(fetch: Fetch, onFiles: (files: LibraryFile[]) => void) {
    this.#fetch = fetch;
    this.#onFiles = onFiles;
  }

  get missing(): string[] {
    return [...this.#known].filter(([, state]) => state === 'missing').map(([specifier]) => specifier);
  }

  /** Asks for what is not known yet; true when the answer changed anything. */
  async ask(specifiers: Iterable<string>): Promise<boolean> {
    const asked = [...new Set(specifiers)].filter((each) => !this.#known.has(each)).slice(0, MAX_ASKED);
    if (asked.length === 0) return false;
    for (const each of asked) this.#known.set(each, undefined);
    const types = await this.#fetch(asked);
    if (!types) {
      for (const each of asked) this.#known.delete(each);
      return false;
    }
    for (const each of asked) this.#known.set(each, types.missing.includes(each) ? 'missing' : 'found');
    for (const { path, text } of types.files) {
      const name = libraryName(path);
      if (name) this.#files.set(name, text);
    }
    this.#onFiles([...this.#files].map(([filePath, content]) => ({ filePath, content })));
    return true;
  }

  /** Own modules may have been edited elsewhere, and missing packages installed: they are asked for again. */
  forget(): void {
    for (const [specifier, state] of [...this.#known]) {
      if (state === 'missing' || (state && specifier.startsWith('.'))) this.#known.delete(specifier);
    }
  }
}

/** The name of a file in the type service's folders; undefined where it lies too far up. */
function libraryName(path: string): string | undefined {
  const parts = NOTEBOOK_FOLDER.split('/');
  for (const part of path.split('/')) {
    if (part !== '..') parts.push(part);
    else if (parts.length > 4) parts.pop();
    else return undefined;
  }
  return parts.join('/');
}
