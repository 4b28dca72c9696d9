'use client';
/** What stands between the user and the work: no server, a dead or stuck kernel, a refused command, a cell deleted elsewhere. */
import { ConflictBanner } from '../files/conflict-banner.tsx';
import { SaveTrouble } from '../files/save-trouble.tsx';
import { useSession, useSessionState } from '../session/session-context.tsx';
import { Banner } from '../ui/banner.tsx';
import { Button } from '../ui/button.tsx';
import { useActions } from './notebook-context.tsx';

/** Characters shown of a text whose cell is gone. */
const GONE_SHOWN = 200;

function KernelBanner() {
  const actions = useActions();
  const kernel = useSessionState(({ view }) => view?.kernel);
  if (kernel?.status !== 'dead' && kernel?.status !== 'stuck') return null;
  const stuck = kernel.status === 'stuck';
  return (
    <Banner
      tone="bad"
      title={stuck ? 'The kernel does not answer the interrupt.' : 'The kernel died.'}
      actions={
        <Button variant="danger" onClick={() => actions.restart()}>
          Restart kernel (loses variables)
        </Button>
      }
    >
      {kernel.error ? `${kernel.error.message} ${kernel.error.hint ?? ''}` : ''}
      {stuck && !kernel.error && 'A native call may be blocking it; it may still come back.'}
    </Banner>
  );
}

/** Text typed into a cell that another window, or another program, deleted meanwhile. */
function GoneCells() {
  const session = useSession();
  const actions = useActions();
  const drafts = useSessionState((state) => state.drafts);
  const gone = useSessionState(
    ({ view, drafts: all }) => view && [...all.keys()].filter((cellId) => !view.cells.has(cellId)).join(' '),
  );
  if (!gone) return null;
  return gone.split(' ').map((cellId) => (
    <Banner
      key={cellId}
      tone="warn"
      title="A cell was deleted elsewhere while you typed in it. Your text is kept:"
      actions={
        <>
          <Button onClick={() => void actions.putBack(cellId)}>Put it back as a new cell</Button>
          <Button onClick={() => session.discardDraft(cellId)}>Discard</Button>
        </>
      }
    >
      <code className="whitespace-pre-wrap text-xs [overflow-wrap:anywhere]">
        {shortened(drafts.get(cellId)?.source ?? '')}
      </code>
    </Banner>
  ));
}

function shortened(text: string): string {
  return text.length > GONE_SHOWN ? `${text.slice(0, GONE_SHOWN)}…` : text;
}

export function NotebookBanners() {
  const session = useSession();
  const actions = useActions();
  const connected = useSessionState((state) => state.connected);
  const ready = useSessionState((state) => state.phase === 'ready');
  const error = useSessionState((state) => state.commandError);
  return (
    <>
      {ready && !connected && (
        <Banner tone="warn" title="Server unreachable — your edits are kept and will be sent.">
          Reconnecting…
        </Banner>
      )}
      <KernelBanner />
      <SaveTrouble />
      <ConflictBanner show={(cellId) => actions.select(cellId)} />
      <GoneCells />
      {error && (
        <Banner
          tone="bad"
          title={error.message}
          actions={<Button onClick={() => session.dismissError()}>Dismiss</Button>}
        >
          {error.hint}
        </Banner>
      )}
    </>
  );
}
