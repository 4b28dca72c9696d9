/** The Parquet types of records, found from their values: every column may be null, and has one type in a file. */
import type { SchemaElement } from 'hyparquet';
import { StagelightError } from '../errors.ts';
import { isPlainObject, typeName } from './plain-object.ts';
import { TooManyLevels } from './row-depth.ts';

export type ParquetType =
  | { kind: 'null' | 'boolean' | 'double' | 'int64' | 'string' | 'timestamp' | 'binary' }
  | { kind: 'list'; element: ParquetType }
  | { kind: 'struct'; fields: Map<string, ParquetType> };

const NULL: ParquetType = { kind: 'null' };
const INT64 = 2n ** 63n;
/** Of records and arrays in each other: those who write and read the columns go down by calls. */
export const MOST_LEVELS = 1000;

/**
 * The type that holds both what was seen before and this value, which is within so many `levels`. Throws PARQUET_TYPE where
 * there is none, and TooManyLevels.
 */
export function widen(before: ParquetType, value: unknown, path: string, levels = 0): ParquetType {
  if (value === null || value === undefined) return before;
  if (Array.isArray(value)) {
    if (levels === MOST_LEVELS) throw new TooManyLevels();
    let element = before.kind === 'list' ? before.element : requireNull(before, 'list', path);
    for (const part of value) element = widen(element, part, `${path}[]`, levels + 1);
    return { kind: 'list', element };
  }
  if (typeof value === 'object' && isPlainObject(value)) return widenStruct(before, value, path, levels);
  const kind = scalarKind(value, path);
  if (before.kind !== kind) requireNull(before, kind, path);
  return before.kind === kind ? before : { kind };
}

function widenStruct(before: ParquetType, value: object, path: string, levels: number): ParquetType {
  if (levels === MOST_LEVELS) throw new TooManyLevels();
  const struct: Extract<ParquetType, { kind: 'struct' }> =
    before.kind === 'struct' ? before : { kind: 'struct', fields: new Map() };
  if (before.kind !== 'struct') requireNull(before, 'struct', path);
  const entries = Object.entries(value);
  if (entries.length === 0 && struct.fields.size === 0) throw refused(path, 'an object without fields');
  for (const [name, part] of entries) {
    const at = path === '' ? name : `${path}.${name}`;
    struct.fields.set(name, widen(struct.fields.get(name) ?? NULL, part, at, levels + 1));
  }
  return struct;
}

function scalarKind(
  value: unknown,
  path: string,
): 'boolean' | 'double' | 'int64' | 'string' | 'timestamp' | 'binary' {
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'number':
      return 'double';
    case 'string':
      if (!value.isWellFormed()) throw refused(path, 'a text with half of a surrogate pair');
      return 'string';
    case 'bigint':
      if (value >= INT64 || value < -INT64) throw refused(path, 'a bigint of more than 64 bits');
      return 'int64';
    case 'object':
      if (value instanceof Date) {
        if (Number.isNaN(value.getTime())) throw refused(path, 'an invalid date');
        return 'timestamp';
      }
      if (value instanceof Uint8Array) return 'binary';
  }
  throw refused(path, `a value of the type ${typeName(value)}`);
}

function requireNull(before: ParquetType, kind: string, path: string): ParquetType {
  if (before.kind === 'null') return before;
  throw new StagelightError(
    'PARQUET_TYPE',
    `saveAsParquetFile: the column ${path || 'of the rows'} has values of the types ${before.kind} and ${kind}`,
    { hint: 'Map the rows so that a column has one type; null fits any.' },
  );
}

function refused(path: string, what: string): StagelightError {
  return new StagelightError(
    'PARQUET_TYPE',
    `saveAsParquetFile: ${path || 'a row'} is ${what}, for which Parquet has no type here`,
    {
      hint: 'Rows are records of booleans, numbers, bigints of 64 bits, texts, dates, bytes, arrays and records of those.',
    },
  );
}

/** The schema of rows of this type. What was null everywhere becomes a text column without texts. */
export function schemaElements(row: Extract<ParquetType, { kind: 'struct' }>): SchemaElement[] {
  return [{ name: 'root', num_children: row.fields.size }, ...fieldsOf(row.fields)];
}

function fieldsOf(fields: Map<string, ParquetType>): SchemaElement[] {
  return [...fields].flatMap(([name, type]) => elementsOf(name, type));
}

function elementsOf(name: string, type: ParquetType): SchemaElement[] {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  switch (type.kind) {
    case 'boolean':
      return [{ ...optional, type: 'BOOLEAN' }];
    case 'double':
      return [{ ...optional, type: 'DOUBLE' }];
    case 'int64':
      return [{ ...optional, type: 'INT64' }];
    case 'null':
    case 'string':
      return [{ ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }];
    case 'binary':
      return [{ ...optional, type: 'BYTE_ARRAY' }];
    case 'timestamp':
      return [
        {
          ...optional,
          type: 'INT64',
          converted_type: 'TIMESTAMP_MILLIS',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
        },
      ];
    case 'list':
      return [
        { ...optional, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        ...elementsOf('element', type.element),
      ];
    case 'struct':
      return [{ ...optional, num_children: type.fields.size }, ...fieldsOf(type.fields)];
    default:
      return type satisfies never;
  }
}
