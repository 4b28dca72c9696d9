'use client';
/** A plot below its cell: the drawing, its table, its pictures to save, and the form that writes its code. */
import { memo, useRef, useState } from 'react';
import type { PlotOutput } from '../../engine/plot-protocol.ts';
import { DataTable } from '../table/data-table.tsx';
import { useTheme } from '../theme/use-theme.ts';
import { Button } from '../ui/button.tsx';
import { download, fileName } from '../ui/download.ts';
import { PlotDrawing } from './plot-drawing.tsx';
import { pngBlob, standaloneSvg, svgBlob } from './plot-export.ts';
import { PlotForm } from './plot-form.tsx';
import { plotSummary, plotTables, rowsNote } from './plot-words.ts';

export interface PlotViewProps {
  output: PlotOutput;
  /** `cell 2, output 1` */
  label: string;
  cellId: string;
}

function Tables({ output, label }: { output: PlotOutput; label: string }) {
  return plotTables(output).map(({ name, table }, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other identity
    <section key={index} aria-label={name} className="border-line border-t">
      <p className="px-3 pt-2 text-ink-2 text-xs">{name}</p>
      <DataTable {...table} label={`${name}, ${label}`} />
    </section>
  ));
}

export const PlotView = memo(function PlotView({ output, label, cellId }: PlotViewProps) {
  const scheme = useTheme();
  const figure = useRef<HTMLElement>(null);
  const [open, setOpen] = useState<'form' | 'table'>();
  const [failure, setFailure] = useState<string>();
  const toggle = (part: 'form' | 'table') => setOpen(open === part ? undefined : part);
  const save = async (form: 'svg' | 'png') => {
    if (!figure.current) return;
    const svg = standaloneSvg(figure.current, output, scheme);
    const name = output.spec.title ?? `plot ${label}`;
    try {
      download(form === 'svg' ? svgBlob(svg) : await pngBlob(svg), fileName(name, form));
      setFailure(undefined);
    } catch (error) {
      setFailure(`Not saved: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return (
    <section aria-label={`Plot, ${label}`}>
      <div className="px-3 pt-3">
        <PlotDrawing output={output} scheme={scheme} figure={figure} />
        <p className="sr-only">{plotSummary(output)}</p>
      </div>
      <div className="flex flex-wrap items-center gap-x-1 gap-y-1 px-2 pb-1">
        <p className="min-w-0 flex-1 basis-60 px-1 text-ink-3 text-xs">{rowsNote(output)}</p>
        <div className="-mr-1 flex flex-wrap max-sm:-ml-0.5">
          <Button size="sm" variant="quiet" aria-expanded={open === 'form'} onClick={() => toggle('form')}>
            Edit plot
          </Button>
          <Button size="sm" variant="quiet" aria-expanded={open === 'table'} onClick={() => toggle('table')}>
            Plot as a table
          </Button>
          <Button size="sm" variant="quiet" onClick={() => void save('png')}>
            Save PNG
          </Button>
          <Button size="sm" variant="quiet" onClick={() => void save('svg')}>
            Save SVG
          </Button>
        </div>
      </div>
      {failure && (
        <p role="alert" className="px-3 pb-2 text-bad text-xs">
          {failure}
        </p>
      )}
      {open === 'form' && <PlotForm output={output} cellId={cellId} onClose={() => setOpen(undefined)} />}
      {open === 'table' && <Tables output={output} label={label} />}
    </section>
  );
});
