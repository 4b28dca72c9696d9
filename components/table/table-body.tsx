'use client';
/** The rows of a table that are in sight, between two spacers. */
import type { VirtualItem } from '@tanstack/react-virtual';
import type { JsonNode, TableColumn } from '../../engine/protocol.ts';
import { type CellValue, formatValue, isNumeric } from './cell-value.ts';
import type { Row } from './table-rows.ts';
import { contains, type Place, type Selection } from './table-selection.ts';
import type { ColumnWindow } from './table-widths.ts';

export interface TableBodyProps {
  columns: readonly TableColumn[];
  rows: readonly Row[];
  shown: readonly number[];
  window: ColumnWindow;
  nested: Record<string, JsonNode> | undefined;
  items: readonly VirtualItem[];
  height: number;
  selection: Selection | undefined;
  /** In the order shown. */
  onSelect: (place: Place, extend: boolean) => void;
  /** In the order of the rows. */
  onOpen: (place: Place) => void;
}

function cellClass(value: CellValue, column: TableColumn, selected: boolean, active: boolean): string {
  const names = ['h-7 truncate whitespace-pre border-line border-b px-3'];
  if (isNumeric(column.type)) names.push('text-right tabular-nums');
  if (value === null || value === undefined) names.push('text-ink-3 italic');
  if (selected) names.push('bg-accent-soft');
  if (active) names.push('outline-2 outline-accent -outline-offset-2');
  return names.join(' ');
}

export function TableBody(props: TableBodyProps) {
  const { columns, rows, shown, window, nested, items, height, selection, onSelect, onOpen } = props;
  const { from, to, before, after } = window;
  const above = items[0]?.start ?? 0;
  const below = height - (items.at(-1)?.end ?? 0);
  return (
    <tbody>
      {above > 0 && <tr style={{ height: above }} />}
      {items.map((item) => {
        const place = shown[item.index];
        const row = place === undefined ? undefined : rows[place];
        if (place === undefined || !row) return null;
        return (
          <tr key={place} aria-rowindex={item.index + 2} className="hover:bg-raised">
            {before > 0 && <td className="border-line border-b" />}
            {columns.slice(from, to).map((column, i) => {
              const at = { row: item.index, column: from + i };
              const value = row[at.column];
              const node = nested?.[`${place}:${at.column}`];
              const active = selection?.active.row === at.row && selection.active.column === at.column;
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys of the box around do the same
                <td
                  key={at.column}
                  aria-colindex={at.column + 1}
                  onClick={(event) => onSelect(at, event.shiftKey)}
                  onDoubleClick={() => onOpen({ row: place, column: at.column })}
                  className={cellClass(value, column, contains(selection, at), active)}
                  title={typeof value === 'string' && value.length > 40 ? value.slice(0, 500) : undefined}
                >
                  {node !== undefined && (
                    <button
                      type="button"
                      aria-label={`Open ${column.name} of row ${place + 1}`}
                      className="mr-1 rounded-sm border border-line px-1 text-2xs text-ink-2 not-italic hover:bg-hover"
                      onClick={() => onOpen({ row: place, column: at.column })}
                    >
                      …
                    </button>
                  )}
                  {formatValue(value, column.type)}
                </td>
              );
            })}
            {after > 0 && <td className="border-line border-b" />}
            <td className="border-line border-b" />
          </tr>
        );
      })}
      {below > 0 && <tr style={{ height: below }} />}
    </tbody>
  );
}
