/** A value on one line of bounded length, and whether there is more to see inside. Runs none of the user's code. */
import { types } from 'node:util';
import { Accumulator } from '../rdd/accumulator.ts';
import { Broadcast } from '../rdd/broadcast.ts';
import {
  arrayLength,
  className,
  dateOf,
  entriesOfMap,
  mapSize,
  own,
  ownKeys,
  ownValue,
  regExpText,
  setSize,
  sourceOf,
  typedLength,
  valuesOfSet,
} from './own-properties.ts';
import { heldBy, isRdd } from './value-type.ts';

export const PREVIEW_CHARACTERS = 200;
const MOST_PARTS = 12;
const MOST_DEPTH = 2;
/** The digits of a larger one take long to find. */
const HUGE = 10n ** 300n;

/** Writes until the line is full; what does not fit is an ellipsis. */
class Line {
  text = '';
  get full(): boolean {
    return this.text.length >= PREVIEW_CHARACTERS;
  }
  write(text: string): void {
    if (this.full) return;
    const left = PREVIEW_CHARACTERS - this.text.length;
    this.text += text.length > left ? `${text.slice(0, left - 1)}…` : text;
  }
}

export function previewOf(value: unknown): string {
  const line = new Line();
  if (typeof value === 'function' && !types.isProxy(value)) {
    line.write(
      sourceOf(value)
        .slice(0, 4 * PREVIEW_CHARACTERS)
        .replace(/\s+/g, ' '),
    );
  } else write(line, value, 0);
  return line.text;
}

/** Whether `childrenOf` has something to list. */
export function isExpandable(shared: unknown): boolean {
  const value = heldBy(shared);
  if (typeof value !== 'object' || value === null || types.isProxy(value) || isRdd(value)) return false;
  if (types.isMap(value)) return mapSize(value) > 0;
  if (types.isSet(value)) return setSize(value) > 0;
  if (types.isTypedArray(value)) return typedLength(value) > 0;
  if (Array.isArray(value)) return arrayLength(value) > 0;
  return ownKeys(value).length > 0 || types.isNativeError(value);
}

function write(line: Line, value: unknown, depth: number): void {
  if (typeof value === 'string') line.write(JSON.stringify(value.slice(0, PREVIEW_CHARACTERS + 1)));
  else if (typeof value === 'bigint')
    line.write(value > -HUGE && value < HUGE ? `${value}n` : 'a very large bigint');
  else if (typeof value === 'symbol') line.write(String(value));
  else if (typeof value === 'function') line.write(types.isProxy(value) ? 'Proxy' : `ƒ ${nameOf(value)}`);
  else if (typeof value !== 'object' || value === null)
    line.write(Object.is(value, -0) ? '-0' : String(value));
  else writeObject(line, value, depth);
}

function nameOf(fn: object): string {
  const name = ownValue(fn, 'name');
  return typeof name === 'string' ? name : '';
}

function writeObject(line: Line, value: object, depth: number): void {
  const word = wordFor(value);
  const title = titleOf(value);
  if (title !== undefined) {
    const held = heldBy(value);
    const gone = Broadcast.is(value) && held === undefined;
    // Beside the name and the type of a variable the title only takes the room of the value.
    if (depth > 0 || gone) line.write(title);
    if (!gone && depth <= MOST_DEPTH) write(line, held, depth + 1);
  } else if (word !== undefined) line.write(word);
  else if (depth > MOST_DEPTH) line.write(Array.isArray(value) ? '[…]' : '{…}');
  else if (Array.isArray(value)) list(line, '[', ']', arrayLength(value), depth, (i) => own(value, i));
  else if (types.isTypedArray(value)) list(line, '[', ']', typedLength(value), depth, (i) => own(value, i));
  else if (types.isMap(value)) {
    const entries = entriesOfMap(value, 0, MOST_PARTS);
    parts(line, '{', '}', mapSize(value), entries.length, (i) => {
      write(line, entries[i]![0], depth + 1);
      line.write(' → ');
      write(line, entries[i]![1], depth + 1);
    });
  } else if (types.isSet(value)) {
    const values = valuesOfSet(value, 0, MOST_PARTS);
    list(line, '{', '}', setSize(value), depth, (i) => ({ value: values[i] }));
  } else writeFields(line, value, depth);
}

/** What is said in a word, not by its parts. */
function wordFor(value: object): string | undefined {
  if (types.isProxy(value)) return 'Proxy (not looked into)';
  if (isRdd(value)) return `RDD[${value.id}]`;
  if (types.isDate(value)) return dateOf(value);
  if (types.isRegExp(value)) return regExpText(value);
  if (types.isPromise(value)) return 'Promise';
  if (!types.isNativeError(value)) return undefined;
  const message = ownValue(value, 'message');
  return `${className(value) ?? 'Error'}: ${typeof message === 'string' ? message : ''}`;
}

/** Of a shared variable; what it holds follows. */
function titleOf(value: object): string | undefined {
  if (Broadcast.is(value)) return heldBy(value) === undefined ? value.toString() : `${value} of `;
  return Accumulator.is(value) ? `${value.title} = ` : undefined;
}

function writeFields(line: Line, value: object, depth: number): void {
  const keys = ownKeys(value);
  const name = depth > 0 ? className(value) : undefined;
  if (name !== undefined && name !== 'Object') line.write(`${name} `);
  parts(line, '{', '}', keys.length, Math.min(keys.length, MOST_PARTS), (i) => {
    const key = keys[i]!;
    line.write(`${/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? key : JSON.stringify(key.slice(0, 100))}: `);
    writeOwn(line, own(value, key), depth);
  });
}

function writeOwn(line: Line, property: ReturnType<typeof own>, depth: number): void {
  if (!property) line.write('—');
  else if ('getter' in property) line.write('(getter)');
  else write(line, property.value, depth + 1);
}

function list(
  line: Line,
  open: string,
  close: string,
  length: number,
  depth: number,
  at: (index: number) => ReturnType<typeof own>,
): void {
  parts(line, open, close, length, Math.min(length, MOST_PARTS), (i) => writeOwn(line, at(i), depth));
}

function parts(
  line: Line,
  open: string,
  close: string,
  total: number,
  shown: number,
  each: (i: number) => void,
): void {
  line.write(open);
  for (let i = 0; i < shown && !line.full; i++) {
    line.write(i === 0 ? ' ' : ', ');
    each(i);
  }
  if (total > shown) line.write(', …');
  line.write(total > 0 ? ` ${close}` : close);
}
