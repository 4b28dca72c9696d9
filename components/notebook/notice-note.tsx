'use client';
/** What a command did not do, or did besides: said for a while above the page, where it moves nothing. */
import { useEffect } from 'react';
import { useSession, useSessionState } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { asSentence } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';

const SHOWN_MS = 15_000;

export function NoticeNote() {
  const session = useSession();
  const notice = useSessionState((state) => state.notice);
  useEffect(() => {
    if (!notice) return;
    const timer = setTimeout(() => session.notify(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [session, notice]);
  return (
    <div role="status" aria-label="Notice" className="contents">
      {notice && (
        // Above the head of the panel, which lies at the bottom of narrow pages.
        <div className="fixed bottom-4 left-4 z-30 flex max-w-[min(28rem,calc(100vw-32px))] items-start gap-3 rounded-lg border border-line bg-surface py-2 pr-2 pl-4 text-sm shadow-pop max-lg:bottom-16">
          <p className="min-w-0 flex-1 py-1">
            <strong className="font-semibold">{asSentence(notice.message)}</strong>{' '}
            <span className="text-ink-2">{notice.hint}</span>
          </p>
          <Button
            variant="quiet"
            size="sm"
            aria-label="Dismiss the notice"
            title="Dismiss"
            onClick={() => session.notify(undefined)}
          >
            <Icon name="clear" />
          </Button>
        </div>
      )}
    </div>
  );
}
