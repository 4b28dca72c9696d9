'use client';
/** Parts of a view that may come a moment after the rest, so that the first of it is on the screen at once. */
import { type ReactNode, useEffect, useState } from 'react';

/** Longest that a part waits for a moment in which the page has nothing else to do, ms. */
const LONGEST = 300;

const waiting: (() => void)[] = [];
let asked = false;

function askIdle(): void {
  if (asked || waiting.length === 0) return;
  asked = true;
  const next = () => {
    asked = false;
    waiting.shift()?.();
    askIdle();
  };
  // Safari has none.
  if ('requestIdleCallback' in window) requestIdleCallback(next, { timeout: LONGEST });
  else setTimeout(next);
}

/** Shows its children as soon as the page is idle; of several, one at a time, in their order. */
export function Later({ children }: { children: ReactNode }) {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const show = () => setDue(true);
    waiting.push(show);
    askIdle();
    return () => {
      const place = waiting.indexOf(show);
      if (place >= 0) waiting.splice(place, 1);
    };
  }, []);
  return due && children;
}
