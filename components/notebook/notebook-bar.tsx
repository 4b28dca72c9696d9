'use client';
/** The top bar: where we are, whether it is saved, what the kernel does, and the commands for the whole notebook. */
import Link from 'next/link';
import { folderHref } from '../files/file-hrefs.ts';
import { NotebookMenu } from '../files/notebook-menu.tsx';
import { PresenceList } from '../presence/presence-list.tsx';
import { useSession, useSessionState } from '../session/session-context.tsx';
import { isSaving, isTooLarge } from '../session/session-state.ts';
import { Button } from '../ui/button.tsx';
import { formatClock } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { Mark } from '../ui/mark.tsx';
import { Glyph } from '../ui/state-glyph.tsx';
import { HistoryMenu } from './cells/history-menu.tsx';
import { QueueMenu } from './cells/queue-menu.tsx';
import { RunMenu } from './cells/run-menu.tsx';
import { StaleMenu } from './cells/stale-reasons.tsx';
import { CommandPalette } from './command-palette.tsx';
import { ExecutorsChip, KernelChip } from './kernel-chip.tsx';
import { KeysDialog } from './keys-dialog.tsx';
import { MoreMenu } from './more-menu.tsx';
import { useActions, useNotebookUi, useUi } from './notebook-context.tsx';
import { setPanel } from './notebook-ui.ts';
import { RestartButton } from './restart-button.tsx';

function SaveState() {
  const session = useSession();
  const saved = useSessionState(({ view }) => view?.notebook?.savedAt);
  const error = useSessionState(({ view }) => view?.notebook?.saveError);
  const pending = useSessionState(isSaving);
  const waits = useSessionState(({ drafts }) => drafts.size > 0);
  const isLarge = useSessionState(({ drafts }) => [...drafts.values()].some(isTooLarge));
  if (error) {
    return (
      <button
        type="button"
        className="whitespace-nowrap text-bad underline underline-offset-2"
        title={`${error.message} ${error.hint ?? ''}`}
        onClick={() => void session.command({ type: 'save' })}
      >
        <Glyph name="cross" /> <span className="max-sm:sr-only">not saved: </span>retry
      </button>
    );
  }
  return (
    <span
      role="status"
      className="whitespace-nowrap text-ink-3 max-sm:sr-only"
      title={
        isLarge && !pending
          ? 'A cell is too large to be saved; it is kept in this browser alone.'
          : waits && !pending
            ? 'Typed text waits for you to decide about it: its cell is gone, or has another text now.'
            : saved
              ? `Saved at ${formatClock(saved)}`
              : undefined
      }
    >
      {pending
        ? 'saving…'
        : isLarge
          ? 'not saved: too large'
          : waits
            ? 'text to decide on'
            : saved
              ? 'saved'
              : ''}
    </span>
  );
}

function Crumb({ path }: { path: string }) {
  const parts = path.split('/');
  const name = parts.pop();
  return (
    <nav aria-label="Breadcrumb" className="flex min-w-0 items-center gap-2 text-ink-2">
      <Link
        href="/"
        aria-label="All notebooks"
        title="All notebooks"
        className="flex items-center rounded-md"
      >
        <Mark />
      </Link>
      <ol className="flex min-w-0 items-center gap-1.5">
        {parts.map((part, index) => (
          <li key={parts.slice(0, index + 1).join('/')} className="hidden gap-1.5 sm:flex">
            <Link
              href={folderHref(parts.slice(0, index + 1).join('/'))}
              className="rounded-sm hover:text-ink hover:underline"
            >
              {part}
            </Link>
            <span aria-hidden="true">/</span>
          </li>
        ))}
        <li aria-current="page" className="min-w-0 truncate font-semibold text-ink">
          {name}
        </li>
      </ol>
    </nav>
  );
}

export function NotebookBar({ path }: { path: string }) {
  const actions = useActions();
  const ui = useNotebookUi();
  const panelOpen = useUi((state) => state.panelOpen);
  const busy = useSessionState(({ view }) => {
    const status = view?.kernel.status;
    return status === 'busy' || status === 'interrupting' || status === 'stuck';
  });
  const started = useSessionState(({ view }) => (view?.kernel.status ?? 'none') !== 'none');
  return (
    <header className="sticky top-0 z-30 flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-b bg-surface px-3 py-2 sm:min-h-11 sm:py-0">
      <Crumb path={path} />
      <NotebookMenu path={path} />
      <SaveState />
      <span className="flex-1" />
      <PresenceList />
      <StaleMenu />
      <QueueMenu />
      <KernelChip />
      <ExecutorsChip />
      <div className="flex min-w-0 items-center gap-1.5 max-sm:w-full max-sm:gap-1 max-sm:[&_button]:px-1.5">
        <Button
          onClick={() => actions.interrupt()}
          disabled={!busy}
          title="Interrupt: ends the running cell, keeps variables (I I)"
        >
          <Icon name="stop" />
          <span className="max-xl:sr-only">Interrupt</span>
        </Button>
        <RestartButton disabled={!started} />
        <RunMenu />
        <span className="ml-auto flex border-line sm:ml-1 sm:border-l sm:pl-1">
          <HistoryMenu />
          <Button
            variant="quiet"
            className="px-1.5"
            aria-label="Execution panel"
            aria-pressed={panelOpen}
            title={panelOpen ? 'Hide the execution panel' : 'Show the execution panel'}
            onClick={() => setPanel(ui, { panelOpen: !panelOpen })}
          >
            <Icon name="panel" />
          </Button>
          <MoreMenu />
        </span>
      </div>
      <CommandPalette />
      <KeysDialog />
    </header>
  );
}
