/** What the form beside a plot holds, read from the plot's spec, and the changes of the spec that it stands for. Pure. */
import {
  PLOT_REDUCERS,
  type PlotChannelSpec,
  type PlotMark,
  type PlotReducer,
  type PlotSpec,
  type ScaleType,
} from '../../engine/plot-protocol.ts';
import type { Changes } from './plot-call.ts';

/** How a channel takes its values: from a column as they are, in steps, reduced; `other` is kept as the code says it. */
export type Taking = 'none' | 'column' | 'bin' | 'other' | PlotReducer;

export interface ChannelChoice {
  taking: Taking;
  column: string;
}

export interface PlotFormState {
  mark: PlotMark | '';
  x: ChannelChoice;
  y: ChannelChoice;
  color: ChannelChoice;
  fx: ChannelChoice;
  scaleX: ScaleType | '';
  scaleY: ScaleType | '';
  title: string;
}

export const FORM_CHANNELS = ['x', 'y', 'color', 'fx'] as const;

const PLAIN = new Set(['count', 'proportion']);

export function needsColumn(taking: Taking): boolean {
  return taking !== 'none' && taking !== 'other' && !PLAIN.has(taking);
}

function choiceOf(spec: PlotChannelSpec | undefined, columns: readonly string[]): ChannelChoice {
  if (spec === undefined) return { taking: 'none', column: '' };
  if (typeof spec === 'number') return { taking: 'other', column: '' };
  if (typeof spec === 'string') {
    if (PLAIN.has(spec) && !columns.includes(spec)) return { taking: spec as PlotReducer, column: '' };
    return { taking: 'column', column: spec };
  }
  const known = Object.keys(spec);
  if (known.length !== 1) return { taking: 'other', column: '' };
  if (spec.column !== undefined) return { taking: 'column', column: spec.column };
  if (spec.bin !== undefined) return { taking: 'bin', column: spec.bin };
  const reducer = PLOT_REDUCERS.find((name) => spec[name] !== undefined);
  if (!reducer) return { taking: 'other', column: '' };
  const column = spec[reducer];
  return { taking: reducer, column: typeof column === 'string' ? column : '' };
}

export function channelSpec(
  { taking, column }: ChannelChoice,
  columns: readonly string[],
): PlotChannelSpec | undefined {
  if (taking === 'none' || taking === 'other') return undefined;
  if (taking === 'count' || taking === 'proportion')
    return columns.includes(taking) ? ({ [taking]: true } as PlotChannelSpec) : taking;
  if (column === '') return undefined;
  return taking === 'column' ? column : { [taking]: column };
}

export function formState(spec: PlotSpec, columns: readonly string[]): PlotFormState {
  return {
    mark: spec.marks ? '' : (spec.mark ?? ''),
    x: choiceOf(spec.x, columns),
    y: choiceOf(spec.y, columns),
    color: choiceOf(spec.color, columns),
    fx: choiceOf(spec.fx, columns),
    scaleX: spec.scales?.x?.type ?? '',
    scaleY: spec.scales?.y?.type ?? '',
    title: spec.title ?? '',
  };
}

const same = (a: ChannelChoice, b: ChannelChoice) => a.taking === b.taking && a.column === b.column;

/** `changes` is what the user changed; `absent` what the code must say as well, so that nothing else changes with it. */
export function formChanges(
  before: PlotFormState,
  after: PlotFormState,
  spec: PlotSpec,
  columns: readonly string[],
): { changes: Changes; absent: Changes } {
  const changes: Record<string, unknown> = {};
  const absent: Record<string, unknown> = {};
  if (after.mark !== before.mark) changes['mark'] = after.mark || undefined;
  for (const channel of FORM_CHANNELS) {
    if (!same(before[channel], after[channel])) changes[channel] = channelSpec(after[channel], columns);
  }
  if (after.title !== before.title) changes['title'] = after.title || undefined;
  if (after.scaleX !== before.scaleX || after.scaleY !== before.scaleY) {
    const scales: Record<string, object | undefined> = { ...spec.scales };
    for (const [axis, type] of [
      ['x', after.scaleX],
      ['y', after.scaleY],
    ] as const) {
      const { type: _before, ...rest } = spec.scales?.[axis] ?? {};
      const scale = type === '' ? rest : { ...rest, type };
      scales[axis] = Object.keys(scale).length > 0 ? scale : undefined;
    }
    const left = Object.fromEntries(Object.entries(scales).filter(([, scale]) => scale !== undefined));
    changes['scales'] = Object.keys(left).length > 0 ? left : undefined;
  }
  const redrawn = ['mark', ...FORM_CHANNELS].some((name) => name in changes);
  if (redrawn && !spec.marks) {
    for (const name of ['mark', 'x', 'y', 'color'] as const) {
      if (!(name in changes) && spec[name] !== undefined) absent[name] = spec[name];
    }
  }
  return { changes, absent };
}

/** The spec with the changes in it. */
export function changedSpec(spec: PlotSpec, changes: Changes): PlotSpec {
  const merged = Object.entries({ ...spec, ...changes }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(merged);
}
