'use client';
/** Home: the folders, notebooks and data under the server's root, the demos, and the bin. */
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { type NotebookListing, nameOf } from '../../engine/files-protocol.ts';
import { BinView } from '../files/bin-view.tsx';
import { DropZone } from '../files/drop-zone.tsx';
import { FileBrowser } from '../files/file-browser.tsx';
import { FileCrumbs } from '../files/file-crumbs.tsx';
import { BIN_HREF } from '../files/file-hrefs.ts';
import { OutcomeNote } from '../files/outcome-note.tsx';
import { UploadList } from '../files/upload-list.tsx';
import { sendByRequest, UploadQueue } from '../files/upload-queue.ts';
import type { Outcome } from '../files/use-file-actions.ts';
import { useConnected, useSocket } from '../session/socket-context.tsx';
import { ThemeToggle } from '../theme/theme-toggle.tsx';
import { Icon } from '../ui/icon.tsx';
import { headerLinkClass, PageHeader } from '../ui/page-header.tsx';
import { DemoList } from './demo-list.tsx';

type Home = { ok: true; notebooks: NotebookListing[]; root: string };

function useHome(): Home | undefined {
  const socket = useSocket();
  const connected = useConnected();
  const [home, setHome] = useState<Home>();
  useEffect(() => {
    if (!connected) return;
    let current = true;
    void socket.call<Home>('home:list', {}).then((reply) => {
      if (current && reply.ok) setHome(reply);
    });
    return () => {
      current = false;
    };
  }, [socket, connected]);
  return home;
}

const FOLDERS_NOT_READ: Outcome = {
  ok: false,
  error: {
    code: 'UPLOAD_FOLDER',
    name: 'UploadError',
    message: 'Folders cannot be uploaded',
    hint: 'Make the folder here, open it, and drop its files.',
  },
};

export interface HomePageProps {
  folder: string;
  view: 'files' | 'bin';
}

export function HomePage({ folder, view }: HomePageProps) {
  const home = useHome();
  const connected = useConnected();
  const [queue] = useState(() => new UploadQueue(sendByRequest));
  const [outcome, say] = useState<Outcome>();
  const demos = home?.notebooks.filter((notebook) => notebook.demo) ?? [];
  // Before the first notebook of one's own the demos come first.
  const welcome = home?.notebooks.every(({ demo }) => demo) ?? false;
  const isBin = view === 'bin';
  const isRoot = !isBin && folder === '';
  const demoList = demos.length > 0 && <DemoList demos={demos} welcome={welcome} />;
  const heading = isBin ? 'Bin' : isRoot ? 'Notebooks' : nameOf(folder);
  const where = connected ? 'Loading…' : 'Connecting to the server…';
  return (
    <div className="flex min-h-dvh flex-col">
      <PageHeader>
        <Link href={BIN_HREF} aria-current={isBin ? 'page' : undefined} className={headerLinkClass}>
          <Icon name="trash" /> Bin
        </Link>
        <ThemeToggle />
      </PageHeader>
      <OutcomeNote outcome={outcome} say={say} />
      <DropZone
        label={`Drop to upload into ${folder || 'the notebook folder'}`}
        onFiles={(files, folders) => {
          queue.add(files, isBin ? '' : folder);
          if (folders > 0) say(FOLDERS_NOT_READ);
        }}
      >
        <main className="mx-auto w-full max-w-4xl px-4 py-8 sm:px-6 sm:py-10">
          {!isRoot && <FileCrumbs folder={isBin ? 'Bin' : folder} />}
          <h1 className="font-semibold text-2xl tracking-tight [overflow-wrap:anywhere]">{heading}</h1>
          <p className="mt-1 mb-6 text-base text-ink-2">
            {home ? (
              <>
                In <code className="text-xs [overflow-wrap:anywhere]">{home.root}</code>
              </>
            ) : (
              where
            )}
          </p>
          <UploadList queue={queue} />
          {isBin && <BinView say={say} />}
          {/* Not before it is known which of the two comes first. */}
          {!isBin && (home || !isRoot) && (
            <>
              {isRoot && welcome && demoList}
              {isRoot && welcome && <h2 className="mb-3 font-semibold text-lg">Your files</h2>}
              <FileBrowser key={folder} folder={folder} queue={queue} say={say} />
              {isRoot && !welcome && demoList}
            </>
          )}
        </main>
      </DropZone>
    </div>
  );
}
