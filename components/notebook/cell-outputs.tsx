'use client';
/** The outputs of a cell, in order. */
import { memo, useState } from 'react';
import type { CellOutput } from '../../engine/protocol.ts';
import { PlotView } from '../plots/plot-view.tsx';
import { DataTable } from '../table/data-table.tsx';
import { formatCount } from '../ui/format.ts';
import { ErrorOutput } from './error-output.tsx';
import { HtmlOutput } from './html-output.tsx';
import { JsonOutput } from './json-output.tsx';
import { MarkdownText } from './markdown-text.tsx';
import { OutputBoundary } from './output-boundary.tsx';
import { droppedNote, TextOutput } from './text-output.tsx';

const OneOutput = memo(function OneOutput({
  output,
  label,
  cellId,
}: {
  output: CellOutput;
  label: string;
  cellId: string;
}) {
  switch (output.kind) {
    case 'stream':
      return (
        <TextOutput
          text={output.text}
          tone={output.stream}
          note={output.dropped ? droppedNote(output.dropped) : undefined}
          dropped={output.dropped}
        />
      );
    case 'text': {
      const { truncated } = output;
      const note =
        truncated &&
        `showing ${formatCount(truncated.shown)} of ${formatCount(truncated.total)} ${truncated.unit}`;
      return <TextOutput text={output.text} note={note} />;
    }
    case 'table':
      return (
        <DataTable
          columns={output.columns}
          rows={output.rows}
          undefinedCells={output.undefinedCells}
          total={output.total}
          columnsTotal={output.columnsTotal}
          preview={output.preview}
          nested={output.nested}
          label={`Table, ${label}`}
        />
      );
    case 'html':
      return <HtmlOutput url={output.url} label={`HTML, ${label}`} />;
    case 'markdown':
      return (
        <div className="px-3 py-2">
          <MarkdownText text={output.text} />
        </div>
      );
    case 'image':
      return (
        // biome-ignore lint/performance/noImgElement: the picture is data of the cell, not a file of the site
        <img
          src={output.url ?? `data:${output.mime};base64,${output.base64}`}
          alt={`Output of ${label}`}
          className="max-w-full p-2"
        />
      );
    case 'json':
      return <JsonOutput output={output} label={label} />;
    case 'plot':
      return <PlotView output={output} label={label} cellId={cellId} />;
    case 'error':
      return <ErrorOutput error={output.error} />;
    default:
      return output satisfies never;
  }
});

/** Neighbouring pieces of one stream are one text. */
function joinStreams(outputs: readonly CellOutput[]): CellOutput[] {
  const joined: CellOutput[] = [];
  for (const output of outputs) {
    const last = joined.at(-1);
    if (output.kind === 'stream' && last?.kind === 'stream' && last.stream === output.stream) {
      const dropped = (last.dropped ?? 0) + (output.dropped ?? 0);
      joined[joined.length - 1] = { ...last, text: last.text + output.text, ...(dropped && { dropped }) };
    } else joined.push(output);
  }
  return joined;
}

/** More outputs than this are not drawn unasked: hundreds of tables or plots would hold up the page. */
const SHOWN_FIRST = 30;
const SHOWN_LAST = 30;

/** How many outputs in the middle are left out until they are asked for. */
function hiddenCount(total: number, all: boolean): number {
  return all ? 0 : Math.max(0, total - SHOWN_FIRST - SHOWN_LAST);
}

export interface CellOutputsProps {
  outputs: readonly CellOutput[];
  dropped: number;
  /** `cell 2` */
  name: string;
  cellId: string;
}

export const CellOutputs = memo(function CellOutputs({ outputs, dropped, name, cellId }: CellOutputsProps) {
  const [all, setAll] = useState(false);
  if (outputs.length === 0) return null;
  const joined = joinStreams(outputs);
  const hidden = hiddenCount(joined.length, all);
  const draw = (from: number, to: number) =>
    joined.slice(from, to).map((output, place) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: outputs only ever grow at the end
      <OutputBoundary key={from + place} output={output}>
        <OneOutput output={output} cellId={cellId} label={`${name}, output ${from + place + 1}`} />
      </OutputBoundary>
    ));
  return (
    // biome-ignore lint/a11y/useSemanticElements: outputs are a group of many kinds, no form
    <div
      role="group"
      aria-label={`Output of ${name}`}
      className="mt-1 divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface"
    >
      {hidden === 0 ? (
        draw(0, joined.length)
      ) : (
        <>
          {draw(0, SHOWN_FIRST)}
          <p className="px-3 py-2 text-ink-3 text-xs">
            showing {formatCount(joined.length - hidden)} of {formatCount(joined.length)} outputs: the first
            and the last ones{' '}
            <button type="button" className="text-accent hover:underline" onClick={() => setAll(true)}>
              show all
            </button>
          </p>
          {draw(joined.length - SHOWN_LAST, joined.length)}
        </>
      )}
      {dropped > 0 && <p className="px-3 py-1 text-ink-3 text-xs">{droppedNote(dropped)}</p>}
    </div>
  );
});
