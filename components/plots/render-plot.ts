/** A plot output as an element: title, legend, drawing, caption. Usable wherever there is a document. */
import * as Plot from '@observablehq/plot';
import type { PlotOutput } from '../../engine/plot-protocol.ts';
import { PLOT_COLORS, type PlotColors, type Scheme } from './plot-colors.ts';
import { marksOf } from './plot-marks.ts';
import { axisOptions, colorCategories, colorOptions, columnsOf, margins, plotHeight } from './plot-scales.ts';
import { plotSummary } from './plot-words.ts';

const SVG = 'http://www.w3.org/2000/svg';
const FONT = 'var(--font-geist-sans), system-ui, sans-serif';
/** A legend of more names nothing anybody could find. */
const MAX_LEGEND = 24;

function block(text: string | undefined, style: string): HTMLElement[] {
  if (!text) return [];
  const element = document.createElement('div');
  element.textContent = text;
  element.setAttribute('style', style);
  return [element];
}

/** Swatches with their names, in lines; drawn by hand so that an exported picture has them too. */
function swatches(
  names: readonly string[],
  width: number,
  colors: PlotColors,
  range: readonly string[],
): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  let [x, y] = [0, 0];
  const shown = names.slice(0, MAX_LEGEND);
  const rest = names.length - shown.length;
  const add = (text: string, color: string | undefined) => {
    const label = text.length > 28 ? `${text.slice(0, 27)}…` : text;
    const space = (color ? 18 : 0) + label.length * 6.8 + 14;
    if (x > 0 && x + space > width) [x, y] = [0, y + 20];
    if (color) {
      const rect = document.createElementNS(SVG, 'rect');
      for (const [name, value] of Object.entries({ x, y: y + 4, width: 12, height: 12, rx: 2, fill: color }))
        rect.setAttribute(name, String(value));
      svg.append(rect);
    }
    const element = document.createElementNS(SVG, 'text');
    element.setAttribute('x', String(x + (color ? 18 : 0)));
    element.setAttribute('y', String(y + 14));
    element.setAttribute('fill', colors.ink2);
    element.textContent = label;
    svg.append(element);
    x += space;
  };
  shown.forEach((name, i) => {
    add(name, range[i % range.length]!);
  });
  if (rest > 0) add(`and ${rest} more`, undefined);
  svg.setAttribute('width', String(width));
  svg.setAttribute('height', String(y + 22));
  svg.setAttribute('font-size', '12');
  svg.setAttribute('font-family', FONT);
  svg.setAttribute('style', 'display: block; max-width: 100%');
  svg.setAttribute('aria-hidden', 'true');
  return svg;
}

function legend(
  output: PlotOutput,
  options: Record<string, unknown>,
  width: number,
  colors: PlotColors,
  svg: SVGSVGElement,
): Element[] {
  if (columnsOf(output, 'color').length === 0 || output.spec.scales?.color?.legend === false) return [];
  const categories = colorCategories(output);
  if (!categories) {
    const ramp = (svg as unknown as Plot.Plot).legend('color', {
      width: Math.min(240, width),
      style: { color: colors.ink2 },
    } as Plot.LegendOptions);
    if (!ramp) return [];
    ramp.setAttribute('aria-hidden', 'true');
    return [ramp];
  }
  if (categories.length < 2) return [];
  const scale = Plot.scale({ color: options as never });
  const range = categories.map((category) => String(scale.apply(category)));
  return [swatches(categories.map(String), width, colors, range)];
}

/** Throws what Plot throws when it cannot draw what it is given. */
export function renderPlot(output: PlotOutput, width: number, scheme: Scheme): HTMLElement {
  const colors = PLOT_COLORS[scheme];
  const color = colorOptions(output, colors);
  const { fx, fy } = output.domains;
  const grouped = output.layers.some(({ mark, options }) => options.stack === 'group' && /^bar/.test(mark));
  const upright = output.layers.some(({ mark }) => mark === 'barY');
  const group = grouped ? (upright ? 'x' : 'y') : undefined;
  const hidden = { axis: null, ...(colorCategories(output) && { domain: colorCategories(output) }) };
  const x = axisOptions(output, 'x', width);
  const y = axisOptions(output, 'y', width);
  const size = output.spec.scales?.size;
  const svg = Plot.plot({
    width,
    height: plotHeight(output),
    ...margins(output, width),
    style: {
      background: 'transparent',
      color: colors.ink2,
      fontFamily: FONT,
      fontSize: '12px',
      overflow: 'visible',
    },
    figure: false,
    x: group === 'x' ? hidden : x,
    y: group === 'y' ? hidden : y,
    ...(group === 'x' && { fx: { ...x, grid: false } }),
    ...(group === 'y' && { fy: { ...y, grid: false } }),
    ...(fx && { fx: { domain: fx, label: output.spec.scales?.fx?.label } }),
    ...(fy && { fy: { domain: fy, label: output.spec.scales?.fy?.label } }),
    ...(columnsOf(output, 'color').length > 0 && { color: { ...color, legend: false } }),
    ...(columnsOf(output, 'size').length > 0 && {
      r: { range: [1.5, 14], ...(size?.type && { type: size.type }) },
    }),
    marks: output.layers.flatMap((layer) => marksOf(layer, output, colors)),
  } as Plot.PlotOptions) as SVGSVGElement;
  svg.removeAttribute('aria-label');
  svg.setAttribute('aria-hidden', 'true');
  svg.style.display = 'block';
  svg.style.maxWidth = '100%';
  // The picture is one thing with one name: Plot names the groups within it, also those it draws later.
  const picture = document.createElement('div');
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', plotSummary(output));
  picture.append(svg);
  const figure = document.createElement('figure');
  figure.style.margin = '0';
  const { title, subtitle, caption } = output.spec;
  figure.append(
    ...block(title, `font-weight: 600; font-size: 14px; color: ${colors.ink}`),
    ...block(subtitle, `font-size: 12px; color: ${colors.ink2}`),
    ...legend(output, color, width, colors, svg),
    picture,
    ...block(caption, `font-size: 12px; color: ${colors.ink2}`),
  );
  return figure;
}
