/** Box plots: quartiles, whiskers of 1.5 times their distance, and what lies beyond, of every group. */
import type { DrawnChannel, PlotChannel, PlotColumn, PlotLayer, PlotValue } from '../../plot-protocol.ts';
import { quantile } from '../../rdd/row-groups.ts';
import type { BoundChannel } from './plot-channels.ts';
import type { PlotData } from './plot-data.ts';
import type { LayerPlan } from './plot-layers.ts';

const MAX_OUTLIERS = 500;
const MAX_BOXES = 500;
const BY = ['x', 'y', 'fx', 'fy', 'color'] as const;

export interface Boxes {
  boxes: PlotLayer;
  outliers: PlotLayer;
  notes: string[];
}

export function drawBoxes(plan: LayerPlan, data: PlotData): Boxes {
  const measured: PlotChannel = plan.mark === 'boxX' ? 'x' : 'y';
  const bound = plan.channels[measured] as Extract<BoundChannel, { kind: 'column' }>;
  const by = BY.filter((name) => name !== measured && plan.channels[name]?.kind === 'column');
  const keys = by.map((name) => data.values((plan.channels[name] as { name: string }).name));
  const values = data.values(bound.name);
  const groups = new Map<string, { keys: PlotValue[]; numbers: number[] }>();
  for (let row = 0; row < data.length; row++) {
    const value = values[row];
    if (typeof value !== 'number') continue;
    const place = keys.map((column) => column[row]!);
    const id = JSON.stringify(place);
    const group = groups.get(id);
    if (group) group.numbers.push(value);
    else if (groups.size < MAX_BOXES) groups.set(id, { keys: place, numbers: [value] });
  }
  const channels: PlotLayer['channels'] = {};
  const outside: PlotLayer['channels'] = {};
  const column = (
    target: PlotLayer['channels'],
    channel: DrawnChannel,
    { label, type }: Pick<PlotColumn, 'label' | 'type'>,
  ): PlotValue[] => {
    const made: PlotColumn = { label, type: type === 'bigint' ? 'number' : type, values: [] };
    target[channel] = made;
    return made.values;
  };
  const names = (['lower', 'q1', 'median', 'q3', 'upper', 'count'] as const).map((name) =>
    column(channels, name, { label: name === 'count' ? 'count' : bound.label, type: 'number' }),
  );
  const boxKeys = by.map((name) => column(channels, name, plan.channels[name]!));
  const dotKeys = by.map((name) => column(outside, name, plan.channels[name]!));
  const dots = column(outside, measured, bound);
  let beyond = 0;
  for (const { keys: place, numbers } of groups.values()) {
    numbers.sort((a, b) => a - b);
    const [q1, q2, q3] = [0.25, 0.5, 0.75].map((p) => quantile(numbers, p)!) as [number, number, number];
    const reach = 1.5 * (q3 - q1);
    const lower = numbers.find((value) => value >= q1 - reach)!;
    const upper = numbers.findLast((value) => value <= q3 + reach)!;
    [lower, q1, q2, q3, upper, numbers.length].forEach((value, i) => {
      names[i]!.push(value);
    });
    boxKeys.forEach((values, i) => {
      values.push(place[i]!);
    });
    for (const value of numbers) {
      if (value >= lower && value <= upper) continue;
      if (++beyond > MAX_OUTLIERS) continue;
      dots.push(value);
      dotKeys.forEach((values, i) => {
        values.push(place[i]!);
      });
    }
  }
  const notes =
    beyond > MAX_OUTLIERS ? [`showing ${MAX_OUTLIERS} of ${beyond} values beyond the whiskers`] : [];
  return {
    boxes: { mark: plan.mark, channels, options: plan.options },
    outliers: { mark: 'dot', channels: outside, options: plan.options },
    notes,
  };
}
