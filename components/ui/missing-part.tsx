'use client';
/**
 * A page that lacks scripts of its own, because the server went away while they were loaded: loaded again when it is
 * back. What cannot even say so is seen to by load-again-script.ts.
 */
import { useEffect } from 'react';
import { Attempts } from '../session/attempts.ts';
import { FailurePage } from './failure-page.tsx';
import { SIGN_OF_LIFE } from './load-again-script.ts';

/** Throws while there is no server. */
async function reloadWhenServed(): Promise<void> {
  await fetch(SIGN_OF_LIFE, { method: 'HEAD', cache: 'no-store' });
  location.reload();
}

/** By itself once, not over and over: something else may be wrong. */
function wasReloaded(): boolean {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return navigation?.type === 'reload';
}

export function MissingPart() {
  useEffect(() => {
    if (wasReloaded()) return;
    const waiting = new Attempts(reloadWhenServed, () => undefined);
    return () => waiting.stop();
  }, []);
  return (
    <FailurePage
      title="This page is not complete"
      message="The server went away while it was loaded. It is loaded again when the server is back."
      action={{ label: 'Load it again', run: () => location.reload() }}
    />
  );
}
