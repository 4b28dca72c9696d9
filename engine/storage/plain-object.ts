/** Tells a record (an object literal, of any realm) from an instance of a class. */

export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // The root prototype of another realm; `class A extends null` has no parent either, but is not a root.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf');
}

/** A short name of what a value is, for messages: `function`, `class Point`, `symbol`. */
export function typeName(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  const maker: unknown = (value as { constructor?: unknown }).constructor;
  const name = typeof maker === 'function' ? maker.name : '';
  return name ? (name === 'Object' ? 'object' : name) : 'object';
}
