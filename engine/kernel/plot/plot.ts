/** `plot(data, spec)`: a plot below the cell, and the handle that updates it in place. */

import type { Clock } from '../../clock.ts';
import { callSiteFromStack } from '../../closure/call-site.ts';
import type { PlotOutput, PlotSpec } from '../../plot-protocol.ts';
import type { CallSite } from '../../protocol.ts';
import { notShippable } from '../../rdd/not-shippable.ts';
import type { RDD } from '../../rdd/rdd.ts';
import { isRdd } from '../value-type.ts';
import { LiveOutputs } from './live-outputs.ts';
import { plotData } from './plot-data.ts';
import { distinctIn, drawPlot, groupRows, planPlot, rangeIn } from './plot-output.ts';
import { plotDataset } from './plot-rdd.ts';
import { checkSpec } from './plot-spec.ts';

/** Rows of a plot: records, tuples or plain values; columns of equal length; a Map or a Set; a dataset. */
export type PlotRows =
  | Iterable<unknown>
  | ArrayLike<unknown>
  | Record<string, ArrayLike<unknown>>
  | RDD<unknown>;

export class PlotHandle {
  readonly #update: (data: unknown, spec: unknown) => Promise<void>;
  /** Resolves when the plot is shown: at once, or for a dataset when its job has ended. */
  readonly shown: Promise<void>;

  constructor(update: (data: unknown, spec: unknown) => Promise<void>, data: unknown, spec: unknown) {
    this.#update = update;
    this.shown = update(data, spec);
  }

  /** Draws other rows in the same place; with a spec, also in another way. Very frequent updates are joined. */
  update(data: PlotRows, spec?: PlotSpec): Promise<void> {
    return this.#update(data, spec);
  }
}

export type Plot = (data: PlotRows, spec?: PlotSpec) => PlotHandle;

export interface PlotHost {
  clock: Clock;
  /** Shows in the cell whose code is running. */
  show(output: PlotOutput): void;
}

export interface PlotMaker {
  plot: Plot;
  /** Shows what is held back by the pace of updates. */
  flush(): void;
}

export function makePlot({ clock, show }: PlotHost): PlotMaker {
  const live = new LiveOutputs(clock);
  let made = 0;
  const plot = (data: unknown, given?: unknown) => {
    const callSite = callSiteFromStack();
    let spec = checkSpec(given);
    const key = spec.key === undefined ? `plot ${++made}` : `key ${spec.key}`;
    const draw = (rows: unknown, next: unknown) => {
      if (next !== undefined) spec = checkSpec(next);
      return drawInto(rows, spec, key, callSite, (output) => live.show(key, output, show));
    };
    return new PlotHandle(draw, data, undefined);
  };
  return {
    plot: Object.assign(plot as Plot, { [notShippable]: 'the plot function of the notebook' }),
    flush: () => live.flush(),
  };
}

/** At once for rows in the driver, so that outputs stay in the order of the calls; an error is thrown, not returned. */
function drawInto(
  rows: unknown,
  spec: PlotSpec,
  key: string,
  callSite: CallSite | undefined,
  show: (output: PlotOutput) => void,
): Promise<void> {
  const done = (output: PlotOutput) => show(callSite ? { ...output, callSite } : output);
  if (isRdd(rows)) return plotDataset(rows, spec, key).then(done);
  done(plotRows(rows, spec, key));
  return Promise.resolve();
}

/** The plot of rows that are in the driver. */
export function plotRows(rows: unknown, spec: PlotSpec, key: string): PlotOutput {
  const data = plotData(rows);
  const planned = planPlot(spec, data.columns, rangeIn(data), distinctIn(data));
  return drawPlot(planned, data, data.length, (plan) => groupRows(plan, data), key);
}
