'use client';
/** A value with rows and columns: sortable, virtual above 100 rows, and plain about what it does not show. */
import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import type { ColumnType } from '../../engine/protocol.ts';
import { formatCount } from '../ui/format.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { type CellValue, compareValues, formatValue, isNumeric } from './cell-value.ts';

type Row = readonly CellValue[];

export interface DataTableProps {
  columns: { name: string; type: ColumnType }[];
  rows: Row[];
  /** Rows in the value, when known. */
  total?: number;
  label: string;
}

const ROW_HEIGHT = 28;
const VIRTUAL_FROM = 100;

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
const helper = createColumnHelper<typeof features, Row>();

const SORT_GLYPHS = { asc: '↑', desc: '↓' } as const;
const ARIA_SORT = { asc: 'ascending', desc: 'descending' } as const;

export function DataTable({ columns, rows, total, label }: DataTableProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const definitions = useMemo(
    () =>
      helper.columns(
        columns.map(({ name, type }, index) =>
          helper.accessor((row) => row[index] ?? null, {
            id: String(index),
            header: name,
            sortFn: (a, b) => compareValues(a.original[index] ?? null, b.original[index] ?? null, type),
            sortDescFirst: isNumeric(type),
          }),
        ),
      ),
    [columns],
  );
  const table = useTable({ features, columns: definitions, data: rows as Row[] });
  const sorted = table.getRowModel().rows;
  const virtual = sorted.length > VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: virtual ? sorted.length : 0,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const items = virtualizer.getVirtualItems();
  const shown = virtual ? items.map((item) => item.index) : sorted.map((_row, index) => index);
  const above = virtual ? (items[0]?.start ?? 0) : 0;
  const below = virtual ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  return (
    <div>
      <ScrollBox ref={scroll} aria-label={label} className="max-h-96 overflow-auto">
        <table
          className="w-full border-separate border-spacing-0"
          aria-rowcount={virtual ? sorted.length + 1 : undefined}
        >
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id}>
                {group.headers.map((header, index) => {
                  const direction = header.column.getIsSorted();
                  const numeric = isNumeric(columns[index]?.type);
                  return (
                    <th
                      key={header.id}
                      scope="col"
                      aria-sort={direction ? ARIA_SORT[direction] : 'none'}
                      className="sticky top-0 z-1 border-line border-b min-w-24 bg-raised p-0 font-medium text-ink-2"
                    >
                      <button
                        type="button"
                        onClick={header.column.getToggleSortingHandler()}
                        className={`flex h-7 w-full items-center gap-1 whitespace-nowrap px-3 hover:text-ink focus-visible:-outline-offset-2 ${numeric ? 'justify-end' : ''}`}
                      >
                        <span className={numeric ? 'order-2' : ''}>
                          {String(header.column.columnDef.header)}
                        </span>
                        <span aria-hidden="true" className="w-3 text-accent">
                          {direction ? SORT_GLYPHS[direction] : ''}
                        </span>
                      </button>
                    </th>
                  );
                })}
                <td className="sticky top-0 w-full border-line border-b bg-raised" />
              </tr>
            ))}
          </thead>
          <tbody>
            {above > 0 && <tr style={{ height: above }} />}
            {shown.map((index) => {
              const row = sorted[index];
              if (!row) return null;
              return (
                <tr key={row.id} aria-rowindex={virtual ? index + 2 : undefined} className="hover:bg-raised">
                  {columns.map((column, place) => {
                    const value = row.original[place] ?? null;
                    return (
                      <td
                        // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                        key={place}
                        className={`h-7 max-w-96 truncate whitespace-pre border-line border-b px-3 ${isNumeric(column.type) ? 'text-right tabular-nums' : ''} ${value === null ? 'text-ink-3 italic' : ''}`}
                        title={typeof value === 'string' && value.length > 40 ? value : undefined}
                      >
                        {formatValue(value, column.type)}
                      </td>
                    );
                  })}
                  <td className="border-line border-b" />
                </tr>
              );
            })}
            {below > 0 && <tr style={{ height: below }} />}
          </tbody>
        </table>
      </ScrollBox>
      <p className="px-3 py-1 text-ink-3 text-xs">
        {total === undefined
          ? `showing ${formatCount(rows.length)} rows`
          : total > rows.length
            ? `showing ${formatCount(rows.length)} of ${formatCount(total)} rows`
            : `${formatCount(total)} ${total === 1 ? 'row' : 'rows'}`}
      </p>
    </div>
  );
}
