/** An upper bound, without stringifying, of what a JSON-safe value takes on the wire. */

/** No message to a viewer is larger. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

export function jsonSize(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return stringSize(value);
    case 'number':
      return numberSize(value);
    case 'boolean':
      return 5;
    case 'object':
      break;
    default:
      return 4;
  }
  if (value === null) return 4;
  let size = 2;
  if (Array.isArray(value)) {
    for (const item of value) size += jsonSize(item) + 1;
    return size;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) size += stringSize(key) + 2 + jsonSize(object[key]);
  return size;
}

function numberSize(value: number): number {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? 1 + digits(Math.abs(value)) : 25;
}

function digits(value: number): number {
  let count = 1;
  for (let rest = value; rest >= 10; rest /= 10) count++;
  return count;
}

function stringSize(text: string): number {
  let size = text.length + 2;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x20 && code < 0x80) {
      if (code === 0x22 || code === 0x5c) size++;
    } else if (code < 0x20) size += 5;
    // A lone surrogate is written as a six-byte escape.
    else if (code >= 0xd800 && code < 0xe000) size += 5;
    else size += code < 0x800 ? 1 : 2;
  }
  return size;
}
