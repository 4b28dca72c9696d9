/** What a session knows again of a notebook that was open before: from its stored view. */
import type { CellView, ViewState } from '../engine/fold/state.ts';
import { allCells } from '../engine/fold/view-state.ts';
import type { Analyses } from '../engine/kernel/cell-analyses.ts';
import type { SessionOptions, SessionState } from '../engine/kernel/notebook-session.ts';
import { type RunRecords, recordsOf } from '../engine/kernel/run-records.ts';

const areNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

export function storedSession(
  view: ViewState,
): Required<Pick<SessionOptions, 'analyses' | 'records' | 'bin'>> {
  return { analyses: storedAnalyses(view), records: storedRecords(view), bin: storedBin(view) };
}

/** The names last found in each cell: what stays known of one whose text is broken now. */
function storedAnalyses(view: ViewState): Analyses {
  const analyses: Analyses = new Map();
  for (const { cellId, definitions, references, analysisError } of view.cells.values()) {
    if (!areNames(definitions) || !areNames(references)) continue;
    analyses.set(cellId, { source: undefined, definitions, references, failed: analysisError !== undefined });
  }
  return analyses;
}

const hasRun = (cell: CellView) => typeof cell.ranSource === 'string' && cell.kind === 'code';

/** The values are gone with their kernel; that a cell ran, and with which text, still counts. */
function storedRecords(view: ViewState): RunRecords {
  const cells = [...allCells(view)];
  const records = recordsOf(
    cells.filter(hasRun).map(({ cellId, ranSource, runId }) => ({
      cellId,
      source: ranSource!,
      runId: runId ?? '',
    })),
  );
  for (const { cellId, stale } of cells) if (stale) records.told.stale.set(cellId, JSON.stringify(stale));
  records.told.also = JSON.stringify(view.alsoRun);
  return records;
}

function storedBin(view: ViewState): SessionState['bin'] {
  const bin: SessionState['bin'] = new Map();
  for (const { cell, index, markerText } of view.bin.values()) {
    const { cellId, kind, source, revision } = cell;
    bin.set(cellId, { cell: { cellId, kind, source, revision, markerText }, index });
  }
  return bin;
}
