'use client';
/** A titled list of notebooks: title, description, file, when it changed. */
import Link from 'next/link';
import { formatAge, formatDate } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { notebookHref } from './notebook-href.ts';

export interface NotebookEntry {
  path: string;
  title: string;
  description?: string;
  modifiedAt: number;
  demo: boolean;
}

function Row({ notebook }: { notebook: NotebookEntry }) {
  return (
    <li className="relative flex gap-3 border-line border-b px-4 py-3 last:border-b-0 hover:bg-raised">
      <Icon name="notebook" className="mt-0.5 text-accent" />
      <div className="min-w-0 flex-1">
        <Link
          href={notebookHref(notebook.path)}
          className="font-medium text-base after:absolute after:inset-0 after:content-['']"
        >
          {notebook.title}
        </Link>
        {notebook.description && <p className="text-ink-2">{notebook.description}</p>}
        <p className="mt-0.5 truncate font-mono text-2xs text-ink-3">{notebook.path}</p>
      </div>
      <time
        dateTime={new Date(notebook.modifiedAt).toISOString()}
        title={formatDate(notebook.modifiedAt)}
        className="shrink-0 text-ink-3 text-xs"
      >
        {formatAge(notebook.modifiedAt, Date.now())}
      </time>
    </li>
  );
}

export function NotebookList(props: { title: string; notebooks: NotebookEntry[]; empty?: string }) {
  const id = `list-${props.title.replace(/\W+/g, '-').toLowerCase()}`;
  return (
    <section aria-labelledby={id} className="mt-8">
      <h2 id={id} className="mb-2 font-semibold text-ink-2 text-xs">
        {props.title}
      </h2>
      {props.notebooks.length === 0 ? (
        <p className="rounded-lg border border-line border-dashed px-4 py-6 text-ink-2">{props.empty}</p>
      ) : (
        <ul className="overflow-hidden rounded-lg border border-line bg-surface">
          {props.notebooks.map((notebook) => (
            <Row key={notebook.path} notebook={notebook} />
          ))}
        </ul>
      )}
    </section>
  );
}
