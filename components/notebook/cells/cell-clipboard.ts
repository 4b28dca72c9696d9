/** Cut and copied cells, for every notebook open in this browser; as text also for other programs. */
import type { CellKind } from '../../../engine/protocol.ts';

export interface CopiedCell {
  kind: CellKind;
  source: string;
}

const KEY = 'stagelight:copied-cells';
let copied: readonly CopiedCell[] = [];

export function copyCells(cells: readonly CopiedCell[]): void {
  copied = cells;
  try {
    localStorage.setItem(KEY, JSON.stringify(cells));
  } catch {
    // Other tabs then do not have them.
  }
  const text = cells.map(({ source }) => source).join('\n\n');
  // Refused without a secure origin: then other programs do not have them.
  void navigator.clipboard?.writeText(text).catch(() => undefined);
}

export function copiedCells(): readonly CopiedCell[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (Array.isArray(stored) && stored.every(isCopied)) return stored;
  } catch {
    // Storage forbidden or unreadable: what this tab copied.
  }
  return copied;
}

function isCopied(value: unknown): value is CopiedCell {
  const { kind, source } = (value ?? {}) as Partial<CopiedCell>;
  return (kind === 'code' || kind === 'markdown') && typeof source === 'string';
}
