/**
 * Two programs changed one notebook: the page's session and whoever else wrote its file. What only one of them
 * changed is taken from that one. A cell that both changed is merged by its lines; where they changed the same lines,
 * both stay between marks, and the page asks which to keep. No text is lost. Pure.
 */
import type { FileCell } from '../engine/kernel/notebook-file.ts';
import { mergeLines } from './merge-lines.ts';

const NAMES = { mine: 'this page', theirs: 'the file' };

const same = (a: FileCell | undefined, b: FileCell | undefined) =>
  a?.source === b?.source && a?.kind === b?.kind;

/** Cells of a file without ids get other ids with each text: those whose text is still the same keep theirs. */
function withKnownIds(mine: readonly FileCell[], disk: readonly FileCell[]): FileCell[] {
  const onDisk = new Set(disk.map(({ cellId }) => cellId));
  const free = mine.filter(({ cellId }) => !onDisk.has(cellId));
  const own = new Set(mine.map(({ cellId }) => cellId));
  return disk.map((cell) => {
    const at = own.has(cell.cellId) ? -1 : free.findIndex((other) => same(other, cell));
    return at < 0 ? cell : { ...cell, cellId: free.splice(at, 1)[0]!.cellId };
  });
}

/** `base` is what both began with. The order is the file's; what is only ours stands behind its neighbour of before. */
export function mergeDocuments(
  base: readonly FileCell[],
  mine: readonly FileCell[],
  disk: readonly FileCell[],
): FileCell[] {
  const before = new Map(base.map((cell) => [cell.cellId, cell]));
  const ours = new Map(mine.map((cell) => [cell.cellId, cell]));
  const onDisk = withKnownIds(mine, disk);
  const theirIds = new Set(onDisk.map(({ cellId }) => cellId));
  const merged: FileCell[] = [];
  for (const theirs of onDisk) {
    const { cellId } = theirs;
    const [was, own] = [before.get(cellId), ours.get(cellId)];
    if (!own) {
      // We deleted it: it stays deleted unless they changed it since.
      if (!was || !same(was, theirs)) merged.push(theirs);
    } else if (same(own, theirs) || same(own, was)) merged.push(theirs);
    else if (same(was, theirs)) merged.push({ ...theirs, kind: own.kind, source: own.source });
    else {
      const kind = own.kind === was?.kind ? theirs.kind : own.kind;
      const { text } = mergeLines(was?.source ?? '', own.source, theirs.source, NAMES);
      merged.push({ ...theirs, kind, source: text });
    }
  }
  mine.forEach((own, index) => {
    if (theirIds.has(own.cellId)) return;
    const was = before.get(own.cellId);
    // They deleted it, and nothing new of ours was in it.
    if (was && same(was, own)) return;
    const neighbour = mine[index - 1]?.cellId;
    const at = merged.findIndex(({ cellId }) => cellId === neighbour);
    merged.splice(neighbour === undefined ? 0 : at < 0 ? merged.length : at + 1, 0, own);
  });
  return merged;
}
