'use client';
/** What stands between the user and the work: no server, a dead or stuck kernel, a refused command, a cell deleted elsewhere. */
import type { ErrorData } from '../../engine/protocol.ts';
import { ConflictBanner } from '../files/conflict-banner.tsx';
import { SaveTrouble } from '../files/save-trouble.tsx';
import { useSession, useSessionState } from '../session/session-context.tsx';
import { Banner } from '../ui/banner.tsx';
import { Button } from '../ui/button.tsx';
import { asSentence } from '../ui/format.ts';
import { useEditorRoom, useLoadAgain } from './editor/editor-room.tsx';
import { useActions } from './notebook-context.tsx';

/** Characters shown of a text whose cell is gone. */
const GONE_SHOWN = 200;

/** `Kernel lost: …`, as a sentence. */
function lossOf(error: ErrorData | undefined): string {
  const said = error?.message ?? 'the kernel died';
  return `${said.charAt(0).toUpperCase()}${said.slice(1).replace(/\.$/, '')}.`;
}

function KernelBanner() {
  const actions = useActions();
  const kernel = useSessionState(({ view }) => view?.kernel);
  if (kernel?.status !== 'dead' && kernel?.status !== 'stuck') return null;
  const stuck = kernel.status === 'stuck';
  return (
    <Banner
      tone="bad"
      title={stuck ? 'The kernel does not answer the interrupt.' : lossOf(kernel.error)}
      actions={
        <Button variant="danger" onClick={() => actions.restart()}>
          Restart kernel (loses variables)
        </Button>
      }
    >
      {stuck && kernel.error && asSentence(kernel.error.message)} {kernel.error?.hint}
      {stuck && !kernel.error && 'A native call may be blocking it; it may still come back.'}
    </Banner>
  );
}

/** The parts of the editor are loaded after the page: the server may be gone by then. */
function EditorBanner() {
  const failed = useEditorRoom() === 'failed';
  const loadAgain = useLoadAgain();
  const connected = useSessionState((state) => state.connected);
  if (!failed) return null;
  return (
    <Banner
      tone="warn"
      title="The editors could not be loaded."
      actions={connected && <Button onClick={loadAgain}>Try again</Button>}
    >
      {connected
        ? 'It is tried again every few seconds. Cells can be read and run meanwhile; if this stays, reload the page.'
        : 'They come when the server is back; cells can be read meanwhile.'}
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
      title="Text typed into a cell that is gone, or in another window, is kept:"
      actions={
        <>
          <Button onClick={() => void actions.putBack(cellId)}>Put it back as a new cell</Button>
          <Button onClick={() => session.discardDraft(cellId)}>Discard</Button>
        </>
      }
    >
      <code className="mt-1 block whitespace-pre-wrap text-xs [overflow-wrap:anywhere]">
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
  const refused = useSessionState((state) => state.refused);
  const unkept = useSessionState((state) => state.unkept);
  const lost = useSessionState((state) => state.error);
  const error = useSessionState((state) => state.commandError);
  return (
    <>
      {ready && !connected && !refused && (
        <Banner tone="warn" title="Server unreachable — your edits are kept and will be sent.">
          Reconnecting… What you type and new cells are sent when it is back; running, moving and deleting
          wait for it.
        </Banner>
      )}
      {ready && refused && (
        <Banner tone="bad" title="The server does not know this browser any more.">
          It was started with another token. Open the address that it printed, in this browser; this page then
          goes on by itself. What you typed is kept.
        </Banner>
      )}
      {ready && lost && (
        <Banner
          tone="bad"
          title={asSentence(lost.message)}
          actions={<Button onClick={() => session.rejoin()}>Try again</Button>}
        >
          {lost.hint} What you see here is still the notebook as it was; your text is kept in this browser.
        </Banner>
      )}
      {unkept && (
        <Banner tone="bad" title="This browser cannot keep unsent text.">
          Its storage is full or forbidden: do not reload or close the page before the text is saved.
        </Banner>
      )}
      <EditorBanner />
      <KernelBanner />
      <SaveTrouble />
      <ConflictBanner show={(cellId) => actions.select(cellId)} />
      <GoneCells />
      {error && (
        <Banner
          tone="bad"
          title={asSentence(error.message)}
          actions={<Button onClick={() => session.dismiss()}>Dismiss</Button>}
        >
          {error.hint}
        </Banner>
      )}
    </>
  );
}
