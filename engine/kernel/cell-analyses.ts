/** What the cells of a document define and use, kept up to date with their text. */
import type { CellAnalysis } from '../closure/analyze-cell.ts';
import type { NotebookEvent } from '../protocol.ts';
import type { SessionCell } from './notebook-session.ts';

export interface KnownAnalysis {
  /** The text that was looked at; undefined for a cell that is no code. */
  source: string | undefined;
  definitions: string[];
  references: string[];
  /** `source` could not be analysed: the names are those of the last text that could. */
  failed: boolean;
}

export type Analyses = Map<string, KnownAnalysis>;

/** How a text is looked at; must always say the same of the same text. */
export type Analyze = (source: string, cellId: string) => CellAnalysis;

/** Looks at the texts that changed since the last time, and forgets cells that are gone. */
export function refreshAnalyses(
  analyses: Analyses,
  cells: readonly SessionCell[],
  analyze: Analyze,
): NotebookEvent[] {
  const events: NotebookEvent[] = [];
  for (const { cellId, kind, source: text } of cells) {
    const source = kind === 'code' ? text : undefined;
    const known = analyses.get(cellId);
    if (known ? known.source === source : source === undefined) continue;
    const { error, ...found } =
      source === undefined ? { definitions: [], references: [] } : analyze(source, cellId);
    const { definitions, references } = error && known ? known : found;
    const next = { source, definitions, references, failed: error !== undefined };
    analyses.set(cellId, next);
    const unchanged = known && !error && !known.failed && sameNames(known, next);
    if (unchanged) continue;
    events.push({ type: 'cellAnalyzed', cellId, definitions, references, ...(error && { error }) });
  }
  if (analyses.size > cells.length) {
    const ids = new Set(cells.map(({ cellId }) => cellId));
    for (const cellId of [...analyses.keys()]) if (!ids.has(cellId)) analyses.delete(cellId);
  }
  return events;
}

function sameNames(a: KnownAnalysis, b: KnownAnalysis): boolean {
  const text = ({ definitions, references }: KnownAnalysis) => `${definitions.join()};${references.join()}`;
  return text(a) === text(b);
}
