'use client';
/** Run all, and beside it the other runs of several cells. */
import { DropdownMenu } from 'radix-ui';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { menuClass, menuItemClass } from '../../ui/menu.ts';
import { useActions, useNotebookUi, useUi } from '../notebook-context.tsx';
import { RunStaleItem } from './stale-reasons.tsx';

export function RunMenu() {
  const actions = useActions();
  const ui = useNotebookUi();
  const selected = useUi((state) => state.selectedCellId);
  const onSelected = (run: (cellId: string) => void) => () => {
    const { selectedCellId } = ui.getState();
    if (selectedCellId !== undefined) run(selectedCellId);
  };
  const item = (label: string, run: (cellId: string) => void) => (
    <DropdownMenu.Item className={menuItemClass} disabled={selected === undefined} onSelect={onSelected(run)}>
      {label}
    </DropdownMenu.Item>
  );
  return (
    <span className="flex">
      <Button variant="primary" className="rounded-r-none" onClick={() => actions.runAll()}>
        <Icon name="runAll" />
        Run all
      </Button>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger asChild>
          <Button
            variant="primary"
            aria-label="More ways to run"
            title="More ways to run"
            className="rounded-l-none border-l-accent-ink/30 px-1"
          >
            <Icon name="chevron" className="size-3 rotate-90" />
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content align="end" sideOffset={4} className={menuClass}>
            <RunStaleItem className={menuItemClass} />
            <DropdownMenu.Separator className="my-1 h-px bg-line" />
            {item('Run selected cells', (cellId) => actions.cells.runSelected(cellId))}
            {item('Run all above', (cellId) => actions.cells.runAbove(cellId))}
            {item('Run this and all below', (cellId) => actions.cells.runBelow(cellId))}
            <DropdownMenu.Separator className="my-1 h-px bg-line" />
            <DropdownMenu.Item className={menuItemClass} onSelect={() => actions.cells.clearAllOutputs()}>
              Clear all outputs
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </span>
  );
}
