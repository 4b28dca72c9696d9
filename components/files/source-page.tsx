'use client';
/** A file of the folder as it is now, to be read: line numbers, and the line that an error names marked. */
import Link from 'next/link';
import { useEffect, useMemo, useState } from 'react';
import { folderOf, nameOf, type SourceReply } from '../../engine/files-protocol.ts';
import type { ErrorData } from '../../engine/protocol.ts';
import { notebookHref } from '../home/notebook-href.ts';
import { useConnected, useSocket } from '../session/socket-context.tsx';
import { ThemeToggle } from '../theme/theme-toggle.tsx';
import { Icon } from '../ui/icon.tsx';
import { PageError } from '../ui/page-error.tsx';
import { headerLinkClass, PageHeader } from '../ui/page-header.tsx';
import { FileCrumbs } from './file-crumbs.tsx';
import { downloadHref } from './file-hrefs.ts';
import { SourceLines } from './source-lines.tsx';

type State = { source?: SourceReply; error?: ErrorData };

/** Read again when anyone changed files. */
function useSource(file: string): State {
  const socket = useSocket();
  const connected = useConnected();
  const [state, setState] = useState<State>({});
  const [asked, setAsked] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` asks again
  useEffect(() => {
    if (!connected) return;
    let current = true;
    void socket.call<SourceReply>('files:source', { file }).then((reply) => {
      if (current) setState(reply.ok ? { source: reply } : { error: reply.error });
    });
    return () => {
      current = false;
    };
  }, [socket, connected, file, asked]);
  useEffect(() => socket.onFilesChanged(() => setAsked((count) => count + 1)), [socket]);
  return state;
}

export interface SourcePageProps {
  /** A path of the served folder, or an absolute one below it. */
  file: string;
  /** Counted from 1; 0: none is marked. */
  line: number;
  column: number;
}

const AS_IT_IS = 'The file as it is now, to be read; change it in an editor of your own.';

function markedWords(line: number, column: number, lines: number): string {
  if (line === 0) return '';
  if (line > lines) return `There is no line ${line} any more; the last, ${lines}, is marked. `;
  return `Line ${line}${column > 0 ? `, column ${column}` : ''} is marked. `;
}

export function SourcePage({ file, line, column }: SourcePageProps) {
  const connected = useConnected();
  const { source, error } = useSource(file);
  const path = source?.path;
  const text = source?.text;
  const lines = useMemo(() => text?.replace(/\n$/, '').split('\n') ?? [], [text]);
  // A file that became shorter since: its last line is the nearest.
  const marked = Math.min(line, lines.length);
  return (
    <div className="flex min-h-dvh flex-col">
      <PageHeader crowded>
        {path?.endsWith('.ts') && (
          <Link href={notebookHref(path)} className={headerLinkClass}>
            <Icon name="notebook" /> Open as a notebook
          </Link>
        )}
        {path !== undefined && (
          <a href={downloadHref(path)} download className={headerLinkClass}>
            <Icon name="down" /> Download
          </a>
        )}
        <ThemeToggle />
      </PageHeader>
      <main className="mx-auto w-full min-w-0 max-w-5xl px-4 py-6 sm:px-6">
        {path !== undefined && folderOf(path) !== '' && <FileCrumbs folder={folderOf(path)} />}
        <h1 className="font-semibold text-xl tracking-tight [overflow-wrap:anywhere]">
          {nameOf(path ?? file)}
        </h1>
        <p className="mt-1 mb-4 text-ink-2">
          {source && !error && `${markedWords(line, column, lines.length)}${AS_IT_IS}`}
          {!source && !error && (
            <span className="appear-late">
              {connected ? 'Loading…' : 'The server does not answer. The file is shown here when it does.'}
            </span>
          )}
        </p>
        {error && <PageError error={error} />}
        {source && (
          <SourceLines key={line} lines={lines} line={marked} column={marked === line ? column : 0} />
        )}
      </main>
    </div>
  );
}
