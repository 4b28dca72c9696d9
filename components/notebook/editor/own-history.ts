/**
 * Undo and redo of one's own words in a text that others change too. What others did stands in the model's history, for
 * that is a line of whole texts; to undo the own step below it, theirs is undone with it and brought in again. A step
 * whose words or place they changed is neither undone nor redone, but left out: the next one comes after it.
 */
import { applyStep } from './own-step.ts';

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

/** `done`; `nothing` to do; `refused`: others changed what the step is about, and it is left out from now on. */
export type TravelOutcome = 'done' | 'nothing' | 'refused';

/** An own step that was undone: from the text without it to that with it. */
interface UndoneStep {
  without: string;
  with: string;
  /** The place in the model's history that it was undone to, when nothing of others lay above it. */
  place?: number;
}

export class OwnHistory {
  readonly #text: UndoableText;
  /** Gives the model a text by the smallest edits, as one step of its history. */
  readonly #apply: (text: string) => void;
  /** Versions that a change of others led to, or an own step that is left out. */
  readonly #theirs = new Set<number>();
  /** Own steps that were undone, newest last. */
  #undone: UndoneStep[] = [];
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

  /** The user takes another's text in place of the own: that is a step of one's own, and undo brings the own text back. */
  take(text: string): void {
    this.#guarded(() => this.#apply(text));
    this.#undone = [];
  }

  #receive(text: string): void {
    if (text === this.#text.getValue()) return;
    this.#apply(text);
    this.#theirs.add(this.#place);
  }

  #guarded<T>(work: () => T): T {
    const before = this.#busy;
    this.#busy = true;
    try {
      return work();
    } finally {
      this.#busy = before;
    }
  }

  get #place(): number {
    return this.#text.getAlternativeVersionId();
  }

  get #atTheirs(): boolean {
    return this.#theirs.has(this.#place);
  }

  undo(): TravelOutcome {
    return this.#guarded(() => (this.#atTheirs ? this.#undoBelowTheirs() : this.#undoLast()));
  }

  #undoLast(): TravelOutcome {
    if (!this.#text.canUndo()) return 'nothing';
    const current = this.#text.getValue();
    this.#text.undo();
    this.#undone.push({ without: this.#text.getValue(), with: current, place: this.#place });
    return 'done';
  }

  #undoBelowTheirs(): TravelOutcome {
    const current = this.#text.getValue();
    let steps = 0;
    const step = () => {
      this.#text.undo();
      steps += 1;
    };
    while (this.#atTheirs && this.#text.canUndo()) step();
    const withStep = this.#text.getValue();
    const ownPlace = this.#place;
    const isOwn = this.#text.canUndo();
    if (isOwn) step();
    const undone = isOwn ? applyStep(withStep, this.#text.getValue(), current) : undefined;
    if (undone === undefined) {
      while (steps-- > 0) this.#text.redo();
      if (!isOwn) return 'nothing';
      this.#theirs.add(ownPlace);
      return 'refused';
    }
    // As it was undone here, and not as it was once done: with nothing in between, redo gives this very text again.
    this.#undone.push({ without: undone, with: current });
    this.#receive(undone);
    return 'done';
  }

  redo(): TravelOutcome {
    return this.#guarded(() => {
      const step = this.#undone.pop();
      if (!step) return 'nothing';
      if (step.place === this.#place && this.#text.canRedo()) {
        this.#text.redo();
        return 'done';
      }
      const redone = applyStep(step.without, step.with, this.#text.getValue());
      if (redone === undefined) return 'refused';
      this.#apply(redone);
      return 'done';
    });
  }
}
