/** What values take, object by object: for when an estimate from a sample would refuse them for good. */
import { KnownShapes } from './known-shapes.ts';
import { arrayBytes, estimatePrimitive, takeObject } from './size-estimate.ts';

interface Level {
  parts: readonly unknown[];
  next: number;
}

/**
 * Bytes of heap of an array of the values with all they refer to, or `most` or somewhat more when it is that. Of what was
 * met only names are remembered, for the rest would take as much again: what is come to in several ways counts each time,
 * and a circle is `most`.
 */
export function countedSize(values: readonly unknown[], most: number): number {
  const shapes = new KnownShapes();
  let bytes = arrayBytes(values.length);
  const levels: Level[] = values.length > 0 ? [{ parts: values, next: 0 }] : [];
  for (let level = levels.at(-1); level !== undefined && bytes < most; level = levels.at(-1)) {
    const part = level.parts[level.next++];
    // Before what is in the last part is gone into: a linked list needs no more levels than one.
    if (level.next === level.parts.length) levels.pop();
    if (typeof part !== 'object' || part === null) {
      bytes += estimatePrimitive(part, undefined);
      continue;
    }
    const { own, parts } = takeObject(part, shapes);
    bytes += own;
    if (parts.length > 0) levels.push({ parts, next: 0 });
  }
  return bytes;
}
