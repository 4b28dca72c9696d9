/**
 * The natural order of keys and rows, total over mixed types:
 * null < booleans < numbers and bigints < strings < dates < arrays < records < undefined (where Array.sort puts it).
 *
 * Numbers and bigints are ordered by value (a number before the bigint of the same value), NaN after all of them;
 * strings by code unit; invalid dates last; arrays element by element, a prefix first; records as the list of
 * their fields sorted by name.
 */
import { StagelightError } from '../errors.ts';
import { isPlainObject, typeName } from './plain-object.ts';

const MAX_DEPTH = 64;

const Rank = {
  NULL: 0,
  BOOLEAN: 1,
  NUMERIC: 2,
  STRING: 3,
  DATE: 4,
  ARRAY: 5,
  RECORD: 6,
  UNDEFINED: 7,
} as const;

function rank(key: unknown): number {
  switch (typeof key) {
    case 'undefined':
      return Rank.UNDEFINED;
    case 'boolean':
      return Rank.BOOLEAN;
    case 'number':
    case 'bigint':
      return Rank.NUMERIC;
    case 'string':
      return Rank.STRING;
    case 'object':
      if (key === null) return Rank.NULL;
      if (key instanceof Date) return Rank.DATE;
      if (Array.isArray(key)) return Rank.ARRAY;
      if (isPlainObject(key)) return Rank.RECORD;
      break;
    default:
      break;
  }
  throw new StagelightError('KEY_NOT_ORDERABLE', `a value of type ${typeName(key)} has no natural order`, {
    hint: 'Sort by a number, string, bigint, boolean, Date, or an array or plain object of those.',
  });
}

/** Negative, zero or positive as `a` comes before, with or after `b`. */
export function compareKeys(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  return compareAny(a, b, 0);
}

function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  const aIsNaN = Number.isNaN(a);
  const bIsNaN = Number.isNaN(b);
  return aIsNaN === bIsNaN ? 0 : aIsNaN ? 1 : -1;
}

function compareAny(a: unknown, b: unknown, depth: number): number {
  const rankA = rank(a);
  const rankB = rank(b);
  if (rankA !== rankB) return rankA - rankB;
  switch (rankA) {
    case Rank.NULL:
    case Rank.UNDEFINED:
      return 0;
    case Rank.BOOLEAN:
      return Number(a) - Number(b);
    case Rank.NUMERIC:
      return compareNumeric(a as number | bigint, b as number | bigint);
    case Rank.STRING:
      return (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0;
    case Rank.DATE:
      return compareNumbers((a as Date).getTime(), (b as Date).getTime());
  }
  if (depth > MAX_DEPTH) {
    throw new StagelightError(
      'KEY_NOT_ORDERABLE',
      `values nested more than ${MAX_DEPTH} levels deep have no order`,
      {
        hint: 'Sort by a part of the row that is not nested so deeply.',
      },
    );
  }
  return rankA === Rank.ARRAY
    ? compareArrays(a as unknown[], b as unknown[], depth)
    : compareRecords(a as Record<string, unknown>, b as Record<string, unknown>, depth);
}

function compareNumeric(a: number | bigint, b: number | bigint): number {
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b);
  if (Number.isNaN(a)) return 1;
  if (Number.isNaN(b)) return -1;
  if (a < b) return -1;
  if (a > b) return 1;
  return typeof a === typeof b ? 0 : typeof a === 'number' ? -1 : 1;
}

function compareArrays(a: unknown[], b: unknown[], depth: number): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const order = compareAny(a[i], b[i], depth + 1);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareRecords(a: Record<string, unknown>, b: Record<string, unknown>, depth: number): number {
  const namesA = Object.keys(a).sort();
  const namesB = Object.keys(b).sort();
  const shared = Math.min(namesA.length, namesB.length);
  for (let i = 0; i < shared; i++) {
    const nameA = namesA[i]!;
    const nameB = namesB[i]!;
    if (nameA !== nameB) return nameA < nameB ? -1 : 1;
    const order = compareAny(a[nameA], b[nameB], depth + 1);
    if (order !== 0) return order;
  }
  return namesA.length - namesB.length;
}
