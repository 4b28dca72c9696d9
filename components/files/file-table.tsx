'use client';
/** The files of a folder as a table: sorted by its heads, opened by its links, changed by its menus and by F2 and Del. */
import Link from 'next/link';
import type { KeyboardEvent } from 'react';
import { type FileEntry, folderOf, type ListingReply } from '../../engine/files-protocol.ts';
import { notebookHref } from '../home/notebook-href.ts';
import { formatAge, formatBytes, formatDate } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { downloadHref, folderHref } from './file-hrefs.ts';
import { type FileAction, FileMenu } from './file-menu.tsx';
import { type FileSort, nextSort } from './sort-entries.ts';
import type { Outcome } from './use-file-actions.ts';

export interface FileTableProps {
  entries: readonly FileEntry[];
  kernels: ListingReply['kernels'];
  sort: FileSort;
  onSort: (sort: FileSort) => void;
  onAction: (entry: FileEntry, action: FileAction) => void;
  say: (outcome: Outcome) => void;
  /** A search found files of many folders: say which. */
  showFolders: boolean;
}

const headClass = 'px-2 py-1.5 text-left font-semibold text-ink-2 text-xs';

function SortHead({
  by,
  label,
  sort,
  onSort,
  className = '',
}: {
  by: FileSort['by'];
  label: string;
  sort: FileSort;
  onSort: (sort: FileSort) => void;
  className?: string;
}) {
  const active = sort.by === by;
  return (
    <th
      scope="col"
      aria-sort={active ? (sort.descending ? 'descending' : 'ascending') : 'none'}
      className={`${headClass} ${className}`}
    >
      <button
        type="button"
        onClick={() => onSort(nextSort(sort, by))}
        className="inline-flex items-center gap-1 rounded-sm hover:text-ink"
      >
        {label}
        <Icon
          name={active && sort.descending ? 'down' : 'up'}
          className={`size-3 ${active ? '' : 'opacity-0'}`}
        />
      </button>
    </th>
  );
}

const ICONS = { folder: 'folder', notebook: 'notebook', file: 'file' } as const;

function NameLink({ entry }: { entry: FileEntry }) {
  const { kind, path, name, title } = entry;
  const shown = title ?? name;
  const className =
    'font-medium text-base [overflow-wrap:anywhere] after:absolute after:inset-0 after:content-[""]';
  if (kind === 'folder')
    return (
      <Link href={folderHref(path)} className={className}>
        <span className="sr-only">Folder </span>
        {shown}
      </Link>
    );
  if (kind === 'notebook' || path.endsWith('.ts'))
    return (
      <Link href={notebookHref(path)} className={className}>
        {shown}
      </Link>
    );
  return (
    <a href={downloadHref(path)} download className={className}>
      {shown}
      <span className="sr-only"> (downloads)</span>
    </a>
  );
}

function Row({
  entry,
  kernel,
  onAction,
  say,
  showFolder,
}: {
  entry: FileEntry;
  kernel: string | undefined;
  onAction: FileTableProps['onAction'];
  say: FileTableProps['say'];
  showFolder: boolean;
}) {
  const keys = (event: KeyboardEvent) => {
    // Keys of the open menu bubble through React's tree.
    if (!event.currentTarget.contains(event.target as Node)) return;
    if (event.key === 'F2') onAction(entry, 'rename');
    else if (event.key === 'Delete') onAction(entry, 'delete');
    else return;
    event.preventDefault();
  };
  const below = [
    entry.title !== undefined && entry.title !== entry.name ? entry.name : '',
    showFolder ? `in ${folderOf(entry.path) || 'the notebook folder'}` : '',
  ].filter(Boolean);
  return (
    <tr onKeyDown={keys} className="relative border-line border-t hover:bg-raised">
      <td className="w-0 py-2 pr-1 pl-4 align-top">
        <Icon
          name={ICONS[entry.kind]}
          className={`mt-0.5 ${entry.kind === 'file' ? 'text-ink-3' : 'text-accent'}`}
        />
      </td>
      <th scope="row" className="w-full max-w-0 px-2 py-2 text-left align-top font-normal">
        <span className="flex flex-wrap items-center gap-x-2">
          <NameLink entry={entry} />
          {kernel && kernel !== 'none' && (
            <span className="rounded-sm bg-raised px-1 text-2xs text-ink-2">kernel {kernel}</span>
          )}
        </span>
        {entry.description && <p className="truncate text-ink-2">{entry.description}</p>}
        {below.length > 0 && <p className="truncate font-mono text-2xs text-ink-3">{below.join(' ')}</p>}
      </th>
      <td className="whitespace-nowrap px-2 py-2 align-top text-ink-3 text-xs leading-5">
        <time dateTime={new Date(entry.modifiedAt).toISOString()} title={formatDate(entry.modifiedAt)}>
          {formatAge(entry.modifiedAt, Date.now())}
        </time>
      </td>
      <td className="hidden whitespace-nowrap px-2 py-2 text-right align-top text-ink-3 text-xs leading-5 tabular-nums sm:table-cell">
        {entry.size === undefined ? '' : formatBytes(entry.size)}
      </td>
      <td className="relative z-10 w-0 py-1 pr-2 align-top">
        <FileMenu entry={entry} onAction={(action) => onAction(entry, action)} say={say} />
      </td>
    </tr>
  );
}

export function FileTable({ entries, kernels, sort, onSort, onAction, say, showFolders }: FileTableProps) {
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      <table className="w-full border-collapse">
        <caption className="sr-only">Files</caption>
        <thead>
          <tr className="bg-raised">
            <td />
            <SortHead by="name" label="Name" sort={sort} onSort={onSort} />
            <SortHead by="date" label="Changed" sort={sort} onSort={onSort} />
            <th scope="col" className={`${headClass} hidden text-right sm:table-cell`}>
              Size
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row
              key={entry.path}
              entry={entry}
              kernel={Object.hasOwn(kernels, entry.path) ? kernels[entry.path] : undefined}
              onAction={onAction}
              say={say}
              showFolder={showFolders}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
