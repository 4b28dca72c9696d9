/** Channels of a spec tied to the columns there are. */
import {
  PLOT_CHANNELS,
  PLOT_REDUCERS,
  type PlotChannel,
  type PlotChannelObject,
  type PlotChannelSpec,
  type PlotInterval,
  type PlotMarkSpec,
  type PlotReducer,
  type PlotValue,
} from '../../plot-protocol.ts';
import type { ColumnType } from '../../protocol.ts';
import { invalid, oneOf } from './plot-spec.ts';

export type Columns = readonly { name: string; type: ColumnType }[];

export type BoundChannel =
  | { kind: 'column'; name: string; label: string; type: ColumnType }
  | {
      kind: 'bin';
      name: string;
      label: string;
      type: 'number' | 'date';
      thresholds?: number;
      interval?: PlotInterval;
    }
  | { kind: 'reduce'; reducer: PlotReducer; name?: string; label: string; type: ColumnType }
  | { kind: 'constant'; value: PlotValue; label: string; type: ColumnType };

export type BoundChannels = { [C in PlotChannel]?: BoundChannel };

const LABELS: Partial<Record<PlotReducer, string>> = {
  count: 'count',
  proportion: 'proportion',
  deviation: 'deviation of',
  distinct: 'distinct values of',
  p25: '25th percentile of',
  p75: '75th percentile of',
  p95: '95th percentile of',
};
/** These give back a value of the column, whatever its type. */
const KEEPS_TYPE = new Set<PlotReducer>(['min', 'max', 'first', 'last']);

export function isQuantitative(type: ColumnType | undefined): boolean {
  return type === 'number' || type === 'bigint';
}

export function isCategory(type: ColumnType | undefined): boolean {
  return type === 'string' || type === 'boolean' || type === 'null';
}

function columnNamed(name: string, field: string, columns: Columns) {
  const column =
    columns.length === 0
      ? { name, type: 'null' as const }
      : columns.find((candidate) => candidate.name === name);
  if (!column) {
    throw invalid(
      `"${field}" names the column "${name}", which the rows do not have`,
      oneOf(
        columns.map((candidate) => candidate.name),
        name,
      ),
    );
  }
  if (column.type === 'json') {
    throw invalid(
      `"${field}": the values of "${name}" are of several kinds or have parts`,
      'Make one number, text or date of each in the rows first.',
    );
  }
  return column;
}

function bindObject(spec: PlotChannelObject, field: string, columns: Columns): BoundChannel {
  const { label } = spec;
  if (spec.value !== undefined) {
    const type = typeof spec.value as 'number' | 'string' | 'boolean';
    return { kind: 'constant', value: spec.value, label: label ?? '', type };
  }
  if (spec.column !== undefined) {
    const { name, type } = columnNamed(spec.column, field, columns);
    return { kind: 'column', name, label: label ?? name, type };
  }
  if (spec.bin !== undefined) {
    const { name, type } = columnNamed(spec.bin, `${field}.bin`, columns);
    if (type !== 'number' && type !== 'bigint' && type !== 'date' && type !== 'null') {
      throw invalid(`"${field}.bin": "${name}" has ${type} values`, 'Numbers and dates can be binned.');
    }
    const { thresholds, interval } = spec;
    const kind = type === 'date' ? 'date' : 'number';
    return {
      kind: 'bin',
      name,
      label: label ?? name,
      type: kind,
      ...(thresholds !== undefined && { thresholds }),
      ...(interval && { interval }),
    };
  }
  const reducer = PLOT_REDUCERS.find((name) => spec[name] !== undefined)!;
  if (reducer === 'count' || reducer === 'proportion')
    return { kind: 'reduce', reducer, label: label ?? reducer, type: 'number' };
  const { name, type } = columnNamed(spec[reducer]!, `${field}.${reducer}`, columns);
  const needsNumbers = !KEEPS_TYPE.has(reducer) && reducer !== 'distinct';
  if (needsNumbers && !isQuantitative(type) && type !== 'null') {
    throw invalid(
      `"${field}.${reducer}": "${name}" has ${type} values`,
      `${reducer} needs numbers; distinct, first, last, min and max take any.`,
    );
  }
  return {
    kind: 'reduce',
    reducer,
    name,
    label: label ?? `${LABELS[reducer] ?? reducer} ${name}`,
    type: KEEPS_TYPE.has(reducer) ? type : 'number',
  };
}

export function bindChannel(spec: PlotChannelSpec, field: string, columns: Columns): BoundChannel {
  if (typeof spec === 'number') return { kind: 'constant', value: spec, label: '', type: 'number' };
  if (typeof spec === 'object') return bindObject(spec, field, columns);
  const isReducer = spec === 'count' || spec === 'proportion';
  if (isReducer && !columns.some(({ name }) => name === spec))
    return bindObject({ [spec]: true }, field, columns);
  return bindObject({ column: spec }, field, columns);
}

/** `path` is where the layer stands in the spec: '' or `marks[1].`. */
export function bindChannels(layer: PlotMarkSpec, path: string, columns: Columns): BoundChannels {
  const bound: BoundChannels = {};
  for (const name of PLOT_CHANNELS) {
    const spec = layer[name];
    if (spec !== undefined) bound[name] = bindChannel(spec, `${path}${name}`, columns);
  }
  return bound;
}
