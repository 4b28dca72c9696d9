/** The line that begins a cell: `// %% a title [markdown] id="a1b2" key="value"`, in Jupytext's order. */
import type { CellKind } from '../protocol.ts';

const MARKER = /^\/\/ %%(?![^\s])(.*)$/s;
/** The kind stands first, or behind a title; what follows are keys. */
const KIND = /(^|\s)\[(?:markdown|md)\](?=\s|$)/;
const ID = /(^|\s)id="([A-Za-z0-9_-]{1,64})"(?=\s|$)/;
const ANY_ID = /(^|\s)id="[^"]*"/;
const FIRST_KEY = /(^|\s)([\w-]+=|[{[])/;

export function isMarker(line: string): boolean {
  return MARKER.test(line);
}

function restOf(marker: string): string {
  return MARKER.exec(marker)![1]!.trim();
}

/** Where the kind is, when it is one: not inside the keys. */
function kindIn(rest: string): RegExpExecArray | null {
  const kind = KIND.exec(rest);
  return kind && !/[={]/.test(rest.slice(0, kind.index)) ? kind : null;
}

export function idOf(marker: string): string | undefined {
  return ID.exec(restOf(marker))?.[2];
}

export function readMarker(marker: string): { kind: CellKind; markerText: string } {
  const rest = restOf(marker);
  const kind = kindIn(rest);
  const others = kind
    ? rest.slice(0, kind.index) + ' '.concat(rest.slice(kind.index + kind[0].length))
    : rest;
  return {
    kind: kind ? 'markdown' : 'code',
    markerText: others.replace(ID, ' ').replace(/\s+/g, ' ').trim(),
  };
}

/** The marker as it was, with another id. */
export function withId(marker: string, cellId: string): string {
  const known = ANY_ID.test(marker) ? marker.replace(ANY_ID, '') : marker;
  return `${known.replace(/\s+$/, '')} id="${cellId}"`;
}

export function markerLine({
  cellId,
  kind,
  markerText,
}: {
  cellId: string;
  kind: CellKind;
  markerText: string;
}): string {
  const keys = FIRST_KEY.exec(markerText)?.index ?? markerText.length;
  const [title, rest] = [markerText.slice(0, keys).trim(), markerText.slice(keys).trim()];
  const parts = ['// %%', title, kind === 'markdown' ? '[markdown]' : '', rest, `id="${cellId}"`];
  return parts.filter((part) => part !== '').join(' ');
}
