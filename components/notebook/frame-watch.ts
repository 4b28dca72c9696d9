/**
 * HTML of a cell may run for ever, and in a browser that gives its frame no process of its own the page stands still
 * with it. What was shown when a page ended without a word is noted, so that after a reload it is shown only when asked.
 */
export type NoteStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const keyOf = (url: string) => `stagelight:frame:${url}`;

export class FrameWatch {
  readonly #storage: NoteStorage | undefined;
  readonly #shown = new Set<string>();

  constructor(storage: NoteStorage | undefined) {
    this.#storage = storage;
  }

  /** The page ended while this was shown, without having been left or reloaded in order. */
  heldUp(url: string): boolean {
    try {
      return !this.#shown.has(url) && Boolean(this.#storage?.getItem(keyOf(url)));
    } catch {
      return false;
    }
  }

  /** It is shown from now on, until the returned function is called. */
  shows(url: string): () => void {
    this.#shown.add(url);
    try {
      this.#storage?.setItem(keyOf(url), '1');
    } catch {
      // Without the note it is shown again after a reload.
    }
    return () => this.#forget(url);
  }

  /** The page is left in order. */
  left(): void {
    for (const url of this.#shown) this.#forget(url);
  }

  #forget(url: string): void {
    this.#shown.delete(url);
    try {
      this.#storage?.removeItem(keyOf(url));
    } catch {
      // As above.
    }
  }
}
