'use client';
/** The chosen theme, the theme in force, and the way to choose. */
import { useSyncExternalStore } from 'react';
import { THEME_KEY } from './theme-script.ts';

export type ThemeChoice = 'system' | 'light' | 'dark';

function readChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(THEME_KEY);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    return 'system';
  }
}

/** `data-theme` is set by the inline script, on every cause of change: watching the attribute covers them all. */
function subscribe(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  addEventListener('stagelight:theme', changed);
  return () => {
    observer.disconnect();
    removeEventListener('stagelight:theme', changed);
  };
}

export function useThemeChoice(): [ThemeChoice, (choice: ThemeChoice) => void] {
  const choice = useSyncExternalStore<ThemeChoice>(subscribe, readChoice, () => 'system');
  const choose = (next: ThemeChoice) => {
    try {
      if (next === 'system') localStorage.removeItem(THEME_KEY);
      else localStorage.setItem(THEME_KEY, next);
    } catch {
      document.documentElement.dataset.theme = next === 'dark' ? 'dark' : 'light';
    }
    dispatchEvent(new Event('stagelight:theme'));
  };
  return [choice, choose];
}

/** The theme in force: what canvases and the editor draw with. */
export function useTheme(): 'light' | 'dark' {
  return useSyncExternalStore(
    subscribe,
    () => (document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light'),
    () => 'light',
  );
}
