/** Markup and pictures, checked and bounded before they become outputs. */
import { StagelightError } from '../errors.ts';
import type { CellOutput } from '../protocol.ts';
import { boundedText } from './bounded-text.ts';

const MAX_MARKUP = 1_000_000;
const MAX_IMAGE_BYTES = 4_000_000;

const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/svg+xml'] as const;
export type ImageType = (typeof IMAGE_TYPES)[number];

export function markup(form: 'html' | 'markdown', text: string): string {
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

export function imageOutput(bytes: Uint8Array | ArrayBuffer, mime: ImageType): CellOutput {
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
