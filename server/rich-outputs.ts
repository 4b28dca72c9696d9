/** HTML and pictures of cells by unguessable address: kept out of the page and its messages, HTML alone in a sandbox. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { CellOutput } from '../engine/protocol.ts';

export interface RichOutput {
  contentType: string;
  body: string | Buffer;
}

/** The oldest go past this total: about two notebooks full of pictures. */
const MAX_TOTAL_BYTES = 256 * 1024 ** 2;

/** Says its height to the page around it, which alone can make its frame higher; a number is all that gets out. */
const TELL_HEIGHT = `<script>(() => {
  const tell = () => {
    const range = document.createRange();
    range.selectNodeContents(document.body);
    const bottom = range.getBoundingClientRect().bottom + scrollY;
    const margin = parseFloat(getComputedStyle(document.body).marginBottom) || 0;
    parent.postMessage({ stagelightHeight: Math.ceil(bottom + margin) }, '*');
  };
  new ResizeObserver(tell).observe(document.body);
  addEventListener('load', tell);
  tell();
})()</script>`;

/** In standards mode, where a body is as high as what it holds. */
export function htmlDocument(html: string): string {
  const declared = /^\s*<!doctype/i.test(html);
  return `${declared ? '' : '<!doctype html>\n'}${html}\n${TELL_HEIGHT}`;
}

/** Holds what viewers may open by its address. */
export class RichOutputs {
  readonly #byId = new Map<string, RichOutput>();
  readonly #secret = randomBytes(32);
  #total = 0;

  /** The same content always gets the same id within one server, so that re-sending an output does not reload it. */
  register(output: RichOutput): string {
    const digest = createHash('sha256').update(output.contentType).update('\0').update(output.body).digest();
    const id = createHmac('sha256', this.#secret).update(digest).digest('base64url');
    if (!this.#byId.has(id)) this.#total += output.body.length;
    this.#byId.delete(id);
    this.#byId.set(id, output);
    for (const [oldest, { body }] of this.#byId) {
      if (this.#total <= MAX_TOTAL_BYTES || oldest === id) break;
      this.#byId.delete(oldest);
      this.#total -= body.length;
    }
    return id;
  }

  get(id: string): RichOutput | undefined {
    return this.#byId.get(id);
  }

  /** What a viewer is given for an output: HTML and pictures by address, everything else as it is. */
  forViewer(output: CellOutput): CellOutput {
    const address = (rich: RichOutput) => `/output/${this.register(rich)}`;
    switch (output.kind) {
      case 'html':
        return {
          ...output,
          html: '',
          url: address({ contentType: 'text/html; charset=utf-8', body: htmlDocument(output.html) }),
        };
      case 'image':
        return {
          ...output,
          base64: '',
          url: address({ contentType: output.mime, body: Buffer.from(output.base64, 'base64') }),
        };
      default:
        return output;
    }
  }
}
