/** What ran, with which text, and where each of its names came from: what staleness is judged by. */
import type { StaleReason } from '../protocol.ts';
import type { SessionState, StepResult } from './notebook-session.ts';
import { stalePlan } from './stale-plan.ts';
import { type Provider, type RunRecord, type StalenessCell, staleness } from './staleness.ts';

export interface RunRecords {
  /** By cell, also of cells in the bin. */
  byCell: Map<string, RunRecord>;
  /** Which run gave each name of the living kernel its value last. */
  providers: Map<string, Provider>;
  /** What viewers were told last: reasons by cell, and what else a run of the stale cells runs, as text. */
  told: { stale: Map<string, string>; also: string };
}

/** Records of runs of earlier kernels: of those only the text still counts. */
export function recordsOf(ran: Iterable<{ cellId: string; source: string; runId: string }>): RunRecords {
  const records = noRecords();
  for (const { cellId, source, runId } of ran) {
    const record = { runId, kernelId: '', source, definitions: [], inputs: new Map(), cut: false };
    records.byCell.set(cellId, record);
  }
  return records;
}

function noRecords(): RunRecords {
  return { byCell: new Map(), providers: new Map(), told: { stale: new Map(), also: '[]' } };
}

function stalenessCells({ cells, analyses }: SessionState): StalenessCell[] {
  return cells.map(({ cellId, kind, source }) => {
    const { definitions = [], references = [] } = analyses.get(cellId) ?? {};
    return { cellId, kind, source, definitions, references };
  });
}

/** Notes a run that begins: with the text of now, and the values of now. Returns the note of the run before. */
export function recordStart(
  state: SessionState,
  cellId: string,
  runId: string,
  source: string,
): RunRecord | undefined {
  const { byCell, providers } = state.records;
  const before = byCell.get(cellId);
  const analysis = state.analyses.get(cellId);
  byCell.set(cellId, {
    runId,
    kernelId: state.kernelId ?? '',
    source,
    // A text that is no TypeScript defines nothing, whatever the one before it did.
    definitions: analysis && !analysis.failed ? analysis.definitions : [],
    inputs: new Map((analysis?.references ?? []).map((name) => [name, providers.get(name)])),
    cut: false,
  });
  return before;
}

/** The run never began: what counts is the one before it. */
export function takeBack(state: SessionState, cellId: string, before: RunRecord | undefined): void {
  if (before) state.records.byCell.set(cellId, before);
  else state.records.byCell.delete(cellId);
}

/** The run came to its end, or to an end: what it defined are its names now. */
export function recordEnd(state: SessionState, cellId: string, runId: string, cut: boolean): void {
  const { byCell, providers } = state.records;
  const record = byCell.get(cellId);
  if (record?.runId !== runId) return;
  if (cut) byCell.set(cellId, { ...record, cut });
  for (const name of record.definitions) providers.set(name, { cellId, runId });
}

/** The code cells that "run stale" runs, in order. */
export function cellsToRun(state: SessionState): ReturnType<typeof stalePlan> {
  return planOf(state, new Set(currentStaleness(state).keys()));
}

function currentStaleness(state: SessionState): Map<string, StaleReason[]> {
  const { records, kernelId } = state;
  return staleness({
    cells: stalenessCells(state),
    records: records.byCell,
    kernelId,
    lastPlace: (cellId) => state.bin.get(cellId)?.index,
  });
}

function planOf(state: SessionState, stale: ReadonlySet<string>) {
  const { byCell, providers } = state.records;
  const ranLast = new Map([...providers].map(([name, { cellId }]) => [name, cellId]));
  return stalePlan(stalenessCells(state), stale, (cellId) => byCell.has(cellId), ranLast);
}

/** Tells viewers what became stale or fresh since they were told last. */
export function publishStaleness(state: SessionState, result: StepResult): void {
  const { told } = state.records;
  const stale = currentStaleness(state);
  const changes: { cellId: string; reasons: StaleReason[] }[] = [];
  for (const { cellId } of state.cells) {
    const reasons = stale.get(cellId) ?? [];
    const text = JSON.stringify(reasons);
    if (text === (told.stale.get(cellId) ?? '[]')) continue;
    changes.push({ cellId, reasons });
    if (reasons.length > 0) told.stale.set(cellId, text);
    else told.stale.delete(cellId);
  }
  const { also } = planOf(state, new Set(stale.keys()));
  const text = JSON.stringify(also);
  if (changes.length === 0 && text === told.also) return;
  result.events.push({ type: 'stalenessChanged', cells: changes, ...(text !== told.also && { also }) });
  told.also = text;
}
