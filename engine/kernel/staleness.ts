/**
 * Which cells show what a run from top to bottom would not show, and why. Pure: document, texts and last runs in,
 * reasons out.
 *
 * In order, a name belongs to the nearest cell above that defines it; at run time it came from the cell that ran last.
 * A cell is fresh when its text is the one that ran, each name came from the cell it belongs to, and that cell has not
 * run since, was not edited and is fresh itself. So an edit taken back makes everything fresh again. A name that only a
 * cell below defines is not followed.
 */
import type { CellKind, StaleReason } from '../protocol.ts';

/** Which run gave a name its value. */
export interface Provider {
  cellId: string;
  runId: string;
}

/** What is known of a cell's last run. */
export interface RunRecord {
  runId: string;
  /** The kernel it ran in. */
  kernelId: string;
  source: string;
  definitions: readonly string[];
  /** The names it used, each with where its value came from; undefined for names no cell had defined. */
  inputs: ReadonlyMap<string, Provider | undefined>;
  /** It ended before its last line. */
  cut: boolean;
}

export interface StalenessCell {
  cellId: string;
  kind: CellKind;
  source: string;
  definitions: readonly string[];
  references: readonly string[];
}

export interface StalenessInput {
  /** In document order. */
  cells: readonly StalenessCell[];
  records: ReadonlyMap<string, RunRecord>;
  /** Undefined while no kernel lives. */
  kernelId: string | undefined;
  /** Where a cell stood, counted from 0, that is no longer in the document. */
  lastPlace(cellId: string): number | undefined;
}

/** The reasons of every stale code cell. A cell that never ran has none. */
export function staleness(input: StalenessInput): Map<string, StaleReason[]> {
  const stale = new Map<string, StaleReason[]>();
  const above = new Map<string, string>();
  const places = new Map(input.cells.map(({ cellId }, index) => [cellId, index]));
  for (const cell of input.cells) {
    if (cell.kind !== 'code') continue;
    const record = input.records.get(cell.cellId);
    const reasons = record ? reasonsOf(cell, record, input, stale, above, places) : [];
    if (reasons.length > 0) stale.set(cell.cellId, reasons);
    for (const name of cell.definitions) above.set(name, cell.cellId);
  }
  return stale;
}

function reasonsOf(
  cell: StalenessCell,
  record: RunRecord,
  input: StalenessInput,
  stale: ReadonlyMap<string, StaleReason[]>,
  above: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, number>,
): StaleReason[] {
  const reasons: StaleReason[] = [];
  const ofOldKernel = record.kernelId !== input.kernelId;
  if (ofOldKernel) reasons.push({ kind: 'kernel', restarted: input.kernelId !== undefined });
  if (record.source !== cell.source) reasons.push({ kind: 'edited' });
  if (ofOldKernel) return reasons;
  if (record.cut) reasons.push({ kind: 'cut' });
  for (const [name, came] of record.inputs) {
    const owner = above.get(name);
    const reason =
      owner === undefined
        ? came && lost(name, came.cellId, places.get(cell.cellId)!, input, places)
        : inputReason(name, came, owner, input, stale);
    if (reason) addReason(reasons, reason);
  }
  return reasons;
}

/** No cell above defines the name any more. One below that still does is not followed. */
function lost(
  name: string,
  cellId: string,
  place: number,
  { lastPlace }: StalenessInput,
  places: ReadonlyMap<string, number>,
): StaleReason | undefined {
  const there = places.get(cellId);
  if (there === undefined) {
    const was = lastPlace(cellId);
    return { kind: 'deleted', names: [name], ...(was !== undefined && { place: was }) };
  }
  return there < place ? { kind: 'undefined', names: [name], cellId } : undefined;
}

function inputReason(
  name: string,
  came: Provider | undefined,
  owner: string,
  { records }: StalenessInput,
  stale: ReadonlyMap<string, StaleReason[]>,
): StaleReason | undefined {
  const names = [name];
  if (came?.cellId !== owner)
    return { kind: 'otherCell', names, cellId: owner, ...(came && { cameFrom: came.cellId }) };
  if (records.get(owner)?.runId !== came.runId) return { kind: 'changed', names, cellId: owner };
  const upstream = stale.get(owner);
  if (!upstream) return undefined;
  const edited = upstream.some(({ kind }) => kind === 'edited');
  return { kind: edited ? 'inputEdited' : 'inputStale', names, cellId: owner };
}

/** Names with one story are told together. */
function addReason(reasons: StaleReason[], reason: StaleReason): void {
  const key = ({ names: _names, ...rest }: StaleReason & { names?: string[] }) => JSON.stringify(rest);
  const told = reasons.find((other) => key(other) === key(reason));
  if (told && 'names' in told && 'names' in reason) told.names.push(...reason.names);
  else reasons.push(reason);
}
