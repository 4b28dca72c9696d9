/** HTML outputs by unguessable address: kept out of the page, served alone in a sandbox. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { CellOutput } from '../engine/protocol.ts';

const MAX_OUTPUTS = 2000;

/** Holds the HTML that viewers may open; the oldest are dropped past a bound. */
export class HtmlOutputs {
  readonly #byId = new Map<string, string>();
  readonly #secret = randomBytes(32);

  /** The same HTML always gets the same id within one server, so that re-sending an output does not reload it. */
  register(html: string): string {
    const digest = createHash('sha256').update(html).digest();
    const id = createHmac('sha256', this.#secret).update(digest).digest('base64url');
    this.#byId.delete(id);
    this.#byId.set(id, html);
    if (this.#byId.size > MAX_OUTPUTS) this.#byId.delete(this.#byId.keys().next().value!);
    return id;
  }

  get(id: string): string | undefined {
    return this.#byId.get(id);
  }

  /** What a viewer is given for an output: HTML by address, everything else as it is. */
  forViewer(output: CellOutput): CellOutput {
    return output.kind === 'html'
      ? { kind: 'html', html: '', url: `/output/${this.register(output.html)}` }
      : output;
  }
}
