/** A search over all cells of the notebook: the matches in order, which one is shown, their marks, and replacing. */
import type { CellOutput } from '../../../engine/protocol.ts';
import type { NotebookSession } from '../../session/notebook-session.ts';
import { LINE_HEIGHT } from './editor-metrics.ts';
import type { EditorRoom } from './editor-room.tsx';
import {
  type FindQuery,
  type FoundText,
  findMatches,
  findPattern,
  findsOnlyPlaces,
  MAX_MATCHES,
  replacementOf,
} from './find-matches.ts';

export interface CellMatch extends FoundText {
  cellId: string;
  /** In what the cell printed or shows: nothing to replace. */
  inOutput?: boolean;
}

export interface FindResult {
  matches: CellMatch[];
  /** Why there can be none. */
  problem?: string;
  /** There are more than are looked for. */
  more?: boolean;
}

const ONLY_PLACES =
  'matches only places without a character: take the character beside them into the expression';

function outputText(output: CellOutput): string {
  switch (output.kind) {
    case 'stream':
    case 'text':
    case 'markdown':
      return output.text;
    case 'error':
      return `${output.error.name}: ${output.error.message}`;
    default:
      return '';
  }
}

export class FindSession {
  readonly #room: EditorRoom;
  readonly #session: NotebookSession;
  readonly #marks = new Map<string, string[]>();

  constructor(room: EditorRoom, session: NotebookSession) {
    this.#room = room;
    this.#session = session;
  }

  find(query: FindQuery, outputs: boolean): FindResult {
    const pattern = findPattern(query);
    if (pattern === undefined) return { matches: [] };
    if (typeof pattern === 'string') return { matches: [], problem: pattern };
    const { view } = this.#session.store.getState();
    const matches: CellMatch[] = [];
    let places = false;
    for (const cellId of view?.cellOrder ?? []) {
      const text = this.#room.models.get(cellId)?.getValue() ?? '';
      // One more than is kept tells that there are more.
      const most = MAX_MATCHES + 1;
      for (const match of findMatches(text, pattern, most - matches.length))
        matches.push({ ...match, cellId });
      places ||= matches.length === 0 && findsOnlyPlaces(text, pattern);
      if (outputs && matches.length < most) {
        const shown = view?.cells.get(cellId)?.outputs.map(outputText).join('\n') ?? '';
        for (const match of findMatches(shown, pattern, most - matches.length))
          matches.push({ ...match, cellId, inOutput: true });
      }
      if (matches.length === most) return { matches: matches.slice(0, MAX_MATCHES), more: true };
    }
    return matches.length === 0 && places ? { matches, problem: ONLY_PLACES } : { matches };
  }

  /** Marks the matches in the texts, the current one in a colour and frame of its own. */
  mark(matches: readonly CellMatch[], current: CellMatch | undefined): void {
    const byCell = new Map<string, CellMatch[]>();
    for (const match of matches) {
      if (match.inOutput) continue;
      const list = byCell.get(match.cellId);
      if (list) list.push(match);
      else byCell.set(match.cellId, [match]);
    }
    for (const cellId of new Set([...this.#marks.keys(), ...byCell.keys()])) {
      const model = this.#room.models.get(cellId);
      if (!model) {
        this.#marks.delete(cellId);
        continue;
      }
      const decorations = (byCell.get(cellId) ?? []).map((match) => ({
        range: this.#rangeOf(match)!,
        options: { className: match === current ? 'cell-find cell-find-current' : 'cell-find' },
      }));
      const ids = model.deltaDecorations(this.#marks.get(cellId) ?? [], decorations);
      if (ids.length > 0) this.#marks.set(cellId, ids);
      else this.#marks.delete(cellId);
    }
  }

  /** Brings a match into view; the focus stays in the search. */
  reveal(match: CellMatch): void {
    const cell = document.querySelector(`[data-cell-id="${match.cellId}"]`);
    cell?.scrollIntoView({ block: 'nearest' });
    const range = match.inOutput ? undefined : this.#rangeOf(match);
    if (!range) return;
    // After scrolling, an editor comes in a frame of its own; the line's place is known without it.
    const line = cell?.querySelector('.cell-editor')?.getBoundingClientRect();
    const box = cell?.closest('main');
    const frame = box && box.scrollHeight > box.clientHeight ? box.getBoundingClientRect() : undefined;
    if (line) {
      const top = line.top + Math.min((range.startLineNumber - 1) * LINE_HEIGHT, line.height);
      const [from, to] = frame ? [frame.top, frame.bottom] : [0, window.innerHeight];
      if (top < from + 60 || top > to - 60)
        (frame && box ? box : document.documentElement).scrollBy({ top: top - (from + to) / 2 });
    }
    const editor = this.#room.pool.editorOf(match.cellId);
    editor?.setSelection(range);
    // A very long text scrolls by itself.
    editor?.revealRangeInCenterIfOutsideViewport(range);
  }

  /** Replaces the matches that still stand where they were found; their number. */
  replace(matches: readonly CellMatch[], template: string, regex: boolean): number {
    let replaced = 0;
    this.#session.editTogether(() => {
      replaced = this.#replaceIn(matches, template, regex);
    });
    return replaced;
  }

  #replaceIn(matches: readonly CellMatch[], template: string, regex: boolean): number {
    let replaced = 0;
    for (const [cellId, inCell] of Map.groupBy(matches, (match) => match.cellId)) {
      const model = this.#room.models.get(cellId);
      if (!model) continue;
      // Someone may have changed the cell since it was searched.
      const text = model.getValue();
      const own = inCell.filter(
        ({ inOutput, start, end, groups }) => !inOutput && text.slice(start, end) === groups[0],
      );
      if (own.length === 0) continue;
      model.pushStackElement();
      const edits = own.map((match) => ({
        range: this.#rangeOf(match)!,
        text: replacementOf(match, template, regex),
      }));
      model.pushEditOperations(null, edits, () => null);
      model.pushStackElement();
      replaced += own.length;
    }
    return replaced;
  }

  /** The place of a match as an editor's position, for who wants to go there. */
  positionOf(match: CellMatch): { line: number; column: number } | undefined {
    const range = match.inOutput ? undefined : this.#rangeOf(match);
    return range && { line: range.startLineNumber, column: range.startColumn };
  }

  #rangeOf({ cellId, start, end }: CellMatch) {
    const model = this.#room.models.get(cellId);
    if (!model) return undefined;
    const from = model.getPositionAt(start);
    const to = model.getPositionAt(end);
    return {
      startLineNumber: from.lineNumber,
      startColumn: from.column,
      endLineNumber: to.lineNumber,
      endColumn: to.column,
    };
  }
}
