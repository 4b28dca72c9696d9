/**
 * Brings a model to a text that came from elsewhere, by the smallest edits that do it: cursors, selections and
 * decorations outside of them stay where they are. They stand apart in the undo history, so that undoing one's own
 * words does not take those of others along.
 */
import type { editor as MonacoApi } from 'monaco-editor/editor';
import { diffText } from '../../session/diff-text.ts';

export function applyRemoteText(model: MonacoApi.ITextModel, text: string): void {
  const before = model.getValue();
  if (before === text) return;
  const edits = diffText(before, text).map(({ start, end, text: part }) => {
    const from = model.getPositionAt(start);
    const to = model.getPositionAt(end);
    const range = {
      startLineNumber: from.lineNumber,
      startColumn: from.column,
      endLineNumber: to.lineNumber,
      endColumn: to.column,
    };
    return { range, text: part, forceMoveMarkers: false };
  });
  model.pushStackElement();
  model.pushEditOperations(null, edits, () => null);
  model.pushStackElement();
}
