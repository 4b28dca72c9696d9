/** What can be wrong with a use of an accumulator, in the driver and in tasks. */
import { StagelightError } from '../errors.ts';
import type { SourcePosition } from '../protocol.ts';

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  return typeof value === 'object' && value !== null
    ? `an ${Array.isArray(value) ? 'array' : 'object'}`
    : `${String(value)}${typeof value === 'bigint' ? 'n' : ''}`;
}

export function notAddable(kind: 'long' | 'double', title: string, value: unknown): StagelightError {
  const wanted = kind === 'long' ? 'a whole number' : 'a number';
  return new StagelightError('ACCUMULATOR_ADD', `${title}: add takes ${wanted}, got ${shown(value)}`, {
    hint:
      kind === 'long' && typeof value === 'number'
        ? 'Use sc.doubleAccumulator for numbers with fractions, sc.accumulator for others.'
        : 'Use sc.collectionAccumulator for values of other types, or sc.accumulator with functions of your own.',
  });
}

export function overflow(title: string): StagelightError {
  return new StagelightError(
    'ACCUMULATOR_OVERFLOW',
    `${title}: the sum is beyond what a number counts exactly`,
    {
      hint: 'Use sc.accumulator({ zero: 0n, add, merge }) to count with bigints.',
    },
  );
}

/** `fn` is the user's `add` or `merge`. */
export function noNewValue(
  title: string,
  fn: string,
  returned: unknown,
  position?: SourcePosition,
): StagelightError {
  const what = returned === undefined ? 'nothing' : 'a promise';
  return new StagelightError(`ACCUMULATOR_${fn.toUpperCase()}`, `${title}: ${fn} returned ${what}`, {
    hint: `${fn} must return the new value, at once; it may change the value it is given and return that.`,
    position,
  });
}
