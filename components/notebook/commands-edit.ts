/** Commands on the text of cells: formatting, and the editor's own ones that are good to know. */
import type { KeyBinding } from './command-keys.ts';
import type { CommandContext, CommandEntry } from './commands.ts';
import { formatCells } from './editor/format-cells.ts';

/** Runs one of the editor's own actions on the selected cell. */
function inEditor(action: string) {
  return ({ actions, room, cellId }: CommandContext): void => {
    actions.edit(cellId);
    // The editor comes with the next rendering.
    requestAnimationFrame(() => {
      const editor = room?.pool.editorOf(cellId);
      editor?.focus();
      editor?.trigger('commands', action, undefined);
    });
  };
}

function native(id: string, title: string, action: string, ...keys: string[]): CommandEntry {
  const bindings = keys.map((each): KeyBinding => ({ mode: 'edit', keys: each, listed: true }));
  return { id, title, group: 'Text', keys: bindings, run: inEditor(action) };
}

export const EDIT_COMMANDS: readonly CommandEntry[] = [
  {
    id: 'format',
    title: 'Format the cell',
    group: 'Text',
    keys: [{ mode: 'any', keys: 'Alt+Shift+F' }],
    run: ({ room, cellId }) => void (room && formatCells(room, [cellId])),
  },
  {
    id: 'format-all',
    title: 'Format all cells',
    group: 'Text',
    run: ({ room, session }) => {
      if (room) void formatCells(room, session.store.getState().view?.cellOrder ?? []);
    },
  },
  native('complete', 'Complete', 'editor.action.triggerSuggest', 'Mod+Space', 'Tab'),
  native('signature', 'Show the signature', 'editor.action.triggerParameterHints', 'Shift+Tab'),
  native('hover', 'Show type and description', 'editor.action.showHover', 'Mod+K Mod+I'),
  native('rename', 'Rename in all cells', 'editor.action.rename', 'F2'),
  native('definition', 'Go to the definition', 'editor.action.revealDefinition', 'F12'),
  native('references', 'Show all uses', 'editor.action.goToReferences', 'Shift+F12'),
  native('comment', 'Comment lines in or out', 'editor.action.commentLine', 'Mod+/'),
  native('indent', 'Indent lines', 'editor.action.indentLines', 'Mod+]'),
  native('outdent', 'Outdent lines', 'editor.action.outdentLines', 'Mod+['),
  native('line-up', 'Move line up', 'editor.action.moveLinesUpAction', 'Alt+Up'),
  native('line-down', 'Move line down', 'editor.action.moveLinesDownAction', 'Alt+Down'),
  native(
    'next-match',
    'Add the next same text to the selection',
    'editor.action.addSelectionToNextFindMatch',
    'Mod+D',
  ),
  native('all-matches', 'Select all same texts', 'editor.action.selectHighlights', 'Mod+Shift+L'),
  native('cursor-above', 'Add a cursor above', 'editor.action.insertCursorAbove', 'Mod+Alt+Up'),
  native('cursor-below', 'Add a cursor below', 'editor.action.insertCursorBelow', 'Mod+Alt+Down'),
  native('fold', 'Fold', 'editor.fold', 'Mod+Shift+['),
  native('unfold', 'Unfold', 'editor.unfold', 'Mod+Shift+]'),
  native('next-problem', 'Go to the next problem', 'editor.action.marker.next', 'Alt+F8'),
];
