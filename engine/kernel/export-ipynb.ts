/** Cells and outputs as a Jupyter notebook (nbformat 4.5). Pure and deterministic; `importIpynb` reads it back. */
import {
  type CellWithOutputs,
  isRaw,
  type JupyterCell,
  type JupyterNotebook,
  RAW_MARKER,
  splitText,
} from './ipynb.ts';
import { exportOutput } from './ipynb-outputs.ts';

const DATA_IMAGE = /\]\(data:(image\/[a-z+.-]+);base64,([A-Za-z0-9+/=]+)\)/g;

/** Pictures inside the text become Jupyter's attachments. */
function withAttachments(source: string): Pick<JupyterCell, 'source' | 'attachments'> {
  const attachments: NonNullable<JupyterCell['attachments']> = {};
  const text = source.replace(DATA_IMAGE, (_whole, mime: string, base64: string) => {
    const known = Object.keys(attachments).find((name) => attachments[name]![mime] === base64);
    const ending = mime.slice('image/'.length).replace('svg+xml', 'svg').replace('jpeg', 'jpg');
    const name = known ?? `image-${Object.keys(attachments).length + 1}.${ending}`;
    attachments[name] = { [mime]: base64 };
    return `](attachment:${name})`;
  });
  const lines = { source: splitText(text) };
  return Object.keys(attachments).length > 0 ? { ...lines, attachments } : lines;
}

function metadataOf(own: Record<string, unknown>): Record<string, unknown> {
  return Object.keys(own).length > 0 ? { stagelight: own } : {};
}

function exportCell(cell: CellWithOutputs): JupyterCell {
  const { cellId: id, kind, source, markerText } = cell;
  if (kind === 'markdown') {
    const metadata = metadataOf(markerText === '' ? {} : { marker: markerText });
    return { cell_type: 'markdown', id, metadata, ...withAttachments(source) };
  }
  if (isRaw(cell)) {
    const marker = markerText
      .split(' ')
      .filter((word) => word !== RAW_MARKER)
      .join(' ');
    const lines = source.split('\n').map((line) => line.replace(/^\/\/ ?/, ''));
    return {
      cell_type: 'raw',
      id,
      metadata: metadataOf(marker === '' ? {} : { marker }),
      source: splitText(lines.join('\n')),
    };
  }
  const exported = cell.outputs.map(exportOutput);
  const own: Record<string, unknown> = {};
  if (markerText !== '') own['marker'] = markerText;
  if (cell.stale) own['stale'] = true;
  if (exported.some(({ extra }) => extra)) own['outputs'] = exported.map(({ extra }) => extra);
  return {
    cell_type: 'code',
    execution_count: cell.executionCount ?? null,
    id,
    metadata: metadataOf(own),
    outputs: exported.map(({ output }) => output),
    source: splitText(source),
  };
}

export function exportIpynb(cells: readonly CellWithOutputs[]): string {
  const notebook: JupyterNotebook = {
    cells: cells.map(exportCell),
    metadata: {
      kernelspec: { display_name: 'Stagelight (TypeScript)', language: 'typescript', name: 'stagelight' },
      language_info: { file_extension: '.ts', mimetype: 'text/typescript', name: 'typescript' },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  return `${JSON.stringify(notebook, undefined, 1)}\n`;
}
