'use client';
/** The outputs of a cell, in order. */
import { memo } from 'react';
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

export interface CellOutputsProps {
  outputs: readonly CellOutput[];
  dropped: number;
  /** `cell 2` */
  name: string;
  cellId: string;
}

export const CellOutputs = memo(function CellOutputs({ outputs, dropped, name, cellId }: CellOutputsProps) {
  if (outputs.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: outputs are a group of many kinds, no form
    <div
      role="group"
      aria-label={`Output of ${name}`}
      className="mt-1 divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface"
    >
      {joinStreams(outputs).map((output, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: outputs only ever grow at the end
        <OutputBoundary key={index} output={output}>
          <OneOutput output={output} cellId={cellId} label={`${name}, output ${index + 1}`} />
        </OutputBoundary>
      ))}
      {dropped > 0 && <p className="px-3 py-1 text-ink-3 text-xs">{droppedNote(dropped)}</p>}
    </div>
  );
});
