/** A table as Jupyter shows it: HTML and text for every viewer, a data resource for those that know it, and us. */
import type { CellOutput, ColumnType } from '../protocol.ts';
import { escapeHtml } from './html-text.ts';
import { type MimeBundle, type OutputExtra, splitText, TABLE_MIME } from './ipynb.ts';

type Table = Extract<CellOutput, { kind: 'table' }>;
type Value = Table['rows'][number][number];

/** Types of the Table Schema that data resources are written in. */
const FIELD_TYPES: Record<ColumnType, string> = {
  number: 'number',
  string: 'string',
  boolean: 'boolean',
  bigint: 'string',
  date: 'string',
  json: 'string',
  null: 'any',
};

const textOf = (value: Value | undefined) => (value === null || value === undefined ? 'null' : String(value));

function shownOf({ rows, total, preview }: Table): string | undefined {
  if (preview !== undefined) return `${rows.length} rows of ${preview}`;
  return total !== undefined && total > rows.length ? `showing ${rows.length} of ${total} rows` : undefined;
}

export function tableHtml(table: Table): string {
  const isRight = (index: number) => ['number', 'bigint'].includes(table.columns[index]?.type ?? '');
  const style = (index: number) => (isRight(index) ? ' style="text-align: right"' : '');
  const head = table.columns.map(({ name }, i) => `<th${style(i)}>${escapeHtml(name)}</th>`).join('');
  const rows = table.rows.map((row) => {
    const cells = row.map((value, i) => `<td${style(i)}>${escapeHtml(textOf(value))}</td>`);
    return `<tr>${cells.join('')}</tr>`;
  });
  const shown = escapeHtml(shownOf(table) ?? '');
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>${shown ? `\n<p>${shown}</p>` : ''}`;
}

function plainTable({ columns, rows }: Table): string {
  const MOST = 20;
  const lines = [columns.map(({ name }) => name), ...rows.slice(0, MOST).map((row) => row.map(textOf))];
  return lines.map((line) => line.join('\t')).join('\n') + (rows.length > MOST ? '\n…' : '');
}

/** Two columns of one name would be one field: later ones get a number. */
function fieldNames(table: Table): string[] {
  const taken = new Set<string>();
  return table.columns.map(({ name }) => {
    let field = name;
    for (let n = 2; taken.has(field); n++) field = `${name}_${n}`;
    taken.add(field);
    return field;
  });
}

export function exportTable(table: Table): [MimeBundle, OutputExtra] {
  const names = fieldNames(table);
  const fields = table.columns.map(({ type }, i) => ({ name: names[i]!, type: FIELD_TYPES[type] }));
  const data = table.rows.map((row) =>
    Object.fromEntries(row.map((value, i) => [names[i] ?? `_${i}`, value])),
  );
  const { kind: _kind, rows: _rows, ...rest } = table;
  // In one order, whoever made the table.
  const extra: Record<string, unknown> = Object.fromEntries(
    Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  // An object keeps no order among names like "1" and "0", and no row wider or narrower than its columns.
  if (table.rows.some((row) => row.length !== names.length)) extra['rows'] = table.rows;
  const bundle = {
    'text/html': splitText(tableHtml(table)),
    'text/plain': splitText(plainTable(table)),
    [TABLE_MIME]: { profile: 'tabular-data-resource', schema: { fields }, data },
  };
  return [bundle, extra];
}

const isValue = (value: unknown): value is Value =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function typeOfField(type: unknown): ColumnType {
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'boolean' || type === 'string') return type;
  return type === 'datetime' || type === 'date' ? 'date' : 'json';
}

/** Undefined when there is no data resource in the bundle, or not one of rows. */
export function importTable(data: MimeBundle, extra: OutputExtra): Table | undefined {
  const resource = data[TABLE_MIME] as { schema?: { fields?: unknown }; data?: unknown } | undefined;
  const fields = resource?.schema?.fields;
  if (!Array.isArray(fields) || !Array.isArray(resource?.data)) return undefined;
  const named = fields.filter((field) => typeof field?.name === 'string') as {
    name: string;
    type?: unknown;
  }[];
  const { columns: known, rows: ragged, ...more } = (extra ?? {}) as Partial<Table>;
  const columns = known ?? named.map(({ name, type }) => ({ name, type: typeOfField(type) }));
  const scalar = (value: unknown): Value => (isValue(value) ? value : (JSON.stringify(value) ?? null));
  const rows =
    ragged ??
    resource.data.map((row: unknown) =>
      named.map(({ name }) => scalar(Object.getOwnPropertyDescriptor(Object(row), name)?.value ?? null)),
    );
  return { ...more, kind: 'table', columns, rows };
}
