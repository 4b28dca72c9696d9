'use client';
/** Puts a run's marks to the cells: rows and times beside their lines, lit ranges under what is pointed at. */
import type { editor as MonacoApi } from 'monaco-editor/editor';
import { cellModel } from './cell-models.ts';
import { type LineMark, showLineMarks } from './editor/line-marks.ts';
import {
  lineDetails,
  lineText,
  type OperatorMark,
  placeNow,
  type TextRange,
  unchangedLines,
} from './source-marks.ts';

type Model = MonacoApi.ITextModel;
type Decoration = MonacoApi.IModelDeltaDecoration;

export interface PlacedMark {
  mark: OperatorMark;
  range: TextRange;
}

const toRange = ({ line, column, endLine, endColumn }: TextRange) => ({
  startLineNumber: line,
  startColumn: column,
  endLineNumber: endLine,
  endColumn,
});

/** Keeps one set of decorations per model and replaces it as a whole. */
class DecorationSet {
  readonly #ids = new Map<Model, string[]>();

  set(wanted: ReadonlyMap<Model, Decoration[]>): void {
    for (const [model, ids] of [...this.#ids]) {
      if (model.isDisposed()) this.#ids.delete(model);
      else if (!wanted.has(model)) {
        model.deltaDecorations(ids, []);
        this.#ids.delete(model);
      }
    }
    for (const [model, decorations] of wanted) {
      const ids = model.deltaDecorations(this.#ids.get(model) ?? [], decorations);
      if (ids.length > 0) this.#ids.set(model, ids);
      else this.#ids.delete(model);
    }
  }
}

export class SourceDecorations {
  readonly #lit = new DecorationSet();
  #placed = new Map<Model, PlacedMark[]>();

  /** `ranSources`: by cell, the text of its last run. */
  place(marks: readonly OperatorMark[], ranSources: ReadonlyMap<string, string>, now: number): void {
    const byCell = new Map<string, OperatorMark[]>();
    for (const mark of marks) {
      const known = byCell.get(mark.site.cellId!);
      if (known) known.push(mark);
      else byCell.set(mark.site.cellId!, [mark]);
    }
    this.#placed = new Map();
    const beside = new Map<string, LineMark[]>();
    for (const [cellId, own] of byCell) {
      const model = cellModel(cellId);
      const ran = ranSources.get(cellId);
      if (!model || ran === undefined) continue;
      const lines = unchangedLines(ran, model.getValue());
      const ranLines = ran.split('\n');
      const placed = own.flatMap((mark) => {
        const range = placeNow(mark.site, ranLines, lines);
        return range ? [{ mark, range }] : [];
      });
      this.#placed.set(model, placed);
      beside.set(cellId, lineMarks(model, placed, now));
    }
    showLineMarks(beside);
  }

  /** Lights the operators of these stages. */
  light(stageKeys: readonly string[]): void {
    const wanted = new Set(stageKeys);
    const lit = new Map<Model, Decoration[]>();
    if (wanted.size > 0) {
      for (const [model, placed] of this.#placed) {
        if (model.isDisposed()) continue;
        const decorations = placed
          .filter(({ mark }) => mark.stageKeys.some((key) => wanted.has(key)))
          .map(
            ({ range }): Decoration => ({
              range: toRange(range),
              options: { className: 'cell-call-site', linesDecorationsClassName: 'cell-call-bar' },
            }),
          );
        if (decorations.length > 0) lit.set(model, decorations);
      }
    }
    this.#lit.set(lit);
  }

  placedIn(model: Model): readonly PlacedMark[] {
    return this.#placed.get(model) ?? [];
  }

  clear(): void {
    this.#placed = new Map();
    showLineMarks(new Map());
    this.#lit.set(new Map());
  }
}

function lineMarks(model: Model, placed: readonly PlacedMark[], now: number): LineMark[] {
  const byLine = new Map<number, PlacedMark[]>();
  for (const one of placed) {
    const known = byLine.get(one.range.line);
    if (known) known.push(one);
    else byLine.set(one.range.line, [one]);
  }
  const marks: LineMark[] = [];
  for (const [line, own] of byLine) {
    if (line > model.getLineCount()) continue;
    own.sort((a, b) => a.range.column - b.range.column);
    const onLine = own.map(({ mark }) => mark);
    const text = lineText(onLine, now);
    if (text) marks.push({ line, text, details: lineDetails(onLine, now) });
  }
  return marks.sort((a, b) => a.line - b.line);
}
