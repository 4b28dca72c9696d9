/** The Jupyter notebook format, nbformat 4.5: its types, and what both directions of the conversion share. */
import type { CellOutput } from '../protocol.ts';
import type { FileCell } from './notebook-file.ts';

/** A cell with what it showed: what is exported, and what an import gives. */
export interface CellWithOutputs extends FileCell {
  outputs: CellOutput[];
  executionCount?: number;
  /** The outputs are of an older text of the cell. */
  stale?: boolean;
}

export type MultilineText = string | string[];
export type MimeBundle = Record<string, unknown>;

export type JupyterOutput =
  | { output_type: 'stream'; name: string; text: MultilineText }
  | { output_type: 'display_data'; data: MimeBundle; metadata: Record<string, unknown> }
  | {
      output_type: 'execute_result';
      execution_count: number | null;
      data: MimeBundle;
      metadata: Record<string, unknown>;
    }
  | { output_type: 'error'; ename: string; evalue: string; traceback: string[] };

export interface JupyterCell {
  cell_type: 'code' | 'markdown' | 'raw';
  id: string;
  metadata: Record<string, unknown>;
  source: MultilineText;
  attachments?: Record<string, MimeBundle>;
  execution_count?: number | null;
  outputs?: JupyterOutput[];
}

export interface JupyterNotebook {
  nbformat: number;
  nbformat_minor: number;
  metadata: Record<string, unknown>;
  cells: JupyterCell[];
}

/** What our outputs hold and nbformat has no place for, in the cell's metadata, one entry per output. */
export type OutputExtra = Record<string, unknown> | null;

/** A plot of ours, whole: the page draws it again. */
export const PLOT_MIME = 'application/vnd.stagelight.plot+json';
export const TABLE_MIME = 'application/vnd.dataresource+json';

export function joinText(text: unknown): string {
  if (Array.isArray(text)) return text.filter((line) => typeof line === 'string').join('');
  return typeof text === 'string' ? text : '';
}

/** As Jupyter writes it: a list of lines, each with its line end. */
export function splitText(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/** A raw cell is kept as a code cell that is all comment, under this marker (Jupytext's). */
export const RAW_MARKER = '[raw]';

export function isRaw({ kind, markerText }: FileCell): boolean {
  return kind === 'code' && markerText.split(' ').includes(RAW_MARKER);
}
