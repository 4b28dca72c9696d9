'use client';
/** The list of keys, made from the registry of commands. */
import { Dialog } from 'radix-ui';
import { Button } from '../ui/button.tsx';
import { DialogFrame } from '../ui/dialog-frame.tsx';
import { Icon } from '../ui/icon.tsx';
import { isMac, type KeyMode, keysText } from './command-keys.ts';
import { COMMANDS } from './commands.ts';
import { useActions, useNotebookUi, useUi } from './notebook-context.tsx';

const MODES: [title: string, modes: KeyMode[]][] = [
  ['A cell is selected', ['command']],
  ['Its text is being edited', ['edit']],
  ['Everywhere', ['any']],
];

function rowsOf(modes: KeyMode[]): { title: string; keys: string[] }[] {
  return COMMANDS.flatMap(({ title, keys = [] }) => {
    const own = keys.filter(({ mode }) => modes.includes(mode)).map((each) => each.keys);
    return own.length > 0 ? [{ title, keys: own }] : [];
  });
}

export function KeysDialog() {
  const open = useUi((state) => state.dialog === 'keys');
  const ui = useNotebookUi();
  const actions = useActions();
  const mac = isMac();
  const change = (next: boolean) => {
    ui.setState({ dialog: next ? 'keys' : undefined });
    const { selectedCellId } = ui.getState();
    if (!next && selectedCellId) actions.select(selectedCellId);
  };
  return (
    <Dialog.Root open={open} onOpenChange={change}>
      <DialogFrame
        aria-describedby={undefined}
        onCloseAutoFocus={(event) => event.preventDefault()}
        className="fixed top-[6vh] left-1/2 z-50 max-h-[88vh] w-[calc(100vw-32px)] max-w-4xl -translate-x-1/2 overflow-auto rounded-lg border border-line bg-surface p-4 shadow-pop"
      >
        <div className="mb-2 flex items-center justify-between">
          <Dialog.Title className="font-semibold text-lg">Keyboard shortcuts</Dialog.Title>
          <Dialog.Close asChild>
            <Button variant="quiet" aria-label="Close">
              <Icon name="clear" />
            </Button>
          </Dialog.Close>
        </div>
        <div className="gap-x-8 sm:columns-2">
          {MODES.map(([title, modes]) => (
            <section key={title} aria-label={title} className="mb-4">
              <h3 className="mb-1 font-semibold text-ink-2 text-sm">{title}</h3>
              <dl className="grid grid-cols-[minmax(0,9rem)_1fr] gap-x-4 gap-y-1">
                {rowsOf(modes).map(({ title: does, keys }) => (
                  <div key={does} className="contents">
                    <dt className="flex flex-wrap gap-x-2">
                      {keys.map((each, index) => (
                        <kbd key={each} className="whitespace-nowrap text-xs">
                          {keysText(each, mac)}
                          {index < keys.length - 1 && ','}
                        </kbd>
                      ))}
                    </dt>
                    <dd className="text-ink-2 text-sm">{does}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </DialogFrame>
    </Dialog.Root>
  );
}
