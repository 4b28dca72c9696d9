/** Commands on cells: select, insert, rearrange, convert; Jupyter's keys where Jupyter has them. */
import type { CommandContext, CommandEntry } from './commands.ts';

/** The text as a heading of this level. */
export function asHeading(source: string, level: number): string {
  const [first = '', ...rest] = source.split('\n');
  return [`${'#'.repeat(level)} ${first.replace(/^#{1,6}\s*/, '')}`, ...rest].join('\n');
}

function makeHeading({ actions, session, cellId }: CommandContext, level: number): void {
  const { view, drafts } = session.store.getState();
  const source = drafts.get(cellId)?.source ?? view?.cells.get(cellId)?.source;
  if (source === undefined) return;
  session.edit(cellId, asHeading(source, level));
  void session.flush(cellId).then(() => actions.cells.convert(cellId, 'markdown'));
}

/** The box that the cells scroll in, or the page. */
function scrollPage(direction: 1 | -1): void {
  const main = document.querySelector('main');
  const box = main && main.scrollHeight > main.clientHeight ? main : document.documentElement;
  box.scrollBy({ top: direction * 0.9 * box.clientHeight });
}

export const STRUCTURE_COMMANDS: readonly CommandEntry[] = [
  {
    id: 'edit-cell',
    title: 'Edit the cell',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'Enter' }],
    run: ({ actions, cellId }) => actions.edit(cellId),
  },
  {
    id: 'leave-editor',
    title: 'Leave the editor',
    group: 'Cells',
    keys: [{ mode: 'edit', keys: 'Esc', listed: true }],
  },
  {
    id: 'select-above',
    title: 'Select the cell above',
    group: 'Go',
    keys: [
      { mode: 'command', keys: 'Up' },
      { mode: 'command', keys: 'K' },
    ],
    run: ({ actions }) => actions.selectOffset(-1),
  },
  {
    id: 'select-below',
    title: 'Select the cell below',
    group: 'Go',
    keys: [
      { mode: 'command', keys: 'Down' },
      { mode: 'command', keys: 'J' },
    ],
    run: ({ actions }) => actions.selectOffset(1),
  },
  {
    id: 'first-cell',
    title: 'Go to the first cell',
    group: 'Go',
    keys: [{ mode: 'command', keys: 'Home' }],
    run: ({ actions }) => actions.selectOffset(-Infinity),
  },
  {
    id: 'last-cell',
    title: 'Go to the last cell',
    group: 'Go',
    keys: [{ mode: 'command', keys: 'End' }],
    run: ({ actions }) => actions.selectOffset(Infinity),
  },
  {
    id: 'scroll-down',
    title: 'Scroll down',
    group: 'Go',
    keys: [{ mode: 'command', keys: 'Space' }],
    run: () => scrollPage(1),
  },
  {
    id: 'scroll-up',
    title: 'Scroll up',
    group: 'Go',
    keys: [{ mode: 'command', keys: 'Shift+Space' }],
    run: () => scrollPage(-1),
  },
  {
    id: 'insert-above',
    title: 'Insert a cell above',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'A' }],
    run: ({ actions, cellId }) => actions.insertBeside(cellId, 'above'),
  },
  {
    id: 'insert-below',
    title: 'Insert a cell below',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'B' }],
    run: ({ actions, cellId }) => actions.insertBeside(cellId, 'below'),
  },
  {
    id: 'select-more-up',
    title: 'Extend the selection up',
    group: 'Go',
    keys: [
      { mode: 'command', keys: 'Shift+Up' },
      { mode: 'command', keys: 'Shift+K' },
    ],
    run: ({ actions }) => actions.cells.extend(-1),
  },
  {
    id: 'select-more-down',
    title: 'Extend the selection down',
    group: 'Go',
    keys: [
      { mode: 'command', keys: 'Shift+Down' },
      { mode: 'command', keys: 'Shift+J' },
    ],
    run: ({ actions }) => actions.cells.extend(1),
  },
  {
    id: 'select-all',
    title: 'Select all cells',
    group: 'Go',
    keys: [{ mode: 'command', keys: 'Mod+A' }],
    run: ({ actions }) => actions.cells.selectAll(),
  },
  {
    id: 'select-one',
    title: 'Select one cell again',
    group: 'Go',
    keys: [{ mode: 'command', keys: 'Esc' }],
    run: ({ actions }) => actions.cells.collapseSelection(),
  },
  {
    id: 'copy',
    title: 'Copy the selected cells',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'C' }],
    run: ({ actions, cellId }) => actions.cells.copy(cellId),
  },
  {
    id: 'cut',
    title: 'Cut the selected cells',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'X' }],
    run: ({ actions, cellId }) => actions.cells.cut(cellId),
  },
  {
    id: 'paste-below',
    title: 'Paste cells below',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'V' }],
    run: ({ actions, cellId }) => actions.cells.paste(cellId, 'below'),
  },
  {
    id: 'paste-above',
    title: 'Paste cells above',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'Shift+V' }],
    run: ({ actions, cellId }) => actions.cells.paste(cellId, 'above'),
  },
  {
    id: 'duplicate',
    title: 'Duplicate the selected cells',
    group: 'Cells',
    run: ({ actions, cellId }) => actions.cells.duplicate(cellId),
  },
  {
    id: 'delete',
    title: 'Delete the selected cells',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'D D' }],
    run: ({ actions, cellId }) => void actions.cells.delete(cellId),
  },
  {
    id: 'undo',
    title: 'Undo the last change of cells',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'Z' }],
    run: ({ actions }) => void actions.cells.travel('undo'),
  },
  {
    id: 'redo',
    title: 'Redo the change of cells',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'Shift+Z' }],
    run: ({ actions }) => void actions.cells.travel('redo'),
  },
  {
    id: 'move-up',
    title: 'Move the selected cells up',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'Alt+Up' }],
    run: ({ actions, cellId }) => actions.cells.move(cellId, -1),
  },
  {
    id: 'move-down',
    title: 'Move the selected cells down',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'Alt+Down' }],
    run: ({ actions, cellId }) => actions.cells.move(cellId, 1),
  },
  {
    id: 'split',
    title: 'Split the cell at the cursor',
    group: 'Cells',
    keys: [
      { mode: 'command', keys: 'Mod+Shift+-' },
      { mode: 'edit', keys: 'Mod+Shift+-' },
    ],
    run: ({ actions, cellId }) => void actions.cells.split(cellId),
  },
  {
    id: 'merge',
    title: 'Merge the selected cells, or the cell with the one below',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'Shift+M' }],
    run: ({ actions, cellId }) => {
      const several = actions.cells.targets(cellId).length > 1;
      void actions.cells.merge(cellId, several ? 'selected' : 'below');
    },
  },
  {
    id: 'merge-above',
    title: 'Merge the cell with the one above',
    group: 'Cells',
    run: ({ actions, cellId }) => void actions.cells.merge(cellId, 'above'),
  },
  {
    id: 'fold-output',
    title: 'Fold the outputs away, or show them',
    group: 'View',
    keys: [{ mode: 'command', keys: 'O' }],
    run: ({ actions, cellId }) => actions.cells.collapse(cellId, 'outputs'),
  },
  {
    id: 'fold-source',
    title: 'Fold the source away, or show it',
    group: 'View',
    keys: [{ mode: 'command', keys: 'Shift+O' }],
    run: ({ actions, cellId }) => actions.cells.collapse(cellId, 'source'),
  },
  {
    id: 'clear-outputs',
    title: 'Clear the outputs of the selected cells',
    group: 'Cells',
    run: ({ actions, cellId }) => actions.cells.clearOutputs(cellId),
  },
  {
    id: 'clear-all-outputs',
    title: 'Clear all outputs',
    group: 'Cells',
    run: ({ actions }) => actions.cells.clearAllOutputs(),
  },
  {
    id: 'to-markdown',
    title: 'Make it Markdown',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'M' }],
    run: ({ actions, cellId }) => void actions.cells.convert(cellId, 'markdown'),
  },
  {
    id: 'to-code',
    title: 'Make it code',
    group: 'Cells',
    keys: [{ mode: 'command', keys: 'Y' }],
    run: ({ actions, cellId }) => void actions.cells.convert(cellId, 'code'),
  },
  ...[1, 2, 3, 4, 5, 6].map(
    (level): CommandEntry => ({
      id: `heading-${level}`,
      title: `Make it a heading of level ${level}`,
      group: 'Cells',
      keys: [{ mode: 'command', keys: String(level) }],
      run: (context) => makeHeading(context, level),
    }),
  ),
];
