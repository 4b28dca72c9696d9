'use client';
/** The drawing of a plot in the page: as wide as its cell, redrawn in place, its height kept while it is updated. */
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { PlotOutput } from '../../engine/plot-protocol.ts';
import { Attempts } from '../session/attempts.ts';
import { useWidth } from '../ui/use-width.ts';
import type { Scheme } from './plot-colors.ts';
import { plotHeight } from './plot-scales.ts';

/** The library is loaded with the first plot. */
function usePlots() {
  const [renderPlot, setRenderPlot] = useState<typeof import('./render-plot.ts').renderPlot>();
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    let current = true;
    const loading = new Attempts(
      async () => {
        const loaded = await import('./render-plot.ts');
        if (!current) return;
        setRenderPlot(() => loaded.renderPlot);
        setMissing(false);
      },
      () => setMissing(true),
    );
    return () => {
      current = false;
      loading.stop();
    };
  }, []);
  return { renderPlot, missing };
}

export interface PlotDrawingProps {
  output: PlotOutput;
  scheme: Scheme;
  figure: RefObject<HTMLElement | null>;
}

export function PlotDrawing({ output, scheme, figure }: PlotDrawingProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const target = useRef<HTMLDivElement>(null);
  const [failure, setFailure] = useState<string>();
  const { renderPlot, missing } = usePlots();
  useEffect(() => {
    if (width === 0 || !renderPlot || !target.current) return;
    try {
      const drawn = renderPlot(output, width, scheme);
      figure.current = drawn;
      target.current.replaceChildren(drawn);
      setFailure(undefined);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  }, [renderPlot, output, width, scheme, figure]);
  return (
    <div ref={ref} className="w-full overflow-x-auto">
      {missing && (
        <p role="status" className="text-ink-2">
          What draws plots could not be loaded; it is tried again. The table shows the values meanwhile.
        </p>
      )}
      {failure !== undefined && (
        <p role="alert" className="text-bad">
          This plot cannot be drawn: {failure}. Its table shows the values; change its options or the rows.
        </p>
      )}
      <div ref={target} style={{ minHeight: plotHeight(output) }} hidden={failure !== undefined} />
    </div>
  );
}
