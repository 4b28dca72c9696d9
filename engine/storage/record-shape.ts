/**
 * Takes records of one shape apart into columns and puts them together again: one loop per shape, compiled, so that
 * its property accesses see one hidden class and all rebuilt rows share one. Shapes of very few rows are not worth it.
 */

export interface RecordShape {
  split(rows: readonly Record<string, unknown>[]): unknown[][];
  join(columns: readonly unknown[][], count: number): unknown[];
}

/** Of all shapes that are kept: a field of compiled loops takes 300 bytes and more. */
const MAX_FIELDS = 4096;
/** Where records have names of their own each has a shape of its own: wide ones are compiled once so many rows had them. */
const WIDE = 16;
const ROWS_OF_ONE = 16;
const ROWS_OF_ALL = 64;

interface KnownShape {
  rows: number;
  compiled: RecordShape | undefined;
}

const shapes = new Map<string, KnownShape>();
let fields = 0;

export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** For about so many rows that have these names, in this order. */
export function recordShape(names: readonly string[], rows: number = ROWS_OF_ALL): RecordShape {
  const id = JSON.stringify(names);
  let shape = shapes.get(id);
  if (shape === undefined) {
    if (fields + names.length > MAX_FIELDS) {
      shapes.clear();
      fields = 0;
    }
    shape = { rows: 0, compiled: undefined };
    shapes.set(id, shape);
    fields += names.length;
  }
  shape.rows += rows;
  if (shape.compiled === undefined && names.length > WIDE && rows < ROWS_OF_ONE && shape.rows < ROWS_OF_ALL)
    return interpreted(names);
  shape.compiled ??= compile(names);
  return shape.compiled;
}

function interpreted(names: readonly string[]): RecordShape {
  return {
    split: (rows) => names.map((name) => rows.map((row) => row[name])),
    join: (columns, count) =>
      Array.from({ length: count }, (_, i) =>
        Object.fromEntries(names.map((name, at) => [name, columns[at]![i]])),
      ),
  };
}

/** Names enter the text only as quoted strings; a literal `__proto__` would set the prototype, a computed one does not. */
function compile(names: readonly string[]): RecordShape {
  const each = (text: (name: string, column: string, at: number) => string) =>
    names.map((name, at) => text(JSON.stringify(name), `c${at}`, at));
  return {
    split: new Function(
      'rows',
      `${each((_, column) => `const ${column} = [];`).join('\n')}
       for (let i = 0; i < rows.length; i++) {
         const row = rows[i];
         ${each((name, column) => `${column}.push(row[${name}]);`).join('\n')}
       }
       return [${each((_, column) => column)}];`,
    ) as RecordShape['split'],
    join: new Function(
      'columns',
      'count',
      `${each((_, column, at) => `const ${column} = columns[${at}];`).join('\n')}
       const rows = [];
       for (let i = 0; i < count; i++) rows.push({ ${each((name, column) => `${name === '"__proto__"' ? `[${name}]` : name}: ${column}[i]`)} });
       return rows;`,
    ) as RecordShape['join'],
  };
}
