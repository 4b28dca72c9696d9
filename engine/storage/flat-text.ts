/**
 * Texts that were joined by `+` or a template are trees of their pieces in V8, 32 bytes and more for each, until
 * something needs them in one piece: a text of a thousand characters that were added one by one takes 32 kB.
 */
import { types } from 'node:util';
import { inOnePiece } from './key-encoding.ts';
import { isSparse } from './sparse-array.ts';
import { eachField, eachMember, objectsWithin } from './texts-within.ts';

/** V8 copies what is shorter. */
const LEAST_TREE = 13;

function flat(value: unknown): void {
  if (typeof value === 'string' && value.length >= LEAST_TREE) inOnePiece(value);
}

/** Most rows that are arrays have no objects in them. */
function isFlatArray(row: readonly unknown[]): boolean {
  if (types.isProxy(row) || isSparse(row)) return false;
  for (let i = 0; i < row.length; i++) if (typeof row[i] === 'object') return false;
  return true;
}

/** Puts all texts of a row in one piece each; nobody else sees a difference. */
export function flattenTexts(row: unknown): void {
  if (typeof row !== 'object' || row === null) {
    flat(row);
    return;
  }
  if (Array.isArray(row) && isFlatArray(row)) {
    for (let i = 0; i < row.length; i++) flat(row[i]);
    return;
  }
  objectsWithin(row, (part, take) => {
    const each = (inner: unknown): void => {
      flat(inner);
      take(inner);
    };
    if (Array.isArray(part) && !isSparse(part)) {
      for (let i = 0; i < part.length; i++) each(part[i]);
    } else if (part instanceof Map || part instanceof Set) eachMember(part, each);
    else eachField(part, each);
  });
}
