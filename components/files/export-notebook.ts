/** A notebook saved in another format: made by the server, its plots drawn here, where there is a document. */

import { nameOf } from '../../engine/files-protocol.ts';
import type { PlotOutput } from '../../engine/plot-protocol.ts';
import type { ErrorData } from '../../engine/protocol.ts';
import { download } from '../ui/download.ts';
import { downloadHref } from './file-hrefs.ts';
import type { Outcome } from './use-file-actions.ts';

const PLOT_MIME = 'application/vnd.stagelight.plot+json';
const PLOT_WIDTH = 720;

function failed(message: string): ErrorData {
  return {
    code: 'EXPORT_FAILED',
    name: 'ExportError',
    message,
    hint: 'See that the server runs and the notebook opens, then try again.',
  };
}

async function drawers() {
  const [{ renderPlot }, { standaloneSvg }] = await Promise.all([
    import('../plots/render-plot.ts'),
    import('../plots/plot-export.ts'),
  ]);
  return { renderPlot, standaloneSvg };
}

/** Each plot is drawn twice; the reader's system shows the one for its colours. */
async function withDrawings(html: string): Promise<string> {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const figures = [...page.querySelectorAll<HTMLElement>('figure[data-plot]')];
  if (figures.length === 0) return html;
  const { renderPlot } = await drawers();
  for (const figure of figures) {
    const plot = JSON.parse(figure.dataset['plot']!) as PlotOutput;
    delete figure.dataset['plot'];
    try {
      for (const scheme of ['dark', 'light'] as const) {
        const drawing = renderPlot(plot, PLOT_WIDTH, scheme);
        drawing.classList.add(`only-${scheme}`);
        figure.prepend(page.importNode(drawing, true));
      }
      figure.querySelector('details')?.removeAttribute('open');
    } catch {
      // What cannot be drawn is still there as numbers.
    }
  }
  return `<!doctype html>\n${page.documentElement.outerHTML}\n`;
}

interface Bundle {
  data?: Record<string, unknown>;
}

async function withPictures(ipynb: string): Promise<string> {
  if (!ipynb.includes(PLOT_MIME)) return ipynb;
  const { renderPlot, standaloneSvg } = await drawers();
  const notebook = JSON.parse(ipynb) as { cells: { outputs?: Bundle[] }[] };
  for (const output of notebook.cells.flatMap(({ outputs }) => outputs ?? [])) {
    const plot = output.data?.[PLOT_MIME] as PlotOutput | undefined;
    if (!plot) continue;
    try {
      const svg = standaloneSvg(renderPlot(plot, PLOT_WIDTH, 'light'), plot, 'light');
      output.data!['image/svg+xml'] = new XMLSerializer().serializeToString(svg).split(/(?<=\n)/);
      delete output.data!['text/html'];
    } catch {
      // As above.
    }
  }
  return `${JSON.stringify(notebook, undefined, 1)}\n`;
}

export async function exportNotebook(path: string, format: 'ipynb' | 'html'): Promise<Outcome> {
  try {
    const response = await fetch(`${downloadHref(path, format)}&plots`);
    const text = await response.text();
    if (!response.ok) {
      const [message, hint] = text.split('\n');
      return { ok: false, error: { ...failed(message ?? 'no answer'), ...(hint ? { hint } : {}) } };
    }
    const whole = format === 'html' ? await withDrawings(text) : await withPictures(text);
    const name = nameOf(path).replace(/\.ts$/, `.${format}`);
    download(new Blob([whole], { type: format === 'html' ? 'text/html' : 'application/x-ipynb+json' }), name);
    return { ok: true, said: `Exported as ${name}` };
  } catch (error) {
    return { ok: false, error: failed(`the export failed: ${(error as Error).message}`) };
  }
}
