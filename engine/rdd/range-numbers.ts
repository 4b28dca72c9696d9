/** Whether the numbers of a range can be told apart: doubles lie the farther apart the larger they are. */
import { StagelightError } from '../errors.ts';
import { shown } from './argument.ts';

/** Whole numbers up to this one are exact. */
const MOST_EXACT = 2 ** 53;
const LEAST_POSITIVE = 2 ** -1074;

/** How far doubles up to `most` lie apart at the least distance that serves all of them. */
function distanceUpTo(most: number): number {
  const distance = Math.max(2 ** (Math.ceil(Math.log2(most)) - 53), LEAST_POSITIVE);
  // The logarithm is rounded.
  return most > distance * MOST_EXACT ? distance * 2 : distance;
}

export function requireRange(start: number, end: number, step: number): void {
  if (![start, end, step].every(Number.isFinite) || !Number.isFinite(end - start) || step === 0)
    throw uncountable(
      start,
      end,
      step,
      '',
      'start, end and step are finite numbers, as is what lies between, and step is not 0.',
    );
  const span = end - start;
  if (span === 0 || span > 0 !== step > 0) return;
  const distance = distanceUpTo(Math.max(Math.abs(start), Math.abs(end), Math.abs(span)));
  if (start % distance === 0 && step % distance === 0) return;
  // Fractions are rounded wherever they are, but stay apart.
  if (!(Number.isInteger(start) && Number.isInteger(step)) && Math.abs(step) > 2 * distance) return;
  const hint =
    'Whole numbers are exact up to 2 ** 53: count from 0, and add the start as a bigint, sc.range(n).map((i) => start + BigInt(i)).';
  throw uncountable(start, end, step, `: numbers as large are ${distance} apart`, hint);
}

function uncountable(start: number, end: number, step: number, why: string, hint: string): StagelightError {
  return new StagelightError(
    'INVALID_ARGUMENT',
    `range: cannot count from ${shown(start)} to ${shown(end)} by ${shown(step)}${why}`,
    { hint },
  );
}
