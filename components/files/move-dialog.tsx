'use client';
/** Asks for the folder that a file or folder is moved to: one walks through the folders and says "here". */
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { type FileEntry, folderOf } from '../../engine/files-protocol.ts';
import type { ErrorData } from '../../engine/protocol.ts';
import { DialogFooter, DialogFrame } from '../ui/dialog-frame.tsx';
import { Icon } from '../ui/icon.tsx';
import type { Outcome } from './use-file-actions.ts';
import { useFolder } from './use-folder.ts';

const rowClass =
  'flex h-8 w-full items-center gap-2 rounded-md px-2 text-left hover:bg-hover disabled:opacity-50';

export interface MoveDialogProps {
  entry: FileEntry;
  submit: (folder: string) => Promise<Outcome>;
  close: (outcome?: Outcome) => void;
}

export function MoveDialog({ entry, submit, close }: MoveDialogProps) {
  const here = folderOf(entry.path);
  const [folder, setFolder] = useState(here);
  const [error, setError] = useState<ErrorData>();
  const { listing, error: unread } = useFolder(folder, '');
  const folders = listing?.entries.filter(({ kind, path }) => kind === 'folder' && path !== entry.path) ?? [];
  const shown = error ?? unread;

  async function move() {
    const outcome = await submit(folder);
    if (outcome.ok) close(outcome);
    else setError(outcome.error);
  }
  const open = (next: string) => {
    setError(undefined);
    setFolder(next);
  };

  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && close()}>
      <DialogFrame title={`Move ${entry.name}`}>
        <Dialog.Description className="mt-1 text-ink-2 [overflow-wrap:anywhere]">
          To <strong className="text-ink">{folder || 'the notebook folder'}</strong>
        </Dialog.Description>
        <ul aria-label="Folders" className="mt-3 max-h-60 overflow-auto rounded-md border border-line p-1">
          {folder !== '' && (
            <li>
              <button type="button" className={rowClass} onClick={() => open(folderOf(folder))}>
                <Icon name="up" /> Up
              </button>
            </li>
          )}
          {folders.map(({ path, name }) => (
            <li key={path}>
              <button type="button" className={rowClass} onClick={() => open(path)}>
                <Icon name="folder" /> <span className="truncate">{name}</span>
              </button>
            </li>
          ))}
          {folders.length === 0 && <li className="px-2 py-1 text-ink-3">No folders in here.</li>}
        </ul>
        {shown && (
          <p role="alert" className="mt-2 text-bad">
            {shown.message}. {shown.hint}
          </p>
        )}
        <DialogFooter confirm="Move here" disabled={folder === here} run={() => void move()} />
      </DialogFrame>
    </Dialog.Root>
  );
}
