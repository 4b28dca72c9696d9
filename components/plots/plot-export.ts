/** A drawn plot as one SVG that stands alone, and as a PNG of it. */
import type { PlotOutput } from '../../engine/plot-protocol.ts';
import { PLOT_COLORS, type Scheme } from './plot-colors.ts';
import { plotSummary } from './plot-words.ts';

const SVG = 'http://www.w3.org/2000/svg';
const FONT = 'Geist, system-ui, sans-serif';
const PAD = 12;
const PNG_SCALE = 2;

function textLine(svg: SVGElement, text: string, y: number, style: Record<string, string>): void {
  const element = document.createElementNS(SVG, 'text');
  element.setAttribute('x', String(PAD));
  element.setAttribute('y', String(y));
  for (const [name, value] of Object.entries(style)) element.setAttribute(name, value);
  element.textContent = text;
  svg.append(element);
}

/** What stands on the page, put together as one picture with its own background. */
export function standaloneSvg(figure: HTMLElement, output: PlotOutput, scheme: Scheme): SVGSVGElement {
  const colors = PLOT_COLORS[scheme];
  const parts = [...figure.querySelectorAll<SVGSVGElement>(':scope > svg, :scope > [role=img] > svg')];
  const width = Math.max(...parts.map((part) => Number(part.getAttribute('width')))) + 2 * PAD;
  const whole = document.createElementNS(SVG, 'svg');
  const background = document.createElementNS(SVG, 'rect');
  whole.append(background);
  let y = PAD;
  const { title, subtitle, caption } = output.spec;
  if (title) {
    textLine(whole, title, y + 14, { 'font-size': '14', 'font-weight': '600', fill: colors.ink });
    y += 22;
  }
  if (subtitle) {
    textLine(whole, subtitle, y + 12, { 'font-size': '12', fill: colors.ink2 });
    y += 20;
  }
  for (const part of parts) {
    const copy = part.cloneNode(true) as SVGSVGElement;
    for (const tip of copy.querySelectorAll('[aria-label="tip"]')) tip.remove();
    copy.setAttribute('x', String(PAD));
    copy.setAttribute('y', String(y));
    copy.removeAttribute('aria-hidden');
    copy.style.fontFamily = FONT;
    whole.append(copy);
    y += Number(part.getAttribute('height'));
  }
  if (caption) {
    textLine(whole, caption, y + 14, { 'font-size': '12', fill: colors.ink2 });
    y += 20;
  }
  const height = y + PAD;
  whole.setAttribute('role', 'img');
  whole.setAttribute('aria-label', plotSummary(output));
  const size = { width, height, viewBox: `0 0 ${width} ${height}`, 'font-family': FONT };
  for (const [name, value] of Object.entries(size)) whole.setAttribute(name, String(value));
  for (const [name, value] of Object.entries({ width, height, fill: colors.surface }))
    background.setAttribute(name, String(value));
  return whole;
}

export function svgBlob(svg: SVGSVGElement): Blob {
  return new Blob([new XMLSerializer().serializeToString(svg)], { type: 'image/svg+xml' });
}

export async function pngBlob(svg: SVGSVGElement): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Number(svg.getAttribute('width')) * PNG_SCALE;
  canvas.height = Number(svg.getAttribute('height')) * PNG_SCALE;
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('the browser made no picture of the plot'))),
      'image/png',
    ),
  );
}
