'use client';
/** Values of design tokens for drawings on a canvas: read once per theme. */
import { useMemo } from 'react';
import { useTheme } from '../theme/use-theme.ts';

const known = new Map<string, Record<string, string>>();

/** `names` must be a constant: it is part of what is remembered. Empty strings before the first render. */
export function useTokens<Name extends string>(names: readonly Name[]): Record<Name, string> {
  const theme = useTheme();
  return useMemo(() => {
    const key = `${theme} ${names.join()}`;
    const before = known.get(key);
    if (before) return before as Record<Name, string>;
    const style = typeof document === 'undefined' ? undefined : getComputedStyle(document.documentElement);
    const values = Object.fromEntries(
      names.map((name) => [name, style?.getPropertyValue(name).trim() ?? '']),
    ) as Record<Name, string>;
    if (style) known.set(key, values);
    return values;
  }, [theme, names]);
}
