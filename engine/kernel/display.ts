/** How a value is shown: the form of output chosen from the value, always bounded. */
import { types } from 'node:util';
import type { CellOutput, ErrorData } from '../protocol.ts';
import { notShippable } from '../rdd/not-shippable.ts';
import { boundedText } from './bounded-text.ts';
import { previewDataset } from './dataset-preview.ts';
import { jsonOutput } from './json-output.ts';
import { type ImageType, imageOutput, markup } from './markup-output.ts';
import { PlotHandle } from './plot/plot.ts';
import { richOutput } from './rich-output.ts';
import { tableOutput } from './table-output.ts';
import { isRdd } from './value-type.ts';

const MAX_TEXT = 100_000;

export interface Display {
  /**
   * Shows a value below the cell: rows as a table, objects as a tree, an error as an error, anything else as text. Of a
   * dataset it shows the first rows, by a job; the promise then says that it has.
   */
  (value: unknown): Promise<void> | undefined;
  /** Shows HTML, in a sandbox without access to the page. */
  html(html: string): void;
  /** Shows Markdown as formatted text; raw HTML in it stays text. */
  markdown(text: string): void;
  /** Shows a picture from its bytes: PNG, JPEG or SVG, at most 4 MB. */
  image(bytes: Uint8Array | ArrayBuffer, mime?: ImageType): void;
}

export function makeDisplay(
  show: (output: CellOutput) => void,
  describe: (error: unknown) => ErrorData,
): Display {
  const display = (value: unknown): Promise<void> | undefined => {
    const output = toOutput(value, describe);
    if (output instanceof Promise) return output.then((later) => later && show(later));
    if (output) show(output);
    return undefined;
  };
  return Object.assign(display, {
    [notShippable]: 'the display of the notebook',
    html: (html: string) => show({ kind: 'html', html: markup('html', html) }),
    markdown: (text: string) => show({ kind: 'markdown', text: markup('markdown', text) }),
    image: (bytes: Uint8Array | ArrayBuffer, mime: ImageType = 'image/png') => show(imageOutput(bytes, mime)),
  });
}

/** The output for a value; nothing for undefined. A promise where the value has to be asked, or a job to be run. */
export function toOutput(
  value: unknown,
  describe: (error: unknown) => ErrorData,
): CellOutput | undefined | Promise<CellOutput | undefined> {
  // A plot has been shown by the call that made it.
  if (value === undefined || value instanceof PlotHandle) return undefined;
  if (value instanceof Error) return { kind: 'error', error: describe(value), displayed: true };
  if (isRdd(value)) return previewDataset(value);
  // The traps of a proxy are user code: only `inspect` looks past them.
  if (!types.isProxy(value)) {
    const image = imageBytes(value);
    if (image) return imageOutput(image.bytes, image.mime);
    const rich = richOutput(value, (part) => plainOutput(part));
    if (rich) return rich;
    const structured = unlessItThrows(() => tableOutput(value)) ?? unlessItThrows(() => jsonOutput(value));
    if (structured) return structured;
  }
  return plainOutput(value);
}

/** Getters and iterators of a value are user code: when they throw, the value is shown in a plainer form. */
function unlessItThrows(form: () => CellOutput | undefined): CellOutput | undefined {
  try {
    return form();
  } catch {
    return undefined;
  }
}

function plainOutput(value: unknown): CellOutput {
  const { text, total } = boundedText(value, MAX_TEXT);
  if (total === text.length) return { kind: 'text', text };
  return { kind: 'text', text, truncated: { shown: text.length, total, unit: 'characters' } };
}

/** Bytes that begin as a picture does. */
function imageBytes(value: unknown): { bytes: Uint8Array; mime: ImageType } | undefined {
  if (!(value instanceof Uint8Array) || value.length < 8) return undefined;
  const begins = (...bytes: number[]) => bytes.every((byte, i) => value[i] === byte);
  if (begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return { bytes: value, mime: 'image/png' };
  if (begins(0xff, 0xd8, 0xff)) return { bytes: value, mime: 'image/jpeg' };
  return undefined;
}
