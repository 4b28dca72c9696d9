/** The code cells of a file in order, each with the line it begins on. A script is one cell, named as its file. */
import { basename } from 'node:path';
import { parseNotebook } from '../engine/kernel/notebook-file.ts';
import type { CellPlace } from './error-text.ts';

export function placeCells(text: string, file: string): CellPlace[] {
  let id = 0;
  const { cells, layout } = parseNotebook(text, () => (id++ === 0 ? basename(file) : `cell-${id}`));
  return cells.flatMap(({ cellId, kind, source }) =>
    kind === 'code' && source.trim() !== ''
      ? [{ cellId, source, lineOffset: layout?.pieces.get(cellId)?.line ?? 0 }]
      : [],
  );
}
