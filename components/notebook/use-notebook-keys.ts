'use client';
/** The keys of command mode, Jupyter's where Jupyter has them. */
import { type KeyboardEvent, useRef } from 'react';
import { CELL_KEYS, cellCommandOf } from './cells/cell-keys.ts';
import type { NotebookActions } from './notebook-actions.ts';
import { useActions, useNotebookUi } from './notebook-context.tsx';

/** Keys pressed twice within this many milliseconds count as one command. */
const DOUBLE = 600;

export const NOTEBOOK_KEYS: [keys: string, does: string][] = [
  ['Enter', 'edit the cell'],
  ['Esc', 'leave the editor'],
  ['Shift + Enter', 'run and select the next cell'],
  ['Ctrl or ⌘ + Enter', 'run and stay'],
  ['↑ ↓, K J', 'select the cell above, below'],
  ['A, B', 'insert a cell above, below'],
  ...CELL_KEYS,
  ['D D', 'delete the selected cells'],
  ['Alt + V', 'show the variables, and back'],
  ['I I', 'interrupt'],
  ['0 0', 'restart the kernel (loses variables)'],
];

type Command = (actions: NotebookActions, cellId: string) => void;

const SINGLE: Record<string, Command> = {
  Enter: (actions, cellId) => actions.edit(cellId),
  ArrowUp: (actions) => actions.selectOffset(-1),
  ArrowDown: (actions) => actions.selectOffset(1),
  k: (actions) => actions.selectOffset(-1),
  j: (actions) => actions.selectOffset(1),
  a: (actions, cellId) => actions.insertBeside(cellId, 'above'),
  b: (actions, cellId) => actions.insertBeside(cellId, 'below'),
};

const TWICE: Record<string, Command> = {
  d: (actions, cellId) => void actions.cells.delete(cellId),
  i: (actions) => actions.interrupt(),
  '0': (actions) => actions.restart(),
};

function commandOf(event: KeyboardEvent, previous: { key: string; time: number }): Command | undefined {
  const { key, shiftKey, altKey } = event;
  const ctrl = event.ctrlKey || event.metaKey;
  if (key === 'Enter' && shiftKey) return (actions, cellId) => actions.runAndAdvance(cellId);
  if (key === 'Enter' && ctrl) return (actions, cellId) => actions.run(cellId);
  const ofCells = cellCommandOf(event);
  if (ofCells) return ofCells;
  if (ctrl || altKey || shiftKey) return undefined;
  if (Object.hasOwn(TWICE, key)) {
    return previous.key === key && event.timeStamp - previous.time < DOUBLE ? TWICE[key] : undefined;
  }
  return Object.hasOwn(SINGLE, key) ? SINGLE[key] : undefined;
}

/** A key handler for the list of cells: acts only when a cell itself has the focus. */
export function useNotebookKeys(): (event: KeyboardEvent) => void {
  const actions = useActions();
  const ui = useNotebookUi();
  const previous = useRef({ key: '', time: 0 });
  return (event) => {
    const { selectedCellId } = ui.getState();
    const target = event.target as HTMLElement;
    if (!selectedCellId || target.dataset.cellId === undefined) return;
    const command = commandOf(event, previous.current);
    const twice = Object.hasOwn(TWICE, event.key) && !command;
    previous.current = { key: twice ? event.key : '', time: event.timeStamp };
    if (!command) return;
    event.preventDefault();
    command(actions, selectedCellId);
  };
}
