'use client';
/** Parts of a view that may come a moment after the rest, so that the first of it is on the screen at once. */
import { useEffect, useState } from 'react';

/** Longest that a part waits for a moment in which the page has nothing else to do, ms. */
const LONGEST = 300;

/** How many of so many parts are due: one more each time the page is idle. */
export function useParts(parts: number): number {
  const [due, setDue] = useState(0);
  useEffect(() => {
    if (due >= parts) return;
    const next = () => setDue(due + 1);
    // Safari has none.
    if ('requestIdleCallback' in window) {
      const asked = requestIdleCallback(next, { timeout: LONGEST });
      return () => cancelIdleCallback(asked);
    }
    const timer = setTimeout(next);
    return () => clearTimeout(timer);
  }, [due, parts]);
  return due;
}
