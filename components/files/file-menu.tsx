'use client';
/** What can be done with one file or folder. */
import { DropdownMenu } from 'radix-ui';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { menuClass, menuItemClass } from '../ui/menu.ts';
import { downloadHref, type FileEntry } from './files-protocol.ts';

export type FileAction = 'rename' | 'move' | 'duplicate' | 'delete';

export interface FileMenuProps {
  entry: FileEntry;
  onAction: (action: FileAction) => void;
}

export function FileMenu({ entry, onAction }: FileMenuProps) {
  const item = (action: FileAction, label: string, keys?: string) => (
    <DropdownMenu.Item className={menuItemClass} onSelect={() => onAction(action)}>
      {label}
      {keys && <kbd className="ml-auto pl-4 text-2xs text-ink-3">{keys}</kbd>}
    </DropdownMenu.Item>
  );
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button variant="quiet" aria-label={`Actions for ${entry.name}`} title="Actions" className="px-1">
          <Icon name="more" />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={4} className={menuClass}>
          {item('rename', 'Rename…', 'F2')}
          {item('move', 'Move…')}
          {item('duplicate', 'Duplicate')}
          {entry.kind !== 'folder' && <DownloadItems entry={entry} />}
          <DropdownMenu.Separator className="my-1 border-line border-t" />
          {item('delete', 'Move to the bin', 'Del')}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function DownloadItems({ entry }: { entry: FileEntry }) {
  return (
    <>
      <DropdownMenu.Separator className="my-1 border-line border-t" />
      <DownloadItem path={entry.path} label="Download" />
      {entry.kind === 'notebook' && (
        <>
          <DownloadItem path={entry.path} format="ipynb" label="Export as Jupyter notebook (.ipynb)" />
          <DownloadItem path={entry.path} format="html" label="Export as one HTML file" />
        </>
      )}
    </>
  );
}

export function DownloadItem(props: { path: string; format?: 'ipynb' | 'html' | 'ts'; label: string }) {
  return (
    <DropdownMenu.Item className={menuItemClass} asChild>
      <a href={downloadHref(props.path, props.format)} download>
        {props.label}
      </a>
    </DropdownMenu.Item>
  );
}
