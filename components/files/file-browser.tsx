'use client';
/** A folder of notebooks and data: what is in it, and everything one does with files. */
import { useRouter } from 'next/navigation';
import { type ReactNode, useRef, useState } from 'react';
import type { FileEntry } from '../../engine/files-protocol.ts';
import { notebookHref } from '../home/notebook-href.ts';
import { Button } from '../ui/button.tsx';
import { formatCount } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { PageError } from '../ui/page-error.tsx';
import type { FileAction } from './file-menu.tsx';
import { FileTable } from './file-table.tsx';
import { MoveDialog } from './move-dialog.tsx';
import { NameDialog } from './name-dialog.tsx';
import { type FileSort, sortEntries } from './sort-entries.ts';
import type { UploadQueue } from './upload-queue.ts';
import { type Outcome, useFileActions } from './use-file-actions.ts';
import { type FolderState, useFolder } from './use-folder.ts';

type Asking = { what: 'notebook' | 'folder' } | { what: 'rename' | 'move'; entry: FileEntry };

export interface FileBrowserProps {
  folder: string;
  queue: UploadQueue;
  say: (outcome?: Outcome) => void;
}

function useAsking(folder: string, say: FileBrowserProps['say']) {
  const [asking, setAsking] = useState<Asking>();
  const actions = useFileActions();
  const router = useRouter();
  const close = (outcome?: Outcome) => {
    const made = asking?.what;
    setAsking(undefined);
    if (!outcome) return;
    if (outcome.ok && outcome.path && made === 'notebook') router.push(notebookHref(outcome.path));
    else say(outcome);
  };
  const act = (entry: FileEntry, action: FileAction) => {
    if (action === 'rename' || action === 'move') setAsking({ what: action, entry });
    else void actions[action](entry.path).then(say);
  };
  let dialog: ReactNode;
  if (asking?.what === 'notebook') {
    const submit = (name: string) => actions.createNotebook(folder, name);
    dialog = (
      <NameDialog title="New notebook" label="Name" confirm="Create notebook" submit={submit} close={close} />
    );
  } else if (asking?.what === 'folder') {
    const submit = (name: string) => actions.createFolder(folder, name);
    dialog = (
      <NameDialog title="New folder" label="Name" confirm="Create folder" submit={submit} close={close} />
    );
  } else if (asking?.what === 'rename') {
    const { path, name } = asking.entry;
    const submit = (to: string) => actions.rename(path, to);
    dialog = (
      <NameDialog
        title={`Rename ${name}`}
        label="New name"
        confirm="Rename"
        initial={name}
        submit={submit}
        close={close}
      />
    );
  } else if (asking?.what === 'move') {
    const { entry } = asking;
    const submit = (to: string) => actions.moveTo(entry.path, to);
    dialog = <MoveDialog entry={entry} submit={submit} close={close} />;
  }
  return { ask: setAsking, act, dialog };
}

function UploadButton({ onFiles }: { onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
      <Button className="h-8" onClick={() => input.current?.click()}>
        <Icon name="upload" /> Upload
      </Button>
    </>
  );
}

function Contents({
  state,
  search,
  sort,
  setSort,
  act,
  say,
}: {
  state: FolderState;
  search: string;
  sort: FileSort;
  setSort: (sort: FileSort) => void;
  act: (entry: FileEntry, action: FileAction) => void;
  say: (outcome?: Outcome) => void;
}) {
  const { listing, error } = state;
  if (error) return <PageError error={error} />;
  if (!listing) return <p className="appear-late text-ink-3">Loading…</p>;
  if (listing.entries.length === 0)
    return (
      <p className="rounded-lg border border-line border-dashed px-4 py-6 text-ink-2">
        {search
          ? `Nothing is named like “${search}”.`
          : 'Nothing here yet. Create a notebook, or drop notebooks (.ts, .ipynb) and data files anywhere on this page.'}
      </p>
    );
  return (
    <>
      <FileTable
        entries={sortEntries(listing.entries, sort)}
        kernels={listing.kernels}
        sort={sort}
        onSort={setSort}
        onAction={act}
        say={say}
        showFolders={search !== ''}
      />
      {listing.total > listing.entries.length && (
        <p className="mt-2 text-ink-2 text-xs">
          Showing {formatCount(listing.entries.length)} of {formatCount(listing.total)}.
          {search ? ' Type more of the name to see the others.' : ' Search by name to find the others.'}
        </p>
      )}
    </>
  );
}

export function FileBrowser({ folder, queue, say }: FileBrowserProps) {
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<FileSort>({ by: 'name', descending: false });
  const state = useFolder(folder, search.trim());
  const { ask, act, dialog } = useAsking(folder, say);
  return (
    <section aria-label="Files">
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <Button variant="primary" className="h-8" onClick={() => ask({ what: 'notebook' })}>
          <Icon name="plus" /> New notebook
        </Button>
        <Button className="h-8" onClick={() => ask({ what: 'folder' })}>
          <Icon name="folder" /> New folder
        </Button>
        <UploadButton onFiles={(files) => queue.add(files, folder)} />
        <input
          type="search"
          aria-label="Search by name in all folders"
          placeholder="Search by name"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          spellCheck={false}
          className="h-8 min-w-0 flex-1 basis-40 rounded-md border border-line-strong bg-surface px-3 placeholder:text-ink-3"
        />
      </div>
      <Contents state={state} search={search.trim()} sort={sort} setSort={setSort} act={act} say={say} />
      {dialog}
    </section>
  );
}
