'use client';
/** What is shown when a page itself fails: the reason, and a way on. */
import { FailurePage } from '../components/ui/failure-page.tsx';
import { MissingPart } from '../components/ui/missing-part.tsx';

export default function ErrorPage({ error, reset }: { error: Error; reset: () => void }) {
  if (error.name === 'ChunkLoadError') return <MissingPart />;
  return (
    <FailurePage
      title="This page failed"
      message={error.message}
      action={{ label: 'Try again', run: reset }}
    />
  );
}
