/** A notebook in another format, as it is now: its text, and the outputs of the page or those kept beside the file. */
import { StagelightError } from '../engine/errors.ts';
import { nameOf } from '../engine/files-protocol.ts';
import type { ViewState } from '../engine/fold/state.ts';
import { exportHtml } from '../engine/kernel/export-html.ts';
import { exportIpynb } from '../engine/kernel/export-ipynb.ts';
import type { CellWithOutputs } from '../engine/kernel/ipynb.ts';
import { serializeNotebook } from '../engine/kernel/notebook-file.ts';
import type { SessionCell } from '../engine/kernel/notebook-session.ts';
import type { Notebooks } from './notebooks.ts';

export const EXPORT_FORMATS = ['ipynb', 'html', 'ts'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export function isExportFormat(format: string): format is ExportFormat {
  return (EXPORT_FORMATS as readonly string[]).includes(format);
}

export interface ExportedFile {
  name: string;
  type: string;
  text: string;
}

const TYPES: Record<ExportFormat, string> = {
  ipynb: 'application/x-ipynb+json',
  html: 'text/html; charset=utf-8',
  ts: 'text/plain; charset=utf-8',
};

/** Cells of the document with what the view shows below them. */
export function withOutputs(cells: readonly SessionCell[], view: ViewState): CellWithOutputs[] {
  return cells.map(({ cellId, kind, source, markerText }) => {
    const shown = view.cells.get(cellId);
    const stale = shown?.ranSource !== undefined && shown.ranSource !== source;
    return {
      cellId,
      kind,
      source,
      markerText,
      outputs: kind === 'code' ? (shown?.outputs ?? []) : [],
      ...(shown?.executionCount === undefined ? {} : { executionCount: shown.executionCount }),
      ...(stale ? { stale } : {}),
    };
  });
}

export function convertNotebook(
  cells: readonly CellWithOutputs[],
  name: string,
  format: ExportFormat,
  plotData = false,
): string {
  switch (format) {
    case 'ipynb':
      return exportIpynb(cells);
    case 'html':
      return exportHtml(cells, titleOf(cells) ?? name.replace(/\.ts$/, ''), plotData);
    case 'ts':
      return serializeNotebook({ cells: [...cells], eol: '\n' });
    default:
      return format satisfies never;
  }
}

function titleOf(cells: readonly CellWithOutputs[]): string | undefined {
  const heading = cells.find(({ kind }) => kind === 'markdown')?.source.match(/^#+ +(.+)$/m);
  return heading?.[1]?.trim();
}

export async function exportNotebook(
  notebooks: Notebooks,
  path: string,
  format: ExportFormat,
  plotData = false,
): Promise<ExportedFile> {
  if (!path.endsWith('.ts')) {
    throw new StagelightError('NOTEBOOK_PATH', `"${path}" is not a notebook`, {
      hint: 'Only .ts notebooks can be exported; download other files as they are.',
    });
  }
  const host = await notebooks.open(path);
  const name = nameOf(host.path);
  const text = convertNotebook(host.cellsWithOutputs(), name, format, plotData);
  return { name: format === 'ts' ? name : name.replace(/\.ts$/, `.${format}`), type: TYPES[format], text };
}
