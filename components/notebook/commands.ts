/**
 * The registry of what one can do in a notebook: the palette, the list of keys and the keyboard itself are made from
 * it. A new action of the page is one more entry here.
 */
import type { NotebookSession } from '../session/notebook-session.ts';
import type { KeyBinding } from './command-keys.ts';
import { EDIT_COMMANDS } from './commands-edit.ts';
import { FIND_COMMANDS } from './commands-find.ts';
import { STRUCTURE_COMMANDS } from './commands-structure.ts';
import type { EditorRoom } from './editor/editor-room.tsx';
import type { NotebookActions } from './notebook-actions.ts';
import { type NotebookUi, setPanel } from './notebook-ui.ts';

export interface CommandContext {
  actions: NotebookActions;
  session: NotebookSession;
  ui: NotebookUi;
  /** Absent until the editors are there. */
  room: EditorRoom | undefined;
  /** The selected cell. */
  cellId: string;
}

export type CommandGroup = 'Run' | 'Cells' | 'Text' | 'Go' | 'View' | 'Kernel';

export interface CommandEntry {
  id: string;
  title: string;
  group: CommandGroup;
  keys?: readonly KeyBinding[];
  /** Absent where the key alone makes sense. */
  run?: (context: CommandContext) => void;
}

const RUN_COMMANDS: readonly CommandEntry[] = [
  {
    id: 'run-advance',
    title: 'Run cell and select the next',
    group: 'Run',
    keys: [
      { mode: 'command', keys: 'Shift+Enter' },
      { mode: 'edit', keys: 'Shift+Enter' },
    ],
    run: ({ actions, cellId }) => actions.runAndAdvance(cellId),
  },
  {
    id: 'run-stay',
    title: 'Run cell and stay',
    group: 'Run',
    keys: [
      { mode: 'command', keys: 'Mod+Enter' },
      { mode: 'edit', keys: 'Mod+Enter' },
    ],
    run: ({ actions, cellId }) => actions.run(cellId),
  },
  {
    id: 'run-insert',
    title: 'Run cell and insert one below',
    group: 'Run',
    keys: [
      { mode: 'command', keys: 'Alt+Enter' },
      { mode: 'edit', keys: 'Alt+Enter' },
    ],
    run: ({ actions, cellId }) => actions.runAndInsert(cellId),
  },
  { id: 'run-all', title: 'Run all cells', group: 'Run', run: ({ actions }) => actions.runAll() },
  {
    id: 'run-selected',
    title: 'Run the selected cells',
    group: 'Run',
    run: ({ actions, cellId }) => actions.cells.runSelected(cellId),
  },
  {
    id: 'run-above',
    title: 'Run all cells above',
    group: 'Run',
    run: ({ actions, cellId }) => actions.cells.runAbove(cellId),
  },
  {
    id: 'run-below',
    title: 'Run this cell and all below',
    group: 'Run',
    run: ({ actions, cellId }) => actions.cells.runBelow(cellId),
  },
  {
    id: 'run-stale',
    title: 'Run the stale cells',
    group: 'Run',
    run: ({ actions }) => actions.cells.runStale(),
  },
];

const VIEW_COMMANDS: readonly CommandEntry[] = [
  {
    id: 'palette',
    title: 'Command palette',
    group: 'View',
    keys: [
      { mode: 'any', keys: 'Mod+Shift+P' },
      { mode: 'any', keys: 'F1' },
      { mode: 'command', keys: 'P' },
    ],
    run: ({ ui }) => ui.setState({ dialog: 'palette' }),
  },
  {
    id: 'keys',
    title: 'Keyboard shortcuts',
    group: 'View',
    keys: [
      { mode: 'command', keys: '?' },
      { mode: 'command', keys: 'H' },
    ],
    run: ({ ui }) => ui.setState({ dialog: 'keys' }),
  },
  {
    id: 'line-numbers',
    title: 'Line numbers on or off',
    group: 'View',
    keys: [
      { mode: 'command', keys: 'L' },
      { mode: 'command', keys: 'Shift+L' },
    ],
    run: ({ ui }) => ui.setState(({ lineNumbers }) => ({ lineNumbers: !lineNumbers })),
  },
  {
    id: 'panel',
    title: 'Execution panel on or off',
    group: 'View',
    run: ({ ui }) => setPanel(ui, { panelOpen: !ui.getState().panelOpen }),
  },
  {
    id: 'variables',
    title: 'Variables panel',
    group: 'View',
    keys: [{ mode: 'any', keys: 'Alt+V', listed: true }],
    run: ({ ui }) => setPanel(ui, { panelOpen: true, panelTab: 'variables' }),
  },
  {
    id: 'save',
    title: 'Save now',
    group: 'View',
    keys: [
      { mode: 'any', keys: 'Mod+S' },
      { mode: 'command', keys: 'S' },
    ],
    run: ({ session, cellId }) => void session.flush(cellId).then(() => session.command({ type: 'save' })),
  },
];

const KERNEL_COMMANDS: readonly CommandEntry[] = [
  {
    id: 'interrupt',
    title: 'Interrupt: ends the running cell, keeps variables',
    group: 'Kernel',
    keys: [{ mode: 'command', keys: 'I I' }],
    run: ({ actions }) => actions.interrupt(),
  },
  {
    id: 'restart',
    title: 'Restart the kernel: loses its variables',
    group: 'Kernel',
    keys: [{ mode: 'command', keys: '0 0' }],
    run: ({ actions }) => actions.restart(),
  },
  {
    id: 'shut-down',
    title: 'Shut the kernel down',
    group: 'Kernel',
    run: ({ actions }) => actions.shutDown(),
  },
];

export const COMMANDS: readonly CommandEntry[] = [
  ...RUN_COMMANDS,
  ...STRUCTURE_COMMANDS,
  ...EDIT_COMMANDS,
  ...FIND_COMMANDS,
  ...VIEW_COMMANDS,
  ...KERNEL_COMMANDS,
];

/** The entries whose title or group has every word of the query, better matches first. */
export function searchCommands(query: string, commands = COMMANDS): CommandEntry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const offered = commands.filter(({ run }) => run);
  const scored = offered.flatMap((entry) => {
    const title = entry.title.toLowerCase();
    const text = `${title} ${entry.group.toLowerCase()} ${entry.id}`;
    if (!words.every((word) => text.includes(word))) return [];
    const starts = words.filter((word) => ` ${title}`.includes(` ${word}`)).length;
    return [{ entry, score: starts + (words[0] && title.startsWith(words[0]) ? 1 : 0) }];
  });
  return scored.sort((a, b) => b.score - a.score).map(({ entry }) => entry);
}
