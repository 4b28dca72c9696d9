/** Brings a model to a text that came from elsewhere, by one edit of what differs: cursors and undo survive. */
import type { editor as MonacoApi } from 'monaco-editor/editor';

/** The part of `before` that `after` replaces: [start, end of it in before, the new text]. */
export function differingPart(before: string, after: string): [start: number, end: number, text: string] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let tail = 0;
  while (tail < shorter - start && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return [start, before.length - tail, after.slice(start, after.length - tail)];
}

export function applyText(model: MonacoApi.ITextModel, text: string): void {
  const before = model.getValue();
  if (before === text) return;
  const [start, end, part] = differingPart(before, text);
  const from = model.getPositionAt(start);
  const to = model.getPositionAt(end);
  const range = {
    startLineNumber: from.lineNumber,
    startColumn: from.column,
    endLineNumber: to.lineNumber,
    endColumn: to.column,
  };
  model.pushEditOperations(null, [{ range, text: part }], () => null);
}
