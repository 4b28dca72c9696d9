/**
 * Takes records of one shape apart into columns and puts them together again: one loop per shape, compiled, so that
 * its property accesses see one hidden class and all rebuilt rows share one.
 */

export interface RecordShape {
  split(rows: readonly Record<string, unknown>[]): unknown[][];
  join(columns: readonly unknown[][], count: number): unknown[];
}

const MAX_SHAPES = 256;
const shapes = new Map<string, RecordShape>();

export function recordShape(names: readonly string[]): RecordShape {
  const id = JSON.stringify(names);
  let shape = shapes.get(id);
  if (shape === undefined) {
    if (shapes.size === MAX_SHAPES) shapes.clear();
    shape = compile(names);
    shapes.set(id, shape);
  }
  return shape;
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
