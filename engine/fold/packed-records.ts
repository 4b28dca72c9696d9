/** Many records of the same fields as columns: a field that is the same in all of them stands there once. */

type Fields = Record<string, unknown>;

export interface PackedRecords {
  count: number;
  /** Fields that all records have with the same text, number or truth value. */
  same: Fields;
  /** Fields that all records have. */
  columns: Record<string, unknown[]>;
  /** Fields that are records of their own in all of them. */
  nested: Record<string, PackedRecords>;
  /** Fields that some records have: which, and what. */
  some: Record<string, [record: number, value: unknown][]>;
}

/** Of JSON values: a field that is undefined counts as one that is not there. */
export function packRecords(records: readonly object[]): PackedRecords {
  const packed: PackedRecords = { count: records.length, same: {}, columns: {}, nested: {}, some: {} };
  const names = new Set<string>();
  for (const record of records) for (const name in record) names.add(name);
  for (const name of names) {
    const values = records.map((record) => (record as Fields)[name]);
    if (values.includes(undefined)) {
      packed.some[name] = values.flatMap((value, i): [number, unknown][] =>
        value === undefined ? [] : [[i, value]],
      );
    } else if (values.every(isRecord)) packed.nested[name] = packRecords(values);
    else if (typeof values[0] !== 'object' && values.every((value) => value === values[0]))
      packed.same[name] = values[0];
    else packed.columns[name] = values;
  }
  return packed;
}

export function unpackRecords({ count, same, columns, nested, some }: PackedRecords): Fields[] {
  const records = Array.from({ length: count }, (): Fields => ({ ...same }));
  for (const [name, packed] of Object.entries(nested)) {
    const values = unpackRecords(packed);
    for (let i = 0; i < count; i++) records[i]![name] = values[i];
  }
  for (const [name, values] of Object.entries(columns))
    for (let i = 0; i < count; i++) records[i]![name] = values[i];
  for (const [name, values] of Object.entries(some))
    for (const [i, value] of values) records[i]![name] = value;
  return records;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
