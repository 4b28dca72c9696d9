/**
 * Rows as lines of JSON and back, exactly: what JSON cannot say is refused by name, not bent. Fields under symbols and what an
 * array has besides its items belong to no row, so that a row says the same before and after it has travelled.
 */
import { StagelightError } from '../errors.ts';
import { isPlainObject, typeName } from './plain-object.ts';
import { nestingOf, rowTooDeep, TooManyLevels } from './row-depth.ts';

/** Digits of a whole number that a double may not hold. */
const LONG_NUMBER = /\d{16}/;
const MOST_LEVELS = 500;

/** Dates become ISO texts, bigints bare numbers; fields that are undefined are left out. `index` is the row's, for messages. */
export function jsonLineOf(row: unknown, index: number): string {
  try {
    return JSON.stringify(jsonValue(row, index, []));
  } catch (error) {
    if (!(error instanceof TooManyLevels)) throw error;
    throw rowTooDeep(nestingOf(row as object), {
      which: `row ${index}`,
      most: MOST_LEVELS,
      takes: `a line of JSON takes ${MOST_LEVELS} at the most`,
      code: 'ROW_NOT_JSON',
    });
  }
}

/** Text that JSON.stringify writes as it is. */
export function rawJson(text: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
}

type Path = (string | number)[];

function jsonValue(value: unknown, index: number, path: Path): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw notJson(String(value), index, path);
      if (Object.is(value, -0)) return rawJson('-0');
      // In digits it would come back as a bigint.
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? rawJson(value.toExponential()) : value;
    case 'bigint':
      return rawJson(value.toString());
    case 'object':
      return value === null ? null : jsonObject(value, index, path);
    default:
      throw notJson(typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`, index, path);
  }
}

/** One path serves the whole row: it is only read where something is refused, and that ends the row. */
function jsonPart(part: unknown, index: number, path: Path, step: string | number): unknown {
  path.push(step);
  const value = jsonValue(part, index, path);
  path.pop();
  return value;
}

function jsonObject(value: object, index: number, path: Path): unknown {
  if (path.length >= MOST_LEVELS) throw new TooManyLevels();
  if (Array.isArray(value)) return Array.from(value, (part, i) => jsonPart(part, index, path, i));
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw notJson('an invalid date', index, path);
    return value.toISOString();
  }
  if (!isPlainObject(value)) throw notJson(typeName(value), index, path);
  const record: Record<string, unknown> = Object.create(null);
  for (const [key, part] of Object.entries(value))
    if (part !== undefined) record[key] = jsonPart(part, index, path, key);
  return record;
}

function notJson(what: string, index: number, path: Path): StagelightError {
  const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return new StagelightError(
    'ROW_NOT_JSON',
    `row ${index}${place && ` at ${place}`} is ${what}, which JSON cannot say`,
    {
      hint: 'Map the rows to texts, finite numbers, bigints, booleans, null, dates, arrays and plain objects, or use saveAsObjectFile.',
    },
  );
}

function exact(_key: string, value: unknown, context: { source?: string }): unknown {
  const { source } = context;
  if (typeof value !== 'number' || source === undefined || Number.isSafeInteger(value)) return value;
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** Whole numbers beyond 2⁵³ become bigints. Throws a SyntaxError for what is no JSON. */
export function parseJsonLine(line: string): unknown {
  if (!LONG_NUMBER.test(line)) return JSON.parse(line);
  return JSON.parse(line, exact as (key: string, value: unknown) => unknown);
}
