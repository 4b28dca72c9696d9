/**
 * Keys pressed after a cell was entered and before its editor has the focus (it may still be loading): they are typed
 * into the cell's text, where the cursor will be, and never taken for commands.
 */
import type { NotebookSession } from '../session/notebook-session.ts';
import type { NotebookUi } from './notebook-ui.ts';

/** The text that a key types; undefined for a key that types none. */
function textOf({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): string | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  if (key === 'Enter') return '\n';
  return [...key].length === 1 ? key : undefined;
}

function offsetOf(source: string, line: number, column: number): number {
  const before = source.split('\n').slice(0, line - 1);
  return Math.min(source.length, before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1);
}

/** True when the key was typed. */
export function typeAhead(session: NotebookSession, ui: NotebookUi, event: KeyboardEvent): boolean {
  const text = textOf(event);
  const { focus } = ui.getState();
  if (text === undefined || focus?.target !== 'editor') return false;
  const { cellId, line = 1, column = 1, tick } = focus;
  const { view, drafts } = session.store.getState();
  const source = drafts.get(cellId)?.source ?? view?.cells.get(cellId)?.source ?? '';
  const at = offsetOf(source, line, column);
  session.edit(cellId, source.slice(0, at) + text + source.slice(at));
  const next = text === '\n' ? { line: line + 1, column: 1 } : { line, column: column + text.length };
  ui.setState({ focus: { cellId, target: 'editor', ...next, tick } });
  return true;
}
