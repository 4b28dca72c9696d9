'use client';
/** What can be done to a cell besides what its toolbar shows; on a cell of a selection, to all of it. */
import { DropdownMenu } from 'radix-ui';
import type { CellView } from '../../../engine/fold/state.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { menuClass, menuItemClass } from '../../ui/menu.ts';
import { useActions } from '../notebook-context.tsx';

export interface CellMenuProps {
  cellId: string;
  /** `cell 2` */
  name: string;
  first: boolean;
  last: boolean;
  collapsed: CellView['collapsed'];
  /** Cells selected together with this one. */
  several: boolean;
}

export function CellMenu({ cellId, name, first, last, collapsed, several }: CellMenuProps) {
  const { cells } = useActions();
  const item = (label: string, keys: string, run: () => void, disabled = false) => (
    <DropdownMenu.Item className={`${menuItemClass} justify-between`} disabled={disabled} onSelect={run}>
      <span>{label}</span>
      {keys && <kbd className="ml-6 text-ink-3 text-xs">{keys}</kbd>}
    </DropdownMenu.Item>
  );
  const line = <DropdownMenu.Separator className="my-1 h-px bg-line" />;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button variant="quiet" size="sm" aria-label={`More actions of ${name}`} title="More actions">
          <Icon name="more" />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={4} collisionPadding={8} className={menuClass}>
          {item('Split at the cursor', 'Ctrl+Shift+−', () => void cells.split(cellId))}
          {several && item('Merge the selected cells', 'Shift+M', () => void cells.merge(cellId, 'selected'))}
          {item('Merge with the cell above', '', () => void cells.merge(cellId, 'above'), first)}
          {item('Merge with the cell below', 'Shift+M', () => void cells.merge(cellId, 'below'), last)}
          {line}
          {item('Duplicate', '', () => cells.duplicate(cellId))}
          {item('Copy', 'C', () => cells.copy(cellId))}
          {item('Cut', 'X', () => cells.cut(cellId))}
          {item('Paste below', 'V', () => cells.paste(cellId, 'below'))}
          {item('Paste above', 'Shift+V', () => cells.paste(cellId, 'above'))}
          {line}
          {item(collapsed?.source ? 'Show the source' : 'Fold the source away', 'Shift+O', () =>
            cells.collapse(cellId, 'source'),
          )}
          {item(collapsed?.outputs ? 'Show the output' : 'Fold the output away', 'O', () =>
            cells.collapse(cellId, 'outputs'),
          )}
          {line}
          {item('Run all above', '', () => cells.runAbove(cellId), first)}
          {item('Run this and all below', '', () => cells.runBelow(cellId))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
