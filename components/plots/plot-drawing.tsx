'use client';
/** The drawing of a plot in the page: as wide as its cell, redrawn in place, its height kept while it is updated. */
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { PlotOutput } from '../../engine/plot-protocol.ts';
import { useWidth } from '../ui/use-width.ts';
import type { Scheme } from './plot-colors.ts';
import { plotHeight } from './plot-scales.ts';

/** The library is loaded with the first plot. */
const renderer = () => import('./render-plot.ts');

export interface PlotDrawingProps {
  output: PlotOutput;
  scheme: Scheme;
  figure: RefObject<HTMLElement | null>;
}

export function PlotDrawing({ output, scheme, figure }: PlotDrawingProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const target = useRef<HTMLDivElement>(null);
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    if (width === 0) return;
    let current = true;
    renderer()
      .then(({ renderPlot }) => {
        if (!current || !target.current) return;
        const drawn = renderPlot(output, width, scheme);
        figure.current = drawn;
        target.current.replaceChildren(drawn);
        setFailure(undefined);
      })
      .catch(
        (error: unknown) => current && setFailure(error instanceof Error ? error.message : String(error)),
      );
    return () => {
      current = false;
    };
  }, [output, width, scheme, figure]);
  return (
    <div ref={ref} className="w-full overflow-x-auto">
      {failure !== undefined && (
        <p role="alert" className="text-bad">
          This plot cannot be drawn: {failure}. Its table shows the values; change its options or the rows.
        </p>
      )}
      <div ref={target} style={{ minHeight: plotHeight(output) }} hidden={failure !== undefined} />
    </div>
  );
}
