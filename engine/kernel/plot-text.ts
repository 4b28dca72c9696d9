/** A plot in one line of words, for where there is no room for the drawing: what it shows of how many rows. */
import type { PlotOutput } from '../plot-protocol.ts';

export function plotText({ layers, rows, spec, notes }: PlotOutput): string {
  const drawn = layers.map(({ mark, channels }) => {
    const places = [channels.x ?? channels.x1, channels.y ?? channels.y1].flatMap(
      (column) => column?.label ?? [],
    );
    return [mark, places.filter((label) => label !== '').join(' and ')].filter(Boolean).join(' of ');
  });
  const title = spec.title === undefined ? '' : `${spec.title}: `;
  const said = [`${rows.shown} of ${rows.total} rows`, ...notes].join(', ');
  return `[plot, ${title}${drawn.join(', ')}; ${said}]`;
}
