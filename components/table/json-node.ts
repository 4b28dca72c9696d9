/** The words of a tree's nodes: titles, previews, paths as one writes them in code. Pure. */
import type { JsonNode, JsonTree } from '../../engine/protocol.ts';
import { formatCount } from '../ui/format.ts';

const PREVIEW = 80;

export function scalarText(node: JsonNode): {
  text: string;
  kind: 'string' | 'number' | 'keyword' | 'other';
} {
  if (typeof node === 'string') return { text: JSON.stringify(node), kind: 'string' };
  if (typeof node === 'number') return { text: String(node), kind: 'number' };
  if (typeof node !== 'object' || node === null) return { text: String(node), kind: 'keyword' };
  const text = node.n ?? '';
  const kind = /^-?\d+n$|^-?(0|Infinity)$|^NaN$/.test(text)
    ? 'number'
    : text === 'undefined'
      ? 'keyword'
      : 'other';
  return { text, kind };
}

function sizeOf({ c, m }: JsonTree): number {
  return (c?.length ?? 0) + (m ?? 0);
}

/** `Array of 3`, `Point`, `Map of 2`. */
export function nodeTitle(tree: JsonTree): string {
  const size = formatCount(sizeOf(tree));
  switch (tree.t) {
    case 'array':
      return `${tree.n ?? 'Array'} of ${size}`;
    case 'map':
      return `${tree.n ?? 'Map'} of ${size}`;
    case 'set':
      return `${tree.n ?? 'Set'} of ${size}`;
    case 'object':
      return tree.n ?? (tree.c ? '' : '{}');
    case 'other':
      return tree.n ?? '';
    default:
      return tree.t satisfies never;
  }
}

/** A few parts on one line. */
export function nodePreview(tree: JsonTree): string {
  const parts: string[] = [];
  let length = 0;
  for (const [key, part] of tree.c ?? []) {
    const inner = typeof part === 'object' && part !== null && part.t !== 'other';
    const value = inner ? (part.t === 'array' ? '[…]' : '{…}') : scalarText(part).text.slice(0, 30);
    const text = tree.t === 'array' || tree.t === 'set' ? value : `${key}: ${value}`;
    length += text.length + 2;
    if (length > PREVIEW) break;
    parts.push(text);
  }
  if (parts.length < sizeOf(tree)) parts.push('…');
  const [open, close] = tree.t === 'array' ? ['[', ']'] : ['{', '}'];
  return `${open}${parts.join(', ')}${close}`;
}

/** `value.rows[3].name`, `value.get("key")`. */
export function pathOf(parent: string, key: string, kind: JsonTree['t']): string {
  if (kind === 'array') return `${parent}[${key}]`;
  if (kind === 'map') return `${parent}.get(${JSON.stringify(key)})`;
  if (kind === 'set') return `[...${parent}][${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${parent}.${key}` : `${parent}[${JSON.stringify(key)}]`;
}
