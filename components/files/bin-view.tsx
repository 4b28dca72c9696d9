'use client';
/** The bin: what was deleted, with a way back, and a way to be rid of it for good. */
import { AlertDialog } from 'radix-ui';
import { useCallback, useEffect, useState } from 'react';
import { type BinEntry, folderOf, nameOf } from '../../engine/files-protocol.ts';
import type { ErrorData } from '../../engine/protocol.ts';
import { useConnected, useSocket } from '../session/socket-context.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmFrame } from '../ui/dialog-frame.tsx';
import { formatAge, formatDate, formatPlural } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { PageError } from '../ui/page-error.tsx';
import { type Outcome, useFileActions } from './use-file-actions.ts';

function useBin() {
  const socket = useSocket();
  const connected = useConnected();
  const [entries, setEntries] = useState<BinEntry[]>();
  const [error, setError] = useState<ErrorData>();
  const read = useCallback(async () => {
    const reply = await socket.call<{ ok: true; entries: BinEntry[] }>('files:bin', {});
    if (reply.ok) setEntries(reply.entries);
    else setError(reply.error);
  }, [socket]);
  useEffect(() => {
    if (!connected) return;
    void read();
    return socket.onFilesChanged(() => void read());
  }, [socket, connected, read]);
  return { entries, error };
}

/** Asks before anything is gone for good. */
function DeleteForGood({ what, label, run }: { what: string; label: string; run: () => void }) {
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger asChild>
        <Button variant="danger" aria-label={label}>
          {label.startsWith('Empty') ? label : 'Delete'}
        </Button>
      </AlertDialog.Trigger>
      <ConfirmFrame title={`Delete ${what} for good?`} confirm="Delete for good" run={run}>
        There is no way back: text and outputs are gone.
      </ConfirmFrame>
    </AlertDialog.Root>
  );
}

export function BinView({ say }: { say: (outcome: Outcome) => void }) {
  const { entries, error } = useBin();
  const actions = useFileActions();
  if (error) return <PageError error={error} />;
  if (!entries) return <p className="text-ink-3">Loading…</p>;
  if (entries.length === 0)
    return (
      <p className="rounded-lg border border-line border-dashed px-4 py-6 text-ink-2">
        The bin is empty. What you delete lies here until you restore it or empty the bin.
      </p>
    );
  return (
    <>
      <div className="mb-2 flex items-center justify-between">
        <p className="text-ink-2">{formatPlural(entries.length, 'deleted item')}</p>
        <DeleteForGood
          what={`all ${entries.length}`}
          label="Empty the bin"
          run={() => void actions.emptyBin().then(say)}
        />
      </div>
      <ul aria-label="Bin" className="overflow-hidden rounded-lg border border-line bg-surface">
        {entries.map(({ id, path, kind, deletedAt }) => (
          <li
            key={id}
            className="flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-b px-4 py-2 last:border-b-0"
          >
            <Icon name={kind} className="text-ink-3" />
            <span className="min-w-0 flex-1 basis-32">
              <span className="font-medium [overflow-wrap:anywhere]">{nameOf(path)}</span>
              <span className="block text-2xs text-ink-3 [overflow-wrap:anywhere]">
                from {folderOf(path) || 'the notebook folder'}, deleted{' '}
                <time dateTime={new Date(deletedAt).toISOString()} title={formatDate(deletedAt)}>
                  {formatAge(deletedAt, Date.now())}
                </time>
              </span>
            </span>
            <span className="flex gap-2">
              <Button
                aria-label={`Restore ${nameOf(path)}`}
                onClick={() => void actions.restore(id).then(say)}
              >
                Restore
              </Button>
              <DeleteForGood
                what={nameOf(path)}
                label={`Delete ${nameOf(path)} for good`}
                run={() => void actions.emptyBin(id).then(say)}
              />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
