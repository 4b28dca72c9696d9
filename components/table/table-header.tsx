'use client';
/** The head of a table: names that sort, edges that resize, a filter and a summary for every column. */
import type { TableColumn } from '../../engine/protocol.ts';
import { formatCount } from '../ui/format.ts';
import { isNumeric } from './cell-value.ts';
import { rangeWords, summaryWords } from './range-words.ts';
import { type Filters, parseFilter, type Sort } from './table-rows.ts';
import { type ColumnWindow, clampWidth } from './table-widths.ts';

export interface TableHeaderProps {
  columns: readonly TableColumn[];
  widths: readonly number[];
  window: ColumnWindow;
  sorts: readonly Sort[];
  filters: Filters;
  parts: { filters: boolean; summaries: boolean };
  onSort: (column: number, add: boolean) => void;
  onFilter: (column: number, text: string) => void;
  onResize: (column: number, width: number) => void;
}

const TH = 'relative border-line border-b bg-raised p-0 align-top font-medium text-ink-2';
const HINT = 'a part of the text, >5, !=x, 1..9, null, undefined, !null or /regex/';

function Histogram({ bins }: { bins: readonly number[] }) {
  const most = Math.max(1, ...bins);
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${bins.length} 10`}
      preserveAspectRatio="none"
      className="h-4 w-full"
    >
      {bins.map((count, i) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          key={i}
          x={i + 0.08}
          width={0.84}
          y={10 - (10 * count) / most}
          height={(10 * count) / most}
          className="fill-line-strong"
        />
      ))}
    </svg>
  );
}

/** `level`: as high in every column, so that what stands below is in one line. */
function Summary({ column, level }: { column: TableColumn; level: boolean }) {
  const { summary, type } = column;
  if (!summary) return <p className="text-ink-3">{type}</p>;
  const { min, max, mean, nulls, distinct, more, bins } = summary;
  const range = rangeWords(column);
  return (
    <div className={`flex flex-col text-2xs text-ink-3 leading-4 ${level ? 'min-h-16' : ''}`}>
      {bins ? <Histogram bins={bins} /> : <span className="h-4">{type}</span>}
      {range && (
        <span className="truncate" title={`${min} … ${max}`}>
          {range}
        </span>
      )}
      {mean !== undefined && <span className="truncate">mean {summaryWords(mean, type)}</span>}
      <span className="truncate">
        {formatCount(distinct)}
        {more ? '+' : ''} distinct{nulls > 0 && ` · ${formatCount(nulls)} missing`}
      </span>
    </div>
  );
}

function Resizer({
  name,
  width,
  onResize,
}: {
  name: string;
  width: number;
  onResize: (width: number) => void;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be dragged
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={`Width of ${name}`}
      aria-valuenow={width}
      onKeyDown={(event) => {
        const step = event.key === 'ArrowLeft' ? -16 : event.key === 'ArrowRight' ? 16 : 0;
        if (step === 0) return;
        event.preventDefault();
        event.stopPropagation();
        onResize(clampWidth(width + step));
      }}
      onPointerDown={(event) => {
        event.preventDefault();
        const from = event.clientX;
        const target = event.currentTarget;
        target.setPointerCapture(event.pointerId);
        const move = (moved: PointerEvent) => onResize(clampWidth(width + moved.clientX - from));
        target.addEventListener('pointermove', move);
        target.addEventListener('pointerup', () => target.removeEventListener('pointermove', move), {
          once: true,
        });
      }}
      className="absolute top-0 right-0 h-7 w-2 cursor-col-resize touch-none hover:bg-line-strong focus-visible:bg-line-strong"
    />
  );
}

function HeaderCell({ place, props }: { place: number; props: TableHeaderProps }) {
  const { columns, widths, sorts, filters, parts, onSort, onFilter, onResize } = props;
  const column = columns[place]!;
  const { name, type } = column;
  const turn = sorts.findIndex((sort) => sort.column === place);
  const sort = sorts[turn];
  const numeric = isNumeric(type);
  const text = filters[place] ?? '';
  const problem = parts.filters ? parseFilter(text, type) : undefined;
  return (
    <th
      scope="col"
      aria-label={name}
      aria-sort={sort ? (sort.descending ? 'descending' : 'ascending') : 'none'}
      aria-colindex={place + 1}
      className={TH}
    >
      <button
        type="button"
        onClick={(event) => onSort(place, event.shiftKey)}
        title={`${name} (${type}). Sort; with Shift beside other columns`}
        className={`flex h-7 w-full items-center gap-1 whitespace-nowrap px-3 hover:text-ink focus-visible:-outline-offset-2 ${numeric ? 'justify-end' : ''}`}
      >
        <span className={`truncate ${numeric ? 'order-2' : ''}`}>{name}</span>
        <span aria-hidden="true" className="min-w-3 text-accent">
          {sort ? (sort.descending ? '↓' : '↑') : ''}
          {sort && sorts.length > 1 ? turn + 1 : ''}
        </span>
      </button>
      {parts.summaries && (
        <div className={`px-3 pb-1 font-normal ${numeric ? 'text-right' : 'text-left'}`}>
          <Summary column={column} level={parts.filters} />
        </div>
      )}
      {parts.filters && (
        <div className="px-1 pb-1">
          <input
            aria-label={`Filter ${name}`}
            aria-invalid={typeof problem === 'string'}
            title={typeof problem === 'string' ? problem : `Show rows with ${HINT}`}
            placeholder="filter"
            value={text}
            onChange={(event) => onFilter(place, event.target.value)}
            className="h-6 w-full rounded-sm border border-line bg-surface px-1.5 font-normal text-ink text-xs aria-invalid:border-bad"
          />
          {typeof problem === 'string' && <p className="font-normal text-2xs text-bad">{problem}</p>}
        </div>
      )}
      <Resizer name={name} width={widths[place]!} onResize={(width) => onResize(place, width)} />
    </th>
  );
}

export function TableHeader(props: TableHeaderProps) {
  const { from, to, before, after } = props.window;
  return (
    <thead className="sticky top-0 z-1">
      <tr>
        {before > 0 && <td style={{ width: before }} className="border-line border-b bg-raised" />}
        {props.columns.slice(from, to).map((_column, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
          <HeaderCell key={from + i} place={from + i} props={props} />
        ))}
        {after > 0 && <td style={{ width: after }} className="border-line border-b bg-raised" />}
        <td className="border-line border-b bg-raised" />
      </tr>
    </thead>
  );
}
