'use client';
/** Home: the notebooks under the server's root and the demos, and a way to start a new one. */
import { useRouter } from 'next/navigation';
import { useCallback, useEffect, useState } from 'react';
import type { ErrorData } from '../../engine/protocol.ts';
import { useConnected, useSocket } from '../session/socket-context.tsx';
import { ThemeToggle } from '../theme/theme-toggle.tsx';
import { Banner } from '../ui/banner.tsx';
import { Mark } from '../ui/mark.tsx';
import { CreateNotebook } from './create-notebook.tsx';
import { notebookHref } from './notebook-href.ts';
import { type NotebookEntry, NotebookList } from './notebook-list.tsx';

type Listing = { ok: true; notebooks: NotebookEntry[]; root: string };

export function HomePage() {
  const socket = useSocket();
  const connected = useConnected();
  const router = useRouter();
  const [listing, setListing] = useState<Listing>();
  const [error, setError] = useState<ErrorData>();

  useEffect(() => {
    if (!connected) return;
    let current = true;
    void socket.call<Listing>('home:list', {}).then((reply) => {
      if (!current) return;
      setError(reply.ok ? undefined : reply.error);
      if (reply.ok) setListing(reply);
    });
    return () => {
      current = false;
    };
  }, [socket, connected]);

  const create = useCallback(
    async (name: string) => {
      const reply = await socket.call<{ ok: true; path: string }>('notebook:create', { name });
      if (!reply.ok) return reply.error;
      router.push(notebookHref(reply.path));
      return undefined;
    },
    [socket, router],
  );

  const demos = listing?.notebooks.filter((notebook) => notebook.demo) ?? [];
  const own = listing?.notebooks.filter((notebook) => !notebook.demo) ?? [];
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex h-11 items-center gap-3 border-line border-b bg-surface px-3 sm:px-4">
        <Mark />
        <span className="font-semibold">Stagelight</span>
        <span className="flex-1" />
        <ThemeToggle />
      </header>
      {error && (
        <Banner tone="bad" title={error.message}>
          {error.hint}
        </Banner>
      )}
      <main className="mx-auto w-full max-w-4xl flex-1 px-4 py-8 sm:px-6 sm:py-12">
        <h1 className="font-semibold text-2xl tracking-tight">Notebooks</h1>
        <p className="mt-1 mb-6 text-base text-ink-2">
          {listing ? (
            <>
              In <code className="text-xs [overflow-wrap:anywhere]">{listing.root}</code>
            </>
          ) : connected ? (
            'Loading…'
          ) : (
            'Connecting to the server…'
          )}
        </p>
        <CreateNotebook create={create} disabled={!connected} />
        {listing && (
          <>
            <NotebookList
              title="Your notebooks"
              notebooks={own}
              empty="None yet. Name one above, or start from a demo: it opens as it is, and you may change it."
            />
            {demos.length > 0 && <NotebookList title="Demos" notebooks={demos} />}
          </>
        )}
      </main>
    </div>
  );
}
