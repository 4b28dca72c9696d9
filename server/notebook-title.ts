/** What a notebook is about, read from its first bytes. */
import { open } from 'node:fs/promises';
import { headingOf } from './notebook-heading.ts';

const HEAD_BYTES = 16 * 1024;
const MARKER = /^(\uFEFF)?\/\/ %%/m;

export interface NotebookTitle {
  title: string;
  description?: string;
}

/** The first heading and the line after it; undefined when the file has no cell markers: a script, not a notebook. */
export async function describeNotebook(path: string): Promise<NotebookTitle | undefined> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = buffer.toString('utf8', 0, bytesRead);
    return MARKER.test(head) ? headingOf(head, path) : undefined;
  } finally {
    await file.close();
  }
}
