'use client';
/** Whether the page is so narrow that the panel is a sheet: below Tailwind's `lg`. */
import { useSyncExternalStore } from 'react';

const query = () => window.matchMedia('(width < 64rem)');

function subscribe(changed: () => void): () => void {
  const watched = query();
  watched.addEventListener('change', changed);
  return () => watched.removeEventListener('change', changed);
}

export function useNarrow(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => query().matches,
    () => false,
  );
}
