/** Rebuilds records from columns: one object literal per shape, compiled, so that all rows share one hidden class. */

type Builder = (columns: readonly unknown[][], count: number) => unknown[];

const MAX_BUILDERS = 256;
const builders = new Map<string, Builder>();

export function recordBuilder(names: readonly string[]): Builder {
  const shape = JSON.stringify(names);
  let builder = builders.get(shape);
  if (builder === undefined) {
    if (builders.size === MAX_BUILDERS) builders.clear();
    builder = compile(names);
    builders.set(shape, builder);
  }
  return builder;
}

function compile(names: readonly string[]): Builder {
  // Names are only ever quoted strings here; computed, because a literal `__proto__` would set the prototype.
  const columns = names.map((_, at) => `const c${at} = columns[${at}];`).join('\n');
  const fields = names.map((name, at) => `[${JSON.stringify(name)}]: c${at}[i]`).join(', ');
  return new Function(
    'columns',
    'count',
    `${columns}
     const rows = [];
     for (let i = 0; i < count; i++) rows.push({ ${fields} });
     return rows;`,
  ) as Builder;
}
