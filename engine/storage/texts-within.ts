/** What rows hold: how far the rules for their texts go. */
import { types } from 'node:util';

const { forEach: ofMap } = Map.prototype;
const { forEach: ofSet } = Set.prototype;

/** Of a row of more parts the rest stays as it is. */
const MOST_PARTS = 4096;

/** An object's own data: nothing of it runs a getter or a trap. */
export function eachField(
  value: object,
  visit: (field: unknown, name: string, isWritable: boolean) => void,
): void {
  for (const name of Object.keys(value)) {
    const { value: field, writable } = Object.getOwnPropertyDescriptor(value, name)!;
    if (typeof field === 'string' || typeof field === 'object') visit(field, name, writable === true);
  }
}

/** Keys and values of a Map, members of a Set, whatever iterators a class of one's own gives them. */
export function eachMember(
  value: Map<unknown, unknown> | Set<unknown>,
  visit: (member: unknown) => void,
): void {
  if (value instanceof Set) {
    ofSet.call(value, visit);
    return;
  }
  ofMap.call(value, (inner, key) => {
    visit(key);
    visit(inner);
  });
}

/** A row that is an object and all objects in it, each once; what has no parts that could be texts is left out. */
export function objectsWithin(
  row: object,
  visit: (part: object, take: (inner: unknown) => void) => void,
): void {
  const met = new Set<object>([row]);
  const take = (inner: unknown): void => {
    if (typeof inner === 'object' && inner !== null && met.size < MOST_PARTS) met.add(inner);
  };
  // A Set goes on to what is added meanwhile.
  for (const part of met) {
    if (types.isProxy(part) || ArrayBuffer.isView(part) || part instanceof Date) continue;
    visit(part, take);
  }
}
