'use client';
/** What a table shows of how much, and what can be done with it: filter, summaries, copy, save. */
import type { TableColumn } from '../../engine/protocol.ts';
import { Button } from '../ui/button.tsx';
import { copyText } from '../ui/copy-text.ts';
import { download, fileName } from '../ui/download.ts';
import { formatCount } from '../ui/format.ts';
import type { Row } from './table-rows.ts';
import { toCsv, toMarkdown, toTsv } from './table-text.ts';

interface Parts {
  filters: boolean;
  summaries: boolean;
}

export interface TableFooterProps {
  columns: readonly TableColumn[];
  rows: readonly Row[];
  shown: readonly number[];
  total: number | undefined;
  columnsTotal: number | undefined;
  preview: string | undefined;
  label: string;
  parts: Parts;
  said: string;
  onParts: (parts: Parts) => void;
  onSaid: (said: string) => void;
}

function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${count === 1 ? noun : `${noun}s`}`;
}

/** How many of how many rows, in words. */
export function rowsWords(shown: number, kept: number, total: number | undefined, preview?: string): string {
  const of = preview === undefined ? '' : ` of ${preview}`;
  const all =
    total === undefined
      ? preview === undefined
        ? `showing ${plural(kept, 'row')}`
        : `first ${plural(kept, 'row')}${of} · more rows exist`
      : total > kept
        ? `showing ${formatCount(kept)} of ${plural(total, 'row')}${of}`
        : `${plural(total, 'row')}${of}`;
  return shown === kept ? all : `${plural(shown, 'row')} of ${formatCount(kept)} pass the filter · ${all}`;
}

export function TableFooter(props: TableFooterProps) {
  const { columns, rows, shown, total, columnsTotal, preview, label, parts, said, onParts, onSaid } = props;
  const part = () => ({ columns, rows: shown.map((row) => rows[row]!) });
  const copy = async (text: string, form: string) => {
    const copied = await copyText(text);
    onSaid(copied ? `${plural(shown.length, 'row')} copied as ${form}` : 'the browser refused to copy');
  };
  const save = () => {
    const csv = new Blob([toCsv({ columns, rows })], { type: 'text/csv;charset=utf-8' });
    download(csv, fileName(label, 'csv'));
  };
  const wide =
    columnsTotal !== undefined && columnsTotal > columns.length
      ? ` · showing ${formatCount(columns.length)} of ${plural(columnsTotal, 'column')}`
      : '';
  return (
    <div className="flex flex-wrap items-center gap-x-1 px-2 py-0.5">
      <p className="min-w-0 flex-1 basis-60 px-1 text-ink-3 text-xs">
        {rowsWords(shown.length, rows.length, total, preview)}
        {wide}
      </p>
      <output className="text-ink-2 text-xs">{said}</output>
      <div className="-mr-1 flex flex-wrap gap-px max-sm:-ml-0.5 max-sm:[&>button]:px-1">
        <Button
          size="sm"
          variant="quiet"
          aria-pressed={parts.filters}
          onClick={() => onParts({ ...parts, filters: !parts.filters })}
        >
          Filter
        </Button>
        {columns.some(({ summary }) => summary) && (
          <Button
            size="sm"
            variant="quiet"
            aria-pressed={parts.summaries}
            onClick={() => onParts({ ...parts, summaries: !parts.summaries })}
          >
            Summaries
          </Button>
        )}
        <Button size="sm" variant="quiet" onClick={() => void copy(toTsv(part()), 'TSV')}>
          Copy
        </Button>
        <Button size="sm" variant="quiet" onClick={() => void copy(toMarkdown(part()), 'Markdown')}>
          Copy <span className="max-sm:sr-only">as </span>Markdown
        </Button>
        <Button size="sm" variant="quiet" title="All rows that were kept" onClick={save}>
          Save CSV
        </Button>
      </div>
    </div>
  );
}
