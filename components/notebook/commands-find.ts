/** Commands that open the search across cells. */
import type { CommandContext, CommandEntry } from './commands.ts';

function openFind({ ui, room, cellId }: CommandContext, replace: boolean): void {
  const editor = room?.pool.editorOf(cellId);
  const selection = editor?.hasTextFocus() ? editor.getSelection() : undefined;
  const model = editor?.getModel();
  const seed =
    selection && model && selection.startLineNumber === selection.endLineNumber
      ? model.getValueInRange(selection)
      : '';
  ui.setState(({ find }) => ({
    find: { replace, tick: (find?.tick ?? 0) + 1, ...(seed && { seed }) },
  }));
}

export const FIND_COMMANDS: readonly CommandEntry[] = [
  {
    id: 'find',
    title: 'Find in all cells',
    group: 'Go',
    keys: [
      { mode: 'any', keys: 'Mod+Shift+F' },
      { mode: 'command', keys: 'Mod+F' },
      { mode: 'edit', keys: 'Mod+F' },
      { mode: 'command', keys: 'F' },
    ],
    run: (context) => openFind(context, false),
  },
  {
    id: 'replace',
    title: 'Find and replace in all cells',
    group: 'Text',
    keys: [
      { mode: 'any', keys: 'Mod+Shift+H' },
      { mode: 'edit', keys: 'Mod+H' },
      { mode: 'command', keys: 'Mod+H' },
    ],
    run: (context) => openFind(context, true),
  },
];
