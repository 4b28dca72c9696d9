'use client';
/** Goes where the open notebook goes: to its new address when it is renamed, to a word about it when it is deleted. */
import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect, useState } from 'react';
import { notebookHref } from '../home/notebook-href.ts';
import { moveDrafts } from '../session/drafts.ts';
import { useSocket } from '../session/socket-context.tsx';
import { FailurePage } from '../ui/failure-page.tsx';
import { BIN_HREF } from './file-hrefs.ts';

export function FollowNotebook({ path, children }: { path: string; children: ReactNode }) {
  const socket = useSocket();
  const router = useRouter();
  const [deleted, setDeleted] = useState(false);
  useEffect(
    () =>
      socket.onMoved(({ from, to }) => {
        if (from !== path) return;
        if (to === undefined) setDeleted(true);
        else {
          moveDrafts(globalThis.localStorage, from, to);
          router.replace(notebookHref(to));
        }
      }),
    [socket, router, path],
  );
  if (deleted)
    return (
      <FailurePage
        title="This notebook was moved to the bin"
        message={`Somebody deleted "${path}". Its text and outputs lie in the bin.`}
        hint="Restore it there to go on. What you typed last and was not yet sent is kept in this browser."
        action={{ label: 'Open the bin', run: () => router.push(BIN_HREF) }}
      />
    );
  return children;
}
