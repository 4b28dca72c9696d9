/** What a list says of a notebook: its first heading and the first sentences below it. */
import { basename } from 'node:path';

export interface Heading {
  title: string;
  description?: string;
}

const MAX_DESCRIPTION = 170;

/** The first sentences of a paragraph that stay short together: always one, however long it is. */
function firstSentences(paragraph: string): string {
  const plain = paragraph
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(?<![\p{L}\p{N}_*])([*_]{1,3})(?=\S)([^*_]*\S)\1(?![\p{L}\p{N}_*])/gu, '$2')
    .replaceAll('`', '');
  const [first = '', ...rest] = plain.split(/(?<=[.!?]) /);
  let text = first;
  for (const sentence of rest) {
    if (text.length + 1 + sentence.length > MAX_DESCRIPTION) break;
    text += ` ${sentence}`;
  }
  return text;
}

/** From the first bytes of a notebook file. Without a heading, its name. */
export function headingOf(head: string, path: string): Heading {
  const lines = head.split(/\r?\n/);
  const at = lines.findIndex((line) => /^\/\/ #+ \S/.test(line));
  if (at < 0) return { title: basename(path, '.ts') };
  const title = lines[at]!.replace(/^\/\/ #+ /, '').trim();
  const isText = (line: string) => /^\/\/ [^\s%#]/.test(line);
  const below = lines.slice(at + 1);
  const start = below.findIndex((line) => line.trim() !== '//');
  if (start < 0 || !isText(below[start]!)) return { title };
  const paragraph = below.slice(start);
  const end = paragraph.findIndex((line) => !isText(line));
  const text = paragraph.slice(0, end < 0 ? undefined : end).map((line) => line.slice(3).trim());
  return { title, description: firstSentences(text.join(' ')) };
}
