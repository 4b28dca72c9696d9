/** The plot of a dataset: a job for a fair sample and the ranges, and one more for each layer of groups. */
import type { PlotOutput, PlotSpec } from '../../plot-protocol.ts';
import { ActionCall } from '../../rdd/action-call.ts';
import type { RowPart } from '../../rdd/plot-value.ts';
import type { RDD } from '../../rdd/rdd.ts';
import { emptyGroups, type Groups, mergeGroups } from '../../rdd/row-groups.ts';
import { emptySample, mergeSamples, type RowSample } from '../../rdd/row-sample.ts';
import { encodeRows } from '../../storage/row-codec.ts';
import { plotData } from './plot-data.ts';
import { distinctIn, drawPlot, groupsPlan, MAX_PLOT_ROWS, planPlot } from './plot-output.ts';

export async function plotDataset(rdd: RDD<unknown>, spec: PlotSpec, key: string): Promise<PlotOutput> {
  const call = new ActionCall(rdd.lineage, 'plot');
  const sample = emptySample(MAX_PLOT_ROWS);
  const partials = await call.run(rdd, {
    kind: 'aggregate',
    zero: encodeRows([sample]),
    fn: call.capture('builtin:sampleRow'),
  });
  for (const [partial] of partials) mergeSamples(sample, partial as RowSample);
  const data = plotData(sample.rows);
  const part = partNamer(sample.rows);
  const planned = planPlot(spec, data.columns, (name) => sample.ranges.get(part(name)), distinctIn(data));
  const groups = new Map<number, Groups>();
  for (const [index, plan] of planned.layers.entries()) {
    if (!plan.grouping) continue;
    const merged = emptyGroups(groupsPlan(plan, part));
    const results = await call.run(rdd, {
      kind: 'aggregate',
      zero: encodeRows([merged]),
      fn: call.capture('builtin:groupRow'),
    });
    for (const [partial] of results) mergeGroups(merged, partial as Groups);
    groups.set(index, merged);
  }
  return drawPlot(planned, data, sample.count, (_plan, index) => groups.get(index)!, key);
}

/** How a column's name is read from a row: tuples have places, plain values have none. */
function partNamer(rows: readonly unknown[]): (name: string) => RowPart {
  const first = rows.find((row) => row !== null && row !== undefined);
  if (Array.isArray(first)) return (name) => Number(name.slice(1)) - 1;
  if (typeof first === 'object' && first !== null && !(first instanceof Date)) return (name) => name;
  return () => null;
}
