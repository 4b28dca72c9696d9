/** Edits of a text that keep its lines: insertions and replacements, and the way from the new text back to the old. */

interface Edit {
  start: number;
  end: number;
  text: string;
  order: number;
}

/** A stretch of the new text: copied from the old one at `old`, or inserted there. */
interface Segment {
  generated: number;
  old: number;
  copied: boolean;
}

export class EditList {
  readonly #edits: Edit[] = [];
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Insertions at one offset stand in the order they were made. */
  insert(at: number, text: string): void {
    this.replace(at, at, text);
  }

  /** Stands before everything else inserted at `at`. */
  insertFirst(at: number, text: string): void {
    this.#edits.push({ start: at, end: at, text, order: -1 });
  }

  /** Ranges must not overlap. Line breaks in the range are kept, behind the new text. */
  replace(start: number, end: number, text: string): void {
    const lines = this.#text.slice(start, end).replace(/[^\n]/g, '');
    this.#edits.push({ start, end, text: text + lines, order: this.#edits.length });
  }

  apply(): EditedText {
    this.#edits.sort((a, b) => a.start - b.start || a.order - b.order);
    const segments: Segment[] = [];
    let out = '';
    let done = 0;
    for (const edit of this.#edits) {
      if (edit.start > done) {
        segments.push({ generated: out.length, old: done, copied: true });
        out += this.#text.slice(done, edit.start);
      }
      segments.push({ generated: out.length, old: edit.start, copied: false });
      out += edit.text;
      done = Math.max(done, edit.end);
    }
    segments.push({ generated: out.length, old: done, copied: true });
    return new EditedText(out + this.#text.slice(done), segments);
  }
}

export class EditedText {
  readonly text: string;
  readonly #segments: Segment[];

  constructor(text: string, segments: Segment[]) {
    this.text = text;
    this.#segments = segments;
  }

  /** The offset in the old text from which `offset` of the new one comes. */
  oldOffset(offset: number): number {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#segments[middle] as Segment).generated <= offset) low = middle;
      else high = middle - 1;
    }
    const segment = this.#segments[low] as Segment;
    return segment.copied ? segment.old + offset - segment.generated : segment.old;
  }
}
