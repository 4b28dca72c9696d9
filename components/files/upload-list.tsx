'use client';
/** The uploads: how far each is, what it became, and the choice when a name is taken. */
import Link from 'next/link';
import { useStore } from 'zustand';
import { nameOf } from '../../engine/files-protocol.ts';
import { notebookHref } from '../home/notebook-href.ts';
import { Button } from '../ui/button.tsx';
import { formatBytes } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { Glyph } from '../ui/state-glyph.tsx';
import type { UploadItem, UploadQueue } from './upload-queue.ts';

function State({ item }: { item: UploadItem }) {
  const { state, sent, size, error, path, notes } = item;
  if (state === 'waiting') return <span className="text-ink-3">waiting</span>;
  if (state === 'sending')
    return (
      <span className="flex items-center gap-2 text-ink-2">
        <progress aria-label={`Upload of ${item.name}`} max={size || 1} value={sent} className="h-1.5 w-24" />
        {formatBytes(sent)} of {formatBytes(size)}
      </span>
    );
  if (state === 'done')
    return (
      <span className="text-ink-2">
        <Glyph name="check" className="text-ok" />{' '}
        {path?.endsWith('.ts') ? (
          <Link href={notebookHref(path)} className="underline underline-offset-2">
            {nameOf(path)}
          </Link>
        ) : (
          'uploaded'
        )}
        {notes && notes.length > 0 && <span> · {notes.join(' ')}</span>}
      </span>
    );
  return (
    <span role="alert" className={state === 'taken' ? 'text-run' : 'text-bad'}>
      {error?.message}. {state === 'failed' && error?.hint}
    </span>
  );
}

export function UploadList({ queue }: { queue: UploadQueue }) {
  const items = useStore(queue.store, ({ items: all }) => all);
  if (items.length === 0) return null;
  return (
    <section aria-label="Uploads" className="mb-4 rounded-lg border border-line bg-surface">
      <ul>
        {items.map((item) => (
          <li
            key={item.id}
            aria-label={item.name}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-4 py-2 last:border-b-0"
          >
            <span className="font-medium [overflow-wrap:anywhere]">{item.name}</span>
            <State item={item} />
            <span className="ml-auto flex gap-2">
              {item.state === 'taken' && (
                <>
                  <Button size="sm" onClick={() => queue.choose(item.id, 'keepBoth')}>
                    Keep both
                  </Button>
                  <Button
                    size="sm"
                    title="The file that is there now goes to the bin"
                    onClick={() => queue.choose(item.id, 'replace')}
                  >
                    Replace
                  </Button>
                </>
              )}
              <Button
                size="sm"
                variant="quiet"
                aria-label={
                  item.state === 'sending' ? `Stop the upload of ${item.name}` : `Dismiss ${item.name}`
                }
                onClick={() => queue.dismiss(item.id)}
              >
                <Icon name="clear" />
              </Button>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
