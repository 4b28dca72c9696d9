'use client';
/** A value with rows and columns: sorted, filtered, resized, copied, saved; drawn only where it is in sight. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { tableCells } from '../../engine/fold/table-cells.ts';
import type { JsonNode, TableColumn } from '../../engine/protocol.ts';
import { copyText } from '../ui/copy-text.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { useWidth } from '../ui/use-width.ts';
import { isNumeric } from './cell-value.ts';
import { OpenedValue } from './opened-value.tsx';
import { TableBody } from './table-body.tsx';
import { TableFooter } from './table-footer.tsx';
import { TableHeader } from './table-header.tsx';
import { type Filters, nextSorts, type Row, type Sort, shownRows } from './table-rows.ts';
import { moved, type Place, rectangle, type Selection } from './table-selection.ts';
import { toTsv } from './table-text.ts';
import { columnWidths, columnWindow } from './table-widths.ts';

export interface DataTableProps {
  columns: readonly TableColumn[];
  rows: readonly (readonly (string | number | boolean | null)[])[];
  /** Which of the cells that are null stand for undefined; see the table output. */
  undefinedCells?: number[] | undefined;
  /** Rows in the value, when known. */
  total?: number;
  columnsTotal?: number;
  /** What the rows are a look at. */
  preview?: string;
  nested?: Record<string, JsonNode>;
  label: string;
}

const ROW_HEIGHT = 28;
/** Rows from which a summary of the columns says more than a look at them. */
const SUMMARY_FROM = 12;

export function DataTable(props: DataTableProps) {
  const { columns, undefinedCells, total, columnsTotal, preview, nested, label } = props;
  const rows: readonly Row[] = useMemo(
    () => tableCells({ columns, rows: props.rows, ...(undefinedCells && { undefinedCells }) }),
    [columns, props.rows, undefinedCells],
  );
  const scroll = useRef<HTMLDivElement>(null);
  const [outer, visible] = useWidth<HTMLDivElement>();
  const [left, setLeft] = useState(0);
  const [sorts, setSorts] = useState<Sort[]>([]);
  const [filters, setFilters] = useState<Filters>({});
  const [resized, setResized] = useState<Readonly<Record<number, number>>>({});
  const [parts, setParts] = useState(() => ({
    filters: false,
    summaries: rows.length >= SUMMARY_FROM && columns.some(({ summary }) => summary),
  }));
  const [selection, setSelection] = useState<Selection>();
  const [opened, setOpened] = useState<Place>();
  const [said, setSaid] = useState('');
  // Typing stays quick on a large table: the rows follow when there is time.
  const applied = useDeferredValue(filters);
  const shown = useMemo(() => shownRows(rows, columns, sorts, applied), [rows, columns, sorts, applied]);
  const usual = useMemo(() => columnWidths(columns, rows), [columns, rows]);
  const widths = useMemo(() => usual.map((width, i) => resized[i] ?? width), [usual, resized]);
  const window = useMemo(() => columnWindow(widths, left, visible || 1_000), [widths, left, visible]);
  const whole = widths.reduce((sum, width) => sum + width, 0);
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
    initialRect: { width: 0, height: 384 },
  });
  const active = selection?.active;
  useEffect(() => {
    if (active) virtualizer.scrollToIndex(active.row, { align: 'auto' });
  }, [active, virtualizer]);

  const copySelection = async () => {
    if (!selection) return;
    const { top, bottom, left: first, right } = rectangle(selection);
    const cells = {
      columns: columns.slice(first, right + 1),
      rows: shown.slice(top, bottom + 1).map((row) => rows[row]!.slice(first, right + 1)),
    };
    const copied = await copyText(toTsv(cells, false));
    const count = (bottom - top + 1) * (right - first + 1);
    setSaid(copied ? `${count} ${count === 1 ? 'cell' : 'cells'} copied` : 'the browser refused to copy');
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const far = event.ctrlKey || event.metaKey;
    if (far && event.key.toLowerCase() === 'c' && selection) void copySelection();
    else if (event.key === 'Escape' && selection) setSelection(undefined);
    else if (event.key === 'Enter' && active) setOpened({ row: shown[active.row]!, column: active.column });
    else {
      const size = { rows: shown.length, columns: columns.length };
      const next = moved(selection, event.key, size, { extend: event.shiftKey, far });
      if (!next) return;
      setSelection(next);
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div ref={outer}>
      <ScrollBox
        ref={scroll}
        aria-label={`${label}. Arrow keys select cells, Enter opens one, Control+C copies`}
        className="max-h-96 overflow-auto"
        onScroll={(event) => setLeft(event.currentTarget.scrollLeft)}
        onKeyDown={onKeyDown}
      >
        <table
          aria-label={label}
          aria-rowcount={shown.length + 1}
          aria-colcount={columns.length}
          className="table-fixed border-separate border-spacing-0"
          style={{ width: Math.max(whole, visible) }}
        >
          <colgroup>
            {window.before > 0 && <col style={{ width: window.before }} />}
            {widths.slice(window.from, window.to).map((width, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
              <col key={window.from + i} style={{ width }} />
            ))}
            {window.after > 0 && <col style={{ width: window.after }} />}
            <col />
          </colgroup>
          <TableHeader
            columns={columns}
            widths={widths}
            window={window}
            sorts={sorts}
            filters={filters}
            parts={parts}
            onSort={(column, add) =>
              setSorts(nextSorts(sorts, column, add, isNumeric(columns[column]?.type)))
            }
            onFilter={(column, text) => setFilters({ ...filters, [column]: text })}
            onResize={(column, width) => setResized({ ...resized, [column]: width })}
          />
          <TableBody
            columns={columns}
            rows={rows}
            shown={shown}
            window={window}
            nested={nested}
            items={virtualizer.getVirtualItems()}
            height={virtualizer.getTotalSize()}
            selection={selection}
            onSelect={(place, extend) => {
              setSelection({ anchor: extend && selection ? selection.anchor : place, active: place });
              scroll.current?.focus({ preventScroll: true });
            }}
            onOpen={(place) => setOpened(place)}
          />
        </table>
      </ScrollBox>
      {opened && rows[opened.row] && (
        <OpenedValue
          name={`${columns[opened.column]?.name}, row ${opened.row + 1}`}
          value={rows[opened.row]![opened.column]}
          node={nested?.[`${opened.row}:${opened.column}`]}
          onClose={() => {
            setOpened(undefined);
            scroll.current?.focus({ preventScroll: true });
          }}
        />
      )}
      <TableFooter
        columns={columns}
        rows={rows}
        shown={shown}
        total={total}
        columnsTotal={columnsTotal}
        preview={preview}
        label={label}
        parts={parts}
        said={said}
        onParts={(next) => {
          setParts(next);
          if (!next.filters) setFilters({});
        }}
        onSaid={setSaid}
      />
    </div>
  );
}
