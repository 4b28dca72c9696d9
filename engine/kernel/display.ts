/** How a value is shown: the form of output chosen from the value, always bounded. */
import { types } from 'node:util';
import { StagelightError } from '../errors.ts';
import type { CellOutput, ErrorData } from '../protocol.ts';
import { notShippable } from '../rdd/not-shippable.ts';
import { boundedText } from './bounded-text.ts';
import { PlotHandle } from './plot/plot.ts';
import { tableOutput } from './table-output.ts';

const MAX_TEXT = 100_000;
const MAX_MARKUP = 1_000_000;
const MAX_IMAGE_BYTES = 4_000_000;

const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/svg+xml'] as const;
export type ImageType = (typeof IMAGE_TYPES)[number];

export interface Display {
  /** Shows a value below the cell: rows as a table, an error as an error, anything else as text. */
  (value: unknown): void;
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
  const display = (value: unknown) => {
    const output = toOutput(value, describe);
    if (output) show(output);
  };
  return Object.assign(display, {
    [notShippable]: 'the display of the notebook',
    html: (html: string) => show({ kind: 'html', html: markup('html', html) }),
    markdown: (text: string) => show({ kind: 'markdown', text: markup('markdown', text) }),
    image: (bytes: Uint8Array | ArrayBuffer, mime: ImageType = 'image/png') => show(imageOutput(bytes, mime)),
  });
}

/** The output for a value; nothing for undefined. */
export function toOutput(value: unknown, describe: (error: unknown) => ErrorData): CellOutput | undefined {
  // A plot has been shown by the call that made it.
  if (value === undefined || value instanceof PlotHandle) return undefined;
  if (value instanceof Error) return { kind: 'error', error: describe(value), displayed: true };
  const shown = isDataset(value) ? value.toDebugString() : value;
  // The traps of a proxy are user code: only `inspect` looks past them.
  const table = types.isProxy(shown) ? undefined : tableOutput(shown);
  if (table) return table;
  const { text, total } = boundedText(shown, MAX_TEXT);
  if (total === text.length) return { kind: 'text', text };
  return { kind: 'text', text, truncated: { shown: text.length, total, unit: 'characters' } };
}

/** An RDD is shown by its lineage: looking at it must not run a job. */
function isDataset(value: unknown): value is { toDebugString(): string } {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  const dataset = value as { toDebugString?: unknown; collect?: unknown };
  return typeof dataset.toDebugString === 'function' && typeof dataset.collect === 'function';
}

function markup(form: 'html' | 'markdown', text: string): string {
  if (typeof text !== 'string') {
    throw new StagelightError('DISPLAY_INVALID', `display.${form} was given ${boundedText(text, 100).text}`, {
      hint: 'Give it a string.',
    });
  }
  if (text.length > MAX_MARKUP) {
    throw new StagelightError('DISPLAY_TOO_LARGE', `display.${form} was given ${text.length} characters`, {
      hint: `Show at most ${MAX_MARKUP} characters, or write them to a file.`,
    });
  }
  return text;
}

function imageOutput(bytes: Uint8Array | ArrayBuffer, mime: ImageType): CellOutput {
  if (!IMAGE_TYPES.includes(mime)) {
    throw new StagelightError('DISPLAY_INVALID', `display.image cannot show "${String(mime)}"`, {
      hint: `Give one of ${IMAGE_TYPES.join(', ')}.`,
    });
  }
  if (!(ArrayBuffer.isView(bytes) || bytes instanceof ArrayBuffer)) {
    throw new StagelightError('DISPLAY_INVALID', 'display.image was not given bytes', {
      hint: 'Give it a Buffer or Uint8Array.',
    });
  }
  if (bytes.byteLength > MAX_IMAGE_BYTES) {
    throw new StagelightError('DISPLAY_TOO_LARGE', `display.image was given ${bytes.byteLength} bytes`, {
      hint: `Show at most ${MAX_IMAGE_BYTES} bytes, or write the image to a file.`,
    });
  }
  const buffer = ArrayBuffer.isView(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : Buffer.from(bytes);
  return { kind: 'image', mime, base64: buffer.toString('base64') };
}
