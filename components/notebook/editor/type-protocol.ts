/** What the page and its TypeScript service say to each other about a notebook. */
import { NOTEBOOK_FOLDER } from './cell-uri.ts';

/** A model of the TypeScript language that holds the plan as JSON: Monaco keeps the service's copy up to date. */
export const CHAIN_FILE = `${NOTEBOOK_FOLDER}/notebook.plan.ts`;

export interface NotebookPlan {
  /** The code cells in order. */
  order: string[];
  /** The cell being edited: completion in it knows every earlier name. */
  active?: string;
  /** Import specifiers that would fail at run time. */
  missing: string[];
}

export interface CellMarker {
  /** Offsets in the cell's text. */
  start: number;
  end: number;
  code: number;
  message: string;
  isError: boolean;
  isDeprecated: boolean;
}

/** The service's own calls, besides Monaco's. */
export interface TypeService {
  outdatedCells(): Promise<string[]>;
  checkCell(cellId: string): Promise<CellMarker[]>;
  getFormattingEditsForDocument(
    fileName: string,
    options: object,
  ): Promise<{ span: { start: number; length: number }; newText: string }[]>;
}
