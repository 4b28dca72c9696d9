'use client';
/** What stands beside the lines of each cell: rows and times of what its last run called there. */
import { useSyncExternalStore } from 'react';

export interface LineMark {
  line: number;
  text: string;
  details: string;
}

const NONE: readonly LineMark[] = [];

let shown: ReadonlyMap<string, readonly LineMark[]> = new Map();
const listeners = new Set<() => void>();

const isSame = (a: readonly LineMark[], b: readonly LineMark[]) =>
  a.length === b.length &&
  a.every(
    ({ line, text, details }, i) => line === b[i]!.line && text === b[i]!.text && details === b[i]!.details,
  );

/** Replaces the marks of all cells; a cell whose marks are the same is not drawn again. */
export function showLineMarks(marks: ReadonlyMap<string, readonly LineMark[]>): void {
  shown = new Map(
    [...marks].map(([cellId, own]) => {
      const before = shown.get(cellId);
      return [cellId, before && isSame(before, own) ? before : own];
    }),
  );
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLineMarks(cellId: string): readonly LineMark[] {
  return useSyncExternalStore(
    subscribe,
    () => shown.get(cellId) ?? NONE,
    () => NONE,
  );
}
