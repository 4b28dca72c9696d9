/**
 * Messages larger than one may be: the bytes of their JSON arrive first, under an id; then the message that names it.
 * A smaller one that several viewers get is its JSON as a text.
 */
export interface MessagePart {
  id: string;
  /** Whole characters. */
  bytes: ArrayBuffer | Uint8Array<ArrayBuffer>;
}

/** Messages on their way at once; more are the parts of calls that nobody waits for any more. */
const MOST_UNFINISHED = 64;

export class MessageParts {
  readonly #texts = new Map<string, string[]>();

  add({ id, bytes }: MessagePart): void {
    const text = new TextDecoder().decode(bytes);
    const texts = this.#texts.get(id);
    if (texts) texts.push(text);
    else {
      const [oldest] = this.#texts.keys();
      if (oldest !== undefined && this.#texts.size >= MOST_UNFINISHED) this.#texts.delete(oldest);
      this.#texts.set(id, [text]);
    }
  }

  /** What the message says: itself, or what its text says, or its parts together. */
  whole(message: { inParts?: string; inText?: string }): unknown {
    if (message.inText !== undefined) return JSON.parse(message.inText);
    if (message.inParts === undefined) return message;
    const texts = this.#texts.get(message.inParts) ?? [];
    this.#texts.delete(message.inParts);
    return JSON.parse(texts.join(''));
  }

  /** The connection is gone, and with it the rest of what was on its way. */
  clear(): void {
    this.#texts.clear();
  }
}
