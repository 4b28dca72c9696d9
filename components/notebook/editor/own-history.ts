/**
 * Undo and redo of one's own words in a text that others change too. What others did stands in the model's history, for
 * that is a line of whole texts; to undo the own step below it, theirs is undone with it and merged in again.
 */
import { mergeText } from '../../session/merge-text.ts';

/** What of a text model is needed: Monaco's, which has more than its types say. */
export interface UndoableText {
  getValue(): string;
  /** The same for the same place in the history. */
  getAlternativeVersionId(): number;
  canUndo(): boolean;
  canRedo(): boolean;
  undo(): unknown;
  redo(): unknown;
}

export class OwnHistory {
  readonly #text: UndoableText;
  /** Gives the model a text by the smallest edits, as one step of its history. */
  readonly #apply: (text: string) => void;
  /** Versions that a change of others led to. */
  readonly #theirs = new Set<number>();
  /** Own steps that were undone, newest last: from the text without the step to that with it. */
  #undone: { without: string; with: string }[] = [];
  /** Something of this object's own changes the text. */
  #busy = false;

  constructor(text: UndoableText, apply: (text: string) => void) {
    this.#text = text;
    this.#apply = apply;
  }

  /** The text has changed: typing makes what was undone impossible to redo. */
  changed(): void {
    if (!this.#busy) this.#undone = [];
  }

  /** Another's text comes in. */
  receive(text: string): void {
    this.#guarded(() => this.#receive(text));
  }

  #receive(text: string): void {
    if (text === this.#text.getValue()) return;
    this.#apply(text);
    this.#theirs.add(this.#text.getAlternativeVersionId());
  }

  #guarded(work: () => void): void {
    const before = this.#busy;
    this.#busy = true;
    try {
      work();
    } finally {
      this.#busy = before;
    }
  }

  get #atTheirs(): boolean {
    return this.#theirs.has(this.#text.getAlternativeVersionId());
  }

  undo(): void {
    this.#guarded(() => {
      const current = this.#text.getValue();
      if (!this.#atTheirs) {
        if (!this.#text.canUndo()) return;
        this.#text.undo();
        this.#undone.push({ without: this.#text.getValue(), with: current });
        return;
      }
      let steps = 0;
      const step = () => {
        this.#text.undo();
        steps += 1;
      };
      while (this.#atTheirs && this.#text.canUndo()) step();
      const withStep = this.#text.getValue();
      const isOwn = this.#text.canUndo();
      if (isOwn) step();
      const without = this.#text.getValue();
      const merged = isOwn ? mergeText(withStep, without, current) : undefined;
      if (merged === undefined) {
        // Nothing of one's own is below, or they changed the very same words: all stays as it is.
        while (steps-- > 0) this.#text.redo();
        return;
      }
      this.#undone.push({ without, with: withStep });
      this.#receive(merged);
    });
  }

  redo(): void {
    this.#guarded(() => {
      const step = this.#undone.at(-1);
      if (this.#text.canRedo()) {
        this.#text.redo();
        this.#undone.pop();
        return;
      }
      if (!step) return;
      const merged = mergeText(step.without, step.with, this.#text.getValue());
      if (merged === undefined) return;
      this.#undone.pop();
      this.#apply(merged);
    });
  }
}
