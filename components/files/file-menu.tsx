'use client';
/** What can be done with one file or folder. */
import { DropdownMenu } from 'radix-ui';
import type { FileEntry } from '../../engine/files-protocol.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { menuClass, menuItemClass } from '../ui/menu.ts';
import { exportNotebook } from './export-notebook.ts';
import { downloadHref } from './file-hrefs.ts';
import type { Outcome } from './use-file-actions.ts';

export type FileAction = 'rename' | 'move' | 'duplicate' | 'delete';

export interface FileMenuProps {
  entry: FileEntry;
  onAction: (action: FileAction) => void;
  say: (outcome: Outcome) => void;
}

export function FileMenu({ entry, onAction, say }: FileMenuProps) {
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
          {entry.kind !== 'folder' && <DownloadItems entry={entry} say={say} />}
          <DropdownMenu.Separator className="my-1 border-line border-t" />
          {item('delete', 'Move to the bin', 'Del')}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function DownloadItems({ entry, say }: { entry: FileEntry; say: (outcome: Outcome) => void }) {
  return (
    <>
      <DropdownMenu.Separator className="my-1 border-line border-t" />
      <DownloadItem path={entry.path} label="Download" />
      {entry.kind === 'notebook' && <ExportItems path={entry.path} say={say} />}
    </>
  );
}

export function DownloadItem({ path, label }: { path: string; label: string }) {
  return (
    <DropdownMenu.Item className={menuItemClass} asChild>
      <a href={downloadHref(path)} download>
        {label}
      </a>
    </DropdownMenu.Item>
  );
}

/** Exports are finished in the page, which can draw plots; what goes wrong is reported. */
export function ExportItems({ path, say }: { path: string; say: (outcome: Outcome) => void }) {
  const item = (format: 'ipynb' | 'html', label: string) => (
    <DropdownMenu.Item className={menuItemClass} onSelect={() => void exportNotebook(path, format).then(say)}>
      {label}
    </DropdownMenu.Item>
  );
  return (
    <>
      {item('ipynb', 'Export as Jupyter notebook (.ipynb)')}
      {item('html', 'Export as one HTML file')}
    </>
  );
}
