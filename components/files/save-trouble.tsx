'use client';
/** Why the notebook is not saved: a full disk, a read-only or deleted file. Says that the text is kept, and tries again. */
import { useSession, useSessionState } from '../session/session-context.tsx';
import { Banner } from '../ui/banner.tsx';
import { Button } from '../ui/button.tsx';

export function SaveTrouble() {
  const session = useSession();
  const error = useSessionState(({ view }) => view?.notebook?.saveError);
  if (!error) return null;
  const deleted = error.code === 'NOTEBOOK_DELETED';
  return (
    <Banner
      tone="bad"
      title={deleted ? `${error.message}.` : `Not saved: ${error.message}.`}
      actions={
        <Button onClick={() => void session.command({ type: 'save' })}>
          {deleted ? 'Write it again' : 'Try again'}
        </Button>
      }
    >
      {error.hint} {deleted ? '' : 'Your text is kept here and in this browser.'}
    </Banner>
  );
}
