/** The rows of the variables panel: each variable with its cells, filtered and in order. Pure. */
import type { CellView, VariablesView, VariableView } from '../../engine/fold/state.ts';

export interface VariableRow {
  variable: VariableView;
  /** Where it is declared; −1 when that cell is gone. */
  definedAt: number;
  /** Places in the notebook of the cells that use it. */
  usedAt: number[];
}

export type SortColumn = 'name' | 'type' | 'value' | 'cells' | 'size';
export interface Sort {
  column: SortColumn;
  descending: boolean;
}

const names = new Intl.Collator('en', { numeric: true });

export function variableRows(
  variables: VariablesView | undefined,
  order: readonly string[],
  cells: ReadonlyMap<string, Pick<CellView, 'references'>>,
): VariableRow[] {
  const users = new Map<string, number[]>();
  order.forEach((cellId, index) => {
    for (const name of cells.get(cellId)?.references ?? []) {
      const known = users.get(name);
      if (known) known.push(index);
      else users.set(name, [index]);
    }
  });
  return [...(variables?.byName.values() ?? [])].map((variable) => ({
    variable,
    definedAt: order.indexOf(variable.definedIn),
    usedAt: users.get(variable.name) ?? [],
  }));
}

/** Every word of the filter occurs in the name, the type or the value. */
export function matches({ variable }: VariableRow, filter: string): boolean {
  const text = `${variable.name} ${variable.type} ${variable.preview}`.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

const compare: Record<SortColumn, (a: VariableRow, b: VariableRow) => number> = {
  name: (a, b) => names.compare(a.variable.name, b.variable.name),
  type: (a, b) => names.compare(a.variable.type, b.variable.type),
  value: (a, b) => names.compare(a.variable.preview, b.variable.preview),
  cells: (a, b) => a.definedAt - b.definedAt,
  size: (a, b) => (a.variable.size?.bytes ?? -1) - (b.variable.size?.bytes ?? -1),
};

/** Gone values come last, whatever the order; equal ones stay in the order of their names. */
export function sortRows(rows: readonly VariableRow[], { column, descending }: Sort): VariableRow[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort(
    (a, b) =>
      Number(a.variable.gone ?? false) - Number(b.variable.gone ?? false) ||
      sign * compare[column](a, b) ||
      compare.name(a, b),
  );
}

/** Where a cell's text declares a name, else where it first says it. */
export function placeOfName(source: string, name: string): { line: number; column: number } | undefined {
  const escaped = name.replace(/[$]/g, '\\$&');
  const word = `(?<![\\p{L}\\p{N}_$])${escaped}(?![\\p{L}\\p{N}_$])`;
  const declared = new RegExp(`\\b(?:const|let|var|function\\*?|class)\\s+${word}`, 'u').exec(source);
  const at = declared
    ? declared.index + declared[0].length - name.length
    : (new RegExp(word, 'u').exec(source)?.index ?? -1);
  if (at < 0) return undefined;
  const before = source.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
