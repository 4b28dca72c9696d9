'use client';
/** The current time, renewed while something on screen counts. */
import { useEffect, useState } from 'react';
import { pageClock } from './page-clock.ts';

export function useNow(active: boolean, interval = 100): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (active) return pageClock.count(interval, setNow);
  }, [active, interval]);
  return now;
}
