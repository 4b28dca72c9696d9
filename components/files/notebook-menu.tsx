'use client';
/** The open notebook as a file: renamed, copied, exported, deleted from its own page. */
import { useRouter } from 'next/navigation';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { nameOf } from '../../engine/files-protocol.ts';
import { notebookHref } from '../home/notebook-href.ts';
import { useSession } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { menuClass, menuItemClass } from '../ui/menu.ts';
import { DownloadItem, ExportItems } from './file-menu.tsx';
import { NameDialog } from './name-dialog.tsx';
import { OutcomeNote } from './outcome-note.tsx';
import { type Outcome, useFileActions } from './use-file-actions.ts';

export function NotebookMenu({ path }: { path: string }) {
  const actions = useFileActions();
  const session = useSession();
  const router = useRouter();
  const [renaming, setRenaming] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const duplicate = async () => {
    const copied = await actions.duplicate(path);
    if (copied.ok && copied.path) router.push(notebookHref(copied.path));
    else setOutcome(copied);
  };
  const remove = async () => {
    // What was typed a moment ago belongs to the file that goes to the bin.
    await Promise.all([...session.store.getState().drafts.keys()].map((cellId) => session.flush(cellId)));
    const removed = await actions.delete(path);
    if (!removed.ok) setOutcome(removed);
  };
  const item = (label: string, run: () => void) => (
    <DropdownMenu.Item className={menuItemClass} onSelect={run}>
      {label}
    </DropdownMenu.Item>
  );
  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger asChild>
          <Button
            variant="quiet"
            aria-label="File"
            title="File: rename, copy, export, delete"
            className="-ml-2 px-1"
          >
            <Icon name="chevron" className="size-3 rotate-90" />
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content align="start" sideOffset={4} className={menuClass}>
            {item('Rename…', () => setRenaming(true))}
            {item('Duplicate', () => void duplicate())}
            <DropdownMenu.Separator className="my-1 border-line border-t" />
            <DownloadItem path={path} label="Download (.ts)" />
            <ExportItems path={path} say={setOutcome} />
            <DropdownMenu.Separator className="my-1 border-line border-t" />
            {item('Move to the bin', () => void remove())}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {renaming && (
        <NameDialog
          title={`Rename ${nameOf(path)}`}
          label="New name"
          confirm="Rename"
          initial={nameOf(path)}
          submit={(name) => actions.rename(path, name)}
          close={() => setRenaming(false)}
        />
      )}
      <OutcomeNote outcome={outcome} say={setOutcome} />
    </>
  );
}
