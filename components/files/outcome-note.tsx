'use client';
/** What the last change of files did, for a while; a deletion can be undone from here. An error stays until dismissed. */
import { useEffect } from 'react';
import { Banner } from '../ui/banner.tsx';
import { Button } from '../ui/button.tsx';
import { type Outcome, useFileActions } from './use-file-actions.ts';

const SHOWN_MS = 12_000;

export function OutcomeNote({
  outcome,
  say,
}: {
  outcome: Outcome | undefined;
  say: (outcome?: Outcome) => void;
}) {
  const actions = useFileActions();
  useEffect(() => {
    if (!outcome?.ok) return;
    const timer = setTimeout(() => say(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome, say]);
  if (!outcome) return null;
  if (!outcome.ok)
    return (
      <Banner
        tone="bad"
        title={`${outcome.error.message}.`}
        actions={<Button onClick={() => say(undefined)}>Dismiss</Button>}
      >
        {outcome.error.hint}
      </Banner>
    );
  const { said, binId } = outcome;
  return (
    <div
      role="status"
      className="fixed bottom-4 left-4 z-30 flex max-w-[calc(100vw-32px)] items-center gap-3 rounded-lg border border-line bg-surface py-2 pr-2 pl-4 shadow-pop"
    >
      <strong className="font-semibold [overflow-wrap:anywhere]">{said}.</strong>
      {binId !== undefined && <Button onClick={() => void actions.restore(binId).then(say)}>Undo</Button>}
      <Button variant="quiet" aria-label="Dismiss" onClick={() => say(undefined)}>
        Dismiss
      </Button>
    </div>
  );
}
