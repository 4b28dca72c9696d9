/**
 * A notebook as one HTML file that needs no script, no server and no network to be read. HTML that a cell showed lies
 * in a sandboxed frame of its own; everything else is text or a picture. Pure and deterministic.
 */
import type { PlotOutput } from '../plot-protocol.ts';
import type { CellOutput, ErrorData } from '../protocol.ts';
import { ansiHtml } from './ansi-html.ts';
import { codeHtml } from './code-html.ts';
import { EXPORT_STYLE } from './export-style.ts';
import { escapeHtml } from './html-text.ts';
import { type CellWithOutputs, isRaw } from './ipynb.ts';
import { tableHtml } from './ipynb-tables.ts';
import { markdownHtml } from './markdown-html.ts';
import { plotTables } from './plot-table.ts';
import { plotText } from './plot-text.ts';

/** Nothing is fetched. Scripts are allowed for the frames, which take over the policy; the page itself has none. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; font-src data:";

function errorHtml({ name, message, hint, position, frames, stack, cause }: ErrorData): string {
  const where = position ?? frames?.[0];
  const lines = [
    `<strong>${escapeHtml(name)}</strong>: ${escapeHtml(message)}`,
    ...(where
      ? [
          `<span class="d">line ${escapeHtml(String(where.line))}, column ${escapeHtml(String(where.column))}</span>`,
        ]
      : []),
    ...(!where && stack ? [`<span class="d">${ansiHtml(stack)}</span>`] : []),
    ...(hint ? [escapeHtml(hint)] : []),
  ];
  return `<div class="error" role="group" aria-label="Error"><pre>${lines.join('\n')}</pre>${cause ? `<p>Caused by:</p>${errorHtml(cause)}` : ''}</div>`;
}

/** The numbers. With `data-plot`, whoever has a document draws the plot above them. */
function plotHtml(plot: PlotOutput, name: string, withData: boolean): string {
  const tables = plotTables(plot).map((table) => `<div class="scroll">${tableHtml(table)}</div>`);
  const data = withData ? ` data-plot="${escapeHtml(JSON.stringify(plot))}"` : '';
  return `<figure${data} aria-label="Plot of ${name}"><figcaption>${escapeHtml(plotText(plot))}</figcaption><details open><summary>The numbers</summary>${tables.join('\n')}</details></figure>`;
}

function outputHtml(output: CellOutput, name: string, plotData: boolean): string {
  switch (output.kind) {
    case 'stream': {
      const dropped = output.dropped ? `\n… ${Number(output.dropped)} characters left out` : '';
      return `<pre class="${escapeHtml(output.stream)}">${ansiHtml(output.text)}${dropped}</pre>`;
    }
    case 'text': {
      const cut = output.truncated
        ? escapeHtml(
            `\n… showing ${output.truncated.shown} of ${output.truncated.total} ${output.truncated.unit}`,
          )
        : '';
      return `<pre>${ansiHtml(output.text)}${cut}</pre>`;
    }
    case 'table':
      return `<div class="scroll" tabindex="0" role="group" aria-label="Table of ${name}">${tableHtml(output)}</div>`;
    case 'html':
      return `<iframe sandbox="allow-scripts" title="HTML of ${name}" srcdoc="${escapeHtml(output.html)}"></iframe>`;
    case 'markdown':
      return `<div class="prose">${markdownHtml(output.text)}</div>`;
    case 'image':
      return `<img alt="Picture of ${name}" src="data:${escapeHtml(output.mime)};base64,${output.base64.replace(/[^A-Za-z0-9+/=]/g, '')}">`;
    case 'json':
      return `<pre>${ansiHtml(output.text)}</pre>`;
    case 'plot':
      return plotHtml(output, name, plotData);
    case 'error':
      return errorHtml(output.error);
    default:
      return output satisfies never;
  }
}

function cellHtml(cell: CellWithOutputs, index: number, plotData: boolean): string {
  const name = `cell ${index + 1}`;
  const open = `<section aria-label="Cell ${index + 1}" id="${escapeHtml(`cell-${cell.cellId}`)}">`;
  if (cell.kind === 'markdown')
    return `${open}<div class="prose">${markdownHtml(cell.source)}</div></section>`;
  if (isRaw(cell)) {
    const text = cell.source.replace(/^\/\/ ?/gm, '');
    return `${open}<pre class="raw">${escapeHtml(text)}</pre></section>`;
  }
  const count =
    cell.executionCount === undefined ? '' : `<span class="count">[${cell.executionCount}]</span>`;
  const title = cell.markerText === '' ? '' : `<p class="marker">${escapeHtml(cell.markerText)}</p>`;
  const code =
    cell.source.trim() === '' ? '' : `<pre class="code"><code>${codeHtml(cell.source)}</code></pre>`;
  const stale =
    cell.stale && cell.outputs.length > 0
      ? '<p class="stale">The code was changed after this output was made.</p>'
      : '';
  const outputs = cell.outputs.map((output) => outputHtml(output, name, plotData)).join('\n');
  const shown = outputs === '' ? '' : `<div class="outputs">${stale}${outputs}</div>`;
  return `${open}${title}${count}${code}${shown}</section>`;
}

/** `plotData` leaves each plot in the page as data, for one that can draw it. */
export function exportHtml(cells: readonly CellWithOutputs[], title: string, plotData = false): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Stagelight">
<title>${escapeHtml(title)}</title>
<style>
${EXPORT_STYLE}</style>
</head>
<body>
<main>
${cells.map((cell, index) => cellHtml(cell, index, plotData)).join('\n')}
</main>
</body>
</html>
`;
}
