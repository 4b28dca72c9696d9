'use client';
/**
 * Why the notebook is not saved, or its outputs: a full disk, a read-only or deleted file or folder. Says what is kept,
 * tries again, and offers a copy.
 */
import type { ErrorData } from '../../engine/protocol.ts';
import { useSession, useSessionState } from '../session/session-context.tsx';
import { Banner } from '../ui/banner.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { downloadHref } from './file-hrefs.ts';

export function SaveTrouble() {
  const notebook = useSessionState(({ view }) => view?.notebook);
  if (notebook?.saveError) return <TextTrouble error={notebook.saveError} path={notebook.path} />;
  if (notebook?.outputsError) return <OutputsTrouble error={notebook.outputsError} />;
  return null;
}

function TextTrouble({ error, path }: { error: ErrorData; path: string }) {
  const session = useSession();
  const deleted = error.code === 'NOTEBOOK_DELETED';
  return (
    <Banner
      tone="bad"
      title={deleted ? `${error.message}.` : `Not saved: ${error.message}.`}
      actions={
        <>
          <Button onClick={() => void session.command({ type: 'save' })}>
            {deleted ? 'Write it again' : 'Try again'}
          </Button>
          <a href={downloadHref(path, 'ts')} download className={buttonClass()}>
            Download a copy
          </a>
        </>
      }
    >
      {error.hint} {deleted ? '' : 'Your text is kept here and in this browser.'}
    </Banner>
  );
}

/** Text is saved all the same. */
function OutputsTrouble({ error }: { error: ErrorData }) {
  const session = useSession();
  return (
    <Banner
      tone="warn"
      title={`${error.message.replace(/^o/, 'O')}.`}
      actions={
        error.code === 'OUTPUTS_NOT_SAVED' && (
          <Button onClick={() => void session.command({ type: 'save' })}>Try again</Button>
        )
      }
    >
      {error.hint}
    </Banner>
  );
}
