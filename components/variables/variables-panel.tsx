'use client';
/** What the kernel holds: every top-level name of the cells, to be sorted, filtered and looked into. */
import { type KeyboardEvent, useDeferredValue, useMemo, useState } from 'react';
import { useSessionState } from '../session/session-context.tsx';
import { formatCount } from '../ui/format.ts';
import { VariableRowView } from './variable-row.tsx';
import { matches, type Sort, type SortColumn, sortRows, variableRows } from './variable-rows.ts';

const HEADS: { column: SortColumn; title: string; className: string }[] = [
  { column: 'name', title: 'Name', className: 'w-[30%] sm:w-[20%]' },
  { column: 'type', title: 'Type', className: 'w-[26%] sm:w-[20%]' },
  { column: 'value', title: 'Value', className: '' },
  { column: 'cells', title: 'Cells', className: 'w-18 max-sm:invisible max-sm:w-0 max-sm:overflow-hidden' },
  { column: 'size', title: 'Size', className: 'w-20 max-sm:invisible max-sm:w-0 max-sm:overflow-hidden' },
];

/** Arrows go from name to name; right opens, left closes. */
function moveByKey(event: KeyboardEvent<HTMLElement>): void {
  const button = (event.target as HTMLElement).closest<HTMLElement>('[data-variable]');
  if (!button) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-variable]')];
  const at = all.indexOf(button);
  const open = button.getAttribute('aria-expanded') === 'true';
  if (event.key === 'ArrowDown') all[at + 1]?.focus();
  else if (event.key === 'ArrowUp') all[at - 1]?.focus();
  else if ((event.key === 'ArrowRight' && !open) || (event.key === 'ArrowLeft' && open)) button.click();
  else return;
  event.preventDefault();
}

function Heads({ sort, onSort }: { sort: Sort; onSort: (sort: Sort) => void }) {
  return (
    <tr>
      {HEADS.map(({ column, title, className }) => {
        const sorted = sort.column === column;
        return (
          <th
            key={column}
            scope="col"
            aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
            className={`sticky top-0 z-1 bg-surface p-0 font-medium text-ink-2 ${className}`}
          >
            <button
              type="button"
              className={`flex h-7 w-full items-center gap-1 px-2 hover:text-ink ${column === 'size' ? 'justify-end' : ''}`}
              onClick={() => onSort({ column, descending: sorted ? !sort.descending : column === 'size' })}
            >
              {title}
              <span aria-hidden="true" className="text-accent">
                {sorted ? (sort.descending ? '↓' : '↑') : ''}
              </span>
            </button>
          </th>
        );
      })}
    </tr>
  );
}

export function VariablesPanel() {
  const variables = useSessionState(({ view }) => view?.variables);
  const order = useSessionState(({ view }) => view?.cellOrder);
  const cells = useSessionState(({ view }) => view?.cells);
  const [filter, setFilter] = useState('');
  const [sort, setSort] = useState<Sort>({ column: 'cells', descending: false });
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const wanted = useDeferredValue(filter);
  const rows = useMemo(
    () => variableRows(variables, order ?? [], cells ?? new Map()),
    [variables, order, cells],
  );
  const shown = useMemo(
    () =>
      sortRows(
        rows.filter((row) => matches(row, wanted)),
        sort,
      ),
    [rows, wanted, sort],
  );
  const toggle = (name: string) =>
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(name)) next.add(name);
      return next;
    });
  const live = rows.filter(({ variable }) => !variable.gone).length;
  return (
    <section aria-label="Variables of the notebook" className="px-2 pt-2 pb-6">
      <div className="flex items-center gap-2 px-2 pb-1">
        <input
          type="search"
          aria-label="Filter variables"
          placeholder="Filter"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          className="h-7 min-w-0 flex-1 rounded-md border border-line bg-bg px-2 text-sm placeholder:text-ink-3"
        />
        <span role="status" className="whitespace-nowrap text-ink-3 text-xs tabular-nums">
          {shown.length < rows.length && `${formatCount(shown.length)} of `}
          {formatCount(rows.length)} {rows.length === 1 ? 'variable' : 'variables'}
        </span>
      </div>
      {rows.length === 0 ? (
        <p className="px-2 py-2 text-ink-2">
          Run a cell: the names it defines appear here, with their values.
        </p>
      ) : (
        <table className="w-full table-fixed border-separate border-spacing-0 text-xs" onKeyDown={moveByKey}>
          <thead>
            <Heads sort={sort} onSort={setSort} />
          </thead>
          <tbody>
            {shown.map((row) => (
              <VariableRowView
                key={row.variable.name}
                row={row}
                open={open.has(row.variable.name)}
                onToggle={() => toggle(row.variable.name)}
              />
            ))}
          </tbody>
        </table>
      )}
      {shown.length === 0 && rows.length > 0 && <p className="px-2 py-2 text-ink-2">No variable matches.</p>}
      {variables && variables.total > live && (
        <p className="px-2 py-2 text-ink-3 text-xs">
          showing {formatCount(live)} of {formatCount(variables.total)} variables
        </p>
      )}
    </section>
  );
}
