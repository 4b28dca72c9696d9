/** From rows and a spec to what the page draws: defaults, groups, order, bounds. */
import type { PlotLayer, PlotMark, PlotMarkSpec, PlotOutput, PlotSpec } from '../../plot-protocol.ts';
import { PLOT_CHANNELS } from '../../plot-protocol.ts';
import { addValues, emptyGroups, type Groups, type GroupsPlan } from '../../rdd/row-groups.ts';
import { drawBoxes } from './plot-box.ts';
import type { Columns } from './plot-channels.ts';
import type { PlotData } from './plot-data.ts';
import { withDefaults } from './plot-defaults.ts';
import { arrange } from './plot-domains.ts';
import { alongOf, drawGroups, drawRows, lengthOf, thinned } from './plot-draw.ts';
import { type LayerPlan, planLayer, type RangeOf } from './plot-layers.ts';

/** Marks on one plot: more are slow to draw and cannot be told apart. */
export const MAX_PLOT_ROWS = 5_000;
/** Keeps one plot below the largest message. */
const MAX_PLOT_CHARACTERS = 180_000;
const MAX_LISTED_COLUMNS = 200;

export interface PlannedPlot {
  spec: PlotSpec;
  layers: LayerPlan[];
}

const INHERITED = [...PLOT_CHANNELS, 'curve', 'stack', 'opacity', 'strokeWidth', 'radius', 'points'] as const;

function inherited(spec: PlotSpec): PlotMarkSpec {
  return Object.fromEntries(
    INHERITED.filter((name) => spec[name] !== undefined).map((name) => [name, spec[name]]),
  );
}

/** What will be drawn, before any row is looked at closely. The spec comes back with the defaults in it. */
export function planPlot(
  given: PlotSpec,
  columns: Columns,
  rangeOf: RangeOf,
  distinct: (name: string) => number,
): PlannedPlot {
  if (given.marks) {
    const shared = inherited(given);
    const marks = given.marks.map((layer, i) =>
      withDefaults({ ...shared, ...layer }, `marks[${i}].`, columns, distinct),
    );
    return {
      spec: given,
      layers: marks.map((layer, i) => planLayer(layer, `marks[${i}].`, columns, rangeOf)),
    };
  }
  const layer = withDefaults(
    { ...inherited(given), ...(given.mark && { mark: given.mark }) },
    '',
    columns,
    distinct,
  );
  const spec = { ...layer, ...given } as PlotSpec & { mark: PlotMark };
  return { spec, layers: [planLayer(layer, '', columns, rangeOf)] };
}

export function groupsPlan(
  { grouping }: LayerPlan,
  part: (name: string) => string | number | null,
): GroupsPlan {
  const { keys, reducers } = grouping!;
  return {
    keys: keys.map(({ name, bins }) => ({ part: part(name), ...(bins && { bins }) })),
    reducers: reducers.map(({ bound }) => ({
      reducer: bound.reducer,
      part: bound.name === undefined ? null : part(bound.name),
    })),
  };
}

/** The groups of rows in the driver. */
export function groupRows(plan: LayerPlan, data: PlotData): Groups {
  const { keys, reducers } = plan.grouping!;
  const groups = emptyGroups(groupsPlan(plan, (name) => name));
  const keyColumns = keys.map(({ name }) => data.values(name));
  const valueColumns = reducers.map(({ bound }) =>
    bound.name === undefined ? undefined : data.values(bound.name),
  );
  for (let row = 0; row < data.length; row++) {
    addValues(
      groups,
      keyColumns.map((column) => column[row]!),
      valueColumns.map((column) => column?.[row] ?? null),
    );
  }
  return groups;
}

export function rangeIn(data: PlotData): RangeOf {
  return (name) => {
    let range: [number, number] | undefined;
    for (const value of data.values(name)) {
      if (typeof value !== 'number') continue;
      if (!range) range = [value, value];
      else if (value < range[0]) range[0] = value;
      else if (value > range[1]) range[1] = value;
    }
    return range;
  };
}

export function distinctIn(data: PlotData): (name: string) => number {
  return (name) => new Set(data.values(name)).size;
}

/** `total` is the number of rows there are; `data` may be a sample of them. */
export function drawPlot(
  { spec, layers: plans }: PlannedPlot,
  data: PlotData,
  total: number,
  groupsOf: (plan: LayerPlan, index: number) => Groups,
  key: string,
): PlotOutput {
  const notes = new Set<string>();
  const layers: PlotLayer[] = [];
  let raw = false;
  plans.forEach((plan, index) => {
    if (plan.mark === 'boxX' || plan.mark === 'boxY') {
      raw = true;
      const { boxes, outliers, notes: said } = drawBoxes(plan, data);
      layers.push(boxes, outliers);
      for (const note of said) notes.add(note);
      return;
    }
    const drawn = plan.grouping
      ? drawGroups(plan, groupsOf(plan, index), total)
      : drawRows(plan, data, total);
    raw ||= !plan.grouping;
    layers.push(drawn.layer);
    for (const note of drawn.notes) notes.add(note);
  });
  const arranged = arrange(layers, spec);
  for (const note of arranged.notes) notes.add(note);
  const bounded = bound(arranged.layers);
  const most = Math.max(0, ...arranged.layers.map(({ channels }) => lengthOf(channels)));
  const least = Math.max(0, ...bounded.map(({ channels }) => lengthOf(channels)));
  const sampled = raw && (data.length < total || least < most);
  if (!raw && least < most) notes.add(`showing ${least} of ${most} groups`);
  return {
    kind: 'plot',
    key,
    spec,
    columns: data.columns.slice(0, MAX_LISTED_COLUMNS).map(({ name, type }) => ({ name, type })),
    layers: bounded,
    domains: arranged.domains,
    rows: {
      shown: !raw ? total : least < most ? least : data.length,
      total,
      how: sampled ? 'sampled' : 'all',
    },
    notes: [...notes],
  };
}

/** Layers thinned out until they fit. */
function bound(layers: readonly PlotLayer[]): PlotLayer[] {
  let limit = MAX_PLOT_ROWS;
  for (;;) {
    const thin = layers.map((layer) => ({
      ...layer,
      channels: thinned(layer.channels, limit, alongOf(layer)),
    }));
    const size = JSON.stringify(thin).length;
    if (size <= MAX_PLOT_CHARACTERS || limit < 20) return thin;
    limit = Math.floor(Math.min(limit * 0.9, (limit * MAX_PLOT_CHARACTERS * 0.95) / size));
  }
}
