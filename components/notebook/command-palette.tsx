'use client';
/** The command palette: type a few letters of what you want, Enter does it. */
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { DialogFrame } from '../ui/dialog-frame.tsx';
import { isMac, keysText } from './command-keys.ts';
import { type CommandEntry, searchCommands } from './commands.ts';
import { useActions, useNotebookUi, useUi } from './notebook-context.tsx';
import { useRunCommand } from './use-notebook-keys.ts';

function Keys({ command }: { command: CommandEntry }) {
  const mac = isMac();
  const [first] = command.keys ?? [];
  return first ? (
    <kbd className="min-w-28 whitespace-nowrap text-right text-2xs text-ink-3 max-sm:min-w-0">
      {keysText(first.keys, mac)}
    </kbd>
  ) : (
    <span className="min-w-28 max-sm:hidden" />
  );
}

function Palette({ onDone }: { onDone: (command?: CommandEntry) => void }) {
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const found = searchCommands(query);
  const move = (to: number) => {
    const next = (to + found.length) % Math.max(found.length, 1);
    setActive(next);
    document.getElementById(`command-${found[next]?.id}`)?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <>
      <input
        // biome-ignore lint/a11y/noAutofocus: the palette is opened to be typed into
        autoFocus
        role="combobox"
        aria-label="Search commands"
        aria-expanded="true"
        aria-controls="commands"
        aria-activedescendant={found[active] && `command-${found[active].id}`}
        placeholder="Type a command"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setActive(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') move(active + 1);
          else if (event.key === 'ArrowUp') move(active - 1);
          else if (event.key === 'Enter') onDone(found[active]);
          else return;
          event.preventDefault();
        }}
        className="h-10 w-full border-line border-b bg-transparent px-3 outline-none"
      />
      <div id="commands" role="listbox" aria-label="Commands" className="max-h-[50vh] overflow-y-auto p-1">
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the text box above
          <div
            key={command.id}
            id={`command-${command.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            onMouseMove={() => setActive(index)}
            onClick={() => onDone(command)}
            className="flex cursor-pointer items-center gap-3 rounded-md px-2 py-1 aria-selected:bg-hover"
          >
            <span className="min-w-0 flex-1 truncate">{command.title}</span>
            <span className="text-2xs text-ink-3">{command.group}</span>
            <Keys command={command} />
          </div>
        ))}
        {found.length === 0 && <p className="px-2 py-1 text-ink-3">No such command.</p>}
      </div>
    </>
  );
}

export function CommandPalette() {
  const open = useUi((state) => state.dialog === 'palette');
  const ui = useNotebookUi();
  const actions = useActions();
  const run = useRunCommand();
  const done = (command?: CommandEntry) => {
    ui.setState({ dialog: undefined });
    // What the palette was opened over has the focus again before the command moves it.
    const { selectedCellId, mode } = ui.getState();
    if (selectedCellId) {
      if (mode === 'edit') actions.edit(selectedCellId);
      else actions.select(selectedCellId);
    }
    if (command) run(command);
  };
  return (
    <Dialog.Root open={open} onOpenChange={(next) => (next ? ui.setState({ dialog: 'palette' }) : done())}>
      <DialogFrame
        aria-describedby={undefined}
        onCloseAutoFocus={(event) => event.preventDefault()}
        className="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-32px)] max-w-lg -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-surface shadow-pop"
      >
        <Dialog.Title className="sr-only">Command palette</Dialog.Title>
        <Palette onDone={done} />
      </DialogFrame>
    </Dialog.Root>
  );
}
