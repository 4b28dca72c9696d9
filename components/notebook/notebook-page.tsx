'use client';
/** The page of one notebook: its session, and what to show while there is none. */
import { FollowNotebook } from '../files/follow-notebook.tsx';
import { PresenceProvider } from '../presence/presence-context.tsx';
import { SessionProvider, useSessionState } from '../session/session-context.tsx';
import { FailurePage } from '../ui/failure-page.tsx';
import { NotebookProvider } from './notebook-context.tsx';
import { NotebookView } from './notebook-view.tsx';

function Loading({ path }: { path: string }) {
  const connected = useSessionState((state) => state.connected);
  return (
    <main className="appear-late mx-auto max-w-3xl p-6" aria-busy="true">
      <h1 className="sr-only">{path}</h1>
      <p role="status" className="text-ink-3">
        {connected ? `Opening ${path}…` : 'Connecting to the server…'}
      </p>
      <div aria-hidden="true" className="mt-6 flex flex-col gap-4">
        {[48, 88, 128].map((height) => (
          <div
            key={height}
            style={{ height }}
            className="animate-breathe rounded-lg border border-line bg-surface"
          />
        ))}
      </div>
    </main>
  );
}

function Content({ path }: { path: string }) {
  const phase = useSessionState((state) => state.phase);
  const error = useSessionState((state) => state.error);
  if (phase === 'failed' && error) {
    return <FailurePage title="The notebook cannot be opened" message={error.message} hint={error.hint} />;
  }
  return phase === 'ready' ? <NotebookView path={path} /> : <Loading path={path} />;
}

export function NotebookPage({ path }: { path: string }) {
  if (!path)
    return <FailurePage title="No notebook was named" message="The address lacks the path of a notebook." />;
  return (
    <FollowNotebook path={path}>
      <SessionProvider path={path}>
        <NotebookProvider>
          <PresenceProvider path={path}>
            <Content path={path} />
          </PresenceProvider>
        </NotebookProvider>
      </SessionProvider>
    </FollowNotebook>
  );
}
