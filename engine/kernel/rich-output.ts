/** Objects that say how they are shown: a MIME bundle by `Symbol.for('Jupyter.display')` as in Deno, or `toHTML()`. */
import type { CellOutput } from '../protocol.ts';
import { jsonOutput } from './json-output.ts';
import { imageOutput, markup } from './markup-output.ts';

const DISPLAY = Symbol.for('Jupyter.display');

type Bundle = Record<string, unknown>;

/** The richest form of a bundle that a page can show. */
function fromBundle(bundle: Bundle, plain: (value: unknown) => CellOutput): CellOutput | undefined {
  const html = bundle['text/html'];
  if (typeof html === 'string') return { kind: 'html', html: markup('html', html) };
  const svg = bundle['image/svg+xml'];
  if (typeof svg === 'string') return imageOutput(new TextEncoder().encode(svg), 'image/svg+xml');
  for (const mime of ['image/png', 'image/jpeg'] as const) {
    const image = bundle[mime];
    if (typeof image === 'string') return imageOutput(Buffer.from(image, 'base64'), mime);
    if (image instanceof Uint8Array) return imageOutput(image, mime);
  }
  const markdown = bundle['text/markdown'];
  if (typeof markdown === 'string') return { kind: 'markdown', text: markup('markdown', markdown) };
  const json = bundle['application/json'];
  if (json !== undefined) return jsonOutput(json) ?? plain(json);
  const text = bundle['text/plain'];
  return typeof text === 'string' ? plain(text) : undefined;
}

/** Undefined when the value says nothing about itself; then its own form is chosen. */
export function richOutput(
  value: unknown,
  plain: (value: unknown) => CellOutput,
): CellOutput | undefined | Promise<CellOutput | undefined> {
  if (typeof value !== 'object' || value === null) return undefined;
  const { [DISPLAY]: display, toHTML } = value as { [DISPLAY]?: unknown; toHTML?: unknown };
  if (typeof display === 'function') {
    const bundle: unknown = display.call(value);
    const shown = (made: unknown) =>
      typeof made === 'object' && made !== null ? fromBundle(made as Bundle, plain) : undefined;
    return bundle instanceof Promise ? bundle.then((made) => shown(made) ?? plain(value)) : shown(bundle);
  }
  if (typeof toHTML !== 'function') return undefined;
  const html: unknown = toHTML.call(value);
  return typeof html === 'string' ? { kind: 'html', html: markup('html', html) } : undefined;
}
