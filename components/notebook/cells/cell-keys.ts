/** The keys of command mode that select, run and rearrange cells; Jupyter's where Jupyter has them. */
import type { NotebookActions } from '../notebook-actions.ts';

type Command = (actions: NotebookActions, cellId: string) => void;

interface CellKey {
  /** The key as `KeyboardEvent.key` says it; letters in lower case. */
  key: string;
  modifiers?: 'shift' | 'alt' | 'ctrl' | 'ctrl+shift';
  run: Command;
}

export const CELL_KEYS: [keys: string, does: string][] = [
  ['Alt + Enter', 'run and insert a cell below'],
  ['Shift + ↑ ↓, Shift + K J', 'select several cells'],
  ['Ctrl or ⌘ + A', 'select all cells'],
  ['Alt + ↑ ↓', 'move the selected cells'],
  ['C, X, V, Shift + V', 'copy, cut, paste below, paste above'],
  ['M, Y', 'make them Markdown, code'],
  ['Shift + M', 'merge the selected cells, or the cell with the one below'],
  ['Ctrl or ⌘ + Shift + −', 'split the cell at the cursor (in the editor too)'],
  ['O, Shift + O', 'fold away the output, the source'],
  ['Z, Shift + Z', 'undo, redo the last change of cells'],
];

const KEYS: CellKey[] = [
  { key: 'Enter', modifiers: 'alt', run: (actions, cellId) => actions.runAndInsert(cellId) },
  { key: 'ArrowUp', modifiers: 'shift', run: (actions) => actions.cells.extend(-1) },
  { key: 'ArrowDown', modifiers: 'shift', run: (actions) => actions.cells.extend(1) },
  { key: 'k', modifiers: 'shift', run: (actions) => actions.cells.extend(-1) },
  { key: 'j', modifiers: 'shift', run: (actions) => actions.cells.extend(1) },
  { key: 'a', modifiers: 'ctrl', run: (actions) => actions.cells.selectAll() },
  { key: 'Escape', run: (actions) => actions.cells.collapseSelection() },
  { key: 'ArrowUp', modifiers: 'alt', run: (actions, cellId) => actions.cells.move(cellId, -1) },
  { key: 'ArrowDown', modifiers: 'alt', run: (actions, cellId) => actions.cells.move(cellId, 1) },
  { key: 'c', run: (actions, cellId) => actions.cells.copy(cellId) },
  { key: 'x', run: (actions, cellId) => actions.cells.cut(cellId) },
  { key: 'v', run: (actions, cellId) => actions.cells.paste(cellId, 'below') },
  { key: 'v', modifiers: 'shift', run: (actions, cellId) => actions.cells.paste(cellId, 'above') },
  { key: 'm', run: (actions, cellId) => void actions.cells.convert(cellId, 'markdown') },
  { key: 'y', run: (actions, cellId) => void actions.cells.convert(cellId, 'code') },
  { key: 'm', modifiers: 'shift', run: mergeSelected },
  { key: '_', modifiers: 'ctrl+shift', run: (actions, cellId) => void actions.cells.split(cellId) },
  { key: '-', modifiers: 'ctrl+shift', run: (actions, cellId) => void actions.cells.split(cellId) },
  { key: 'o', run: (actions, cellId) => actions.cells.collapse(cellId, 'outputs') },
  { key: 'o', modifiers: 'shift', run: (actions, cellId) => actions.cells.collapse(cellId, 'source') },
  { key: 'z', run: (actions) => void actions.cells.travel('undo') },
  { key: 'z', modifiers: 'shift', run: (actions) => void actions.cells.travel('redo') },
];

function mergeSelected(actions: NotebookActions, cellId: string): void {
  const several = actions.cells.targets(cellId).length > 1;
  void actions.cells.merge(cellId, several ? 'selected' : 'below');
}

export interface KeyPress {
  key: string;
  shiftKey: boolean;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

export function cellCommandOf({ key, shiftKey, altKey, ctrlKey, metaKey }: KeyPress): Command | undefined {
  const held = [(ctrlKey || metaKey) && 'ctrl', altKey && 'alt', shiftKey && 'shift']
    .filter(Boolean)
    .join('+');
  const name = key.length === 1 ? key.toLowerCase() : key;
  return KEYS.find((each) => each.key === name && (each.modifiers ?? '') === held)?.run;
}
