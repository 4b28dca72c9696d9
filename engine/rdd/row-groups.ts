/**
 * Rows in groups, each reduced to single values, in one pass: the same code for rows in the driver and, as the function
 * of an `aggregate` action, for the partitions of a dataset. A state can be encoded and merged with another.
 */
import type { PlotReducer, PlotValue } from '../plot-protocol.ts';
import { type Bins, binStart } from './bins.ts';
import { plotValue, type RowPart, readPart } from './plot-value.ts';

export interface GroupsPlan {
  keys: { part: RowPart; bins?: Bins }[];
  reducers: { part: RowPart; reducer: PlotReducer }[];
}

export interface GroupState {
  rows: number;
  /** Numbers met, their mean and sum of squared deviations. */
  numbers: number;
  sum: number;
  mean: number;
  m2: number;
  min: PlotValue;
  max: PlotValue;
  first: PlotValue;
  last: PlotValue;
  /** For quantiles: all numbers, or a fair sample of very many. */
  kept?: number[];
  distinct?: Set<PlotValue>;
}

export interface Group {
  keys: PlotValue[];
  states: GroupState[];
}

export interface Groups {
  plan: GroupsPlan;
  rows: number;
  /** Rows of groups beyond the most that are held. */
  left: number;
  /** By the key, or by the text of several. */
  groups: Map<PlotValue, Group>;
  seed: number;
}

const MAX_GROUPS = 50_000;
const MAX_KEPT = 20_000;
const MAX_DISTINCT = 50_000;
const QUANTILES: Partial<Record<PlotReducer, number>> = { median: 0.5, p25: 0.25, p75: 0.75, p95: 0.95 };

export function emptyGroups(plan: GroupsPlan): Groups {
  return { plan, rows: 0, left: 0, groups: new Map(), seed: 1 };
}

/** Park and Miller's generator: the sample is the same in every recomputation. */
export function nextSeed(seed: number): number {
  return (seed * 48_271) % 2_147_483_647;
}

function emptyState(reducer: PlotReducer): GroupState {
  const state: GroupState = {
    rows: 0,
    numbers: 0,
    sum: 0,
    mean: 0,
    m2: 0,
    min: null,
    max: null,
    first: null,
    last: null,
  };
  if (QUANTILES[reducer] !== undefined) state.kept = [];
  if (reducer === 'distinct') state.distinct = new Set();
  return state;
}

/** Takes a row in; the values of its keys and reduced parts in the order of the plan. */
export function addValues(groups: Groups, keys: readonly PlotValue[], values: readonly PlotValue[]): void {
  groups.rows += 1;
  const placed = keys.map((key, i) => {
    const bins = groups.plan.keys[i]!.bins;
    return bins && typeof key === 'number' ? binStart(bins, key) : bins ? null : key;
  });
  const id = placed.length === 1 ? placed[0]! : JSON.stringify(placed);
  let group = groups.groups.get(id);
  if (!group) {
    if (groups.groups.size >= MAX_GROUPS) {
      groups.left += 1;
      return;
    }
    group = { keys: placed, states: groups.plan.reducers.map(({ reducer }) => emptyState(reducer)) };
    groups.groups.set(id, group);
  }
  for (let i = 0; i < group.states.length; i++) take(groups, group.states[i]!, values[i] ?? null);
}

/** The function of the `aggregate` action. */
export function addRow(groups: Groups, row: unknown): Groups {
  const { keys, reducers } = groups.plan;
  addValues(
    groups,
    keys.map(({ part }) => plotValue(readPart(row, part))),
    reducers.map(({ part }) => plotValue(readPart(row, part))),
  );
  return groups;
}

function take(groups: Groups, state: GroupState, value: PlotValue): void {
  state.rows += 1;
  if (value === null) return;
  if (state.first === null) state.first = value;
  state.last = value;
  if (state.min === null || value < state.min) state.min = value;
  if (state.max === null || value > state.max) state.max = value;
  if (state.distinct && state.distinct.size < MAX_DISTINCT) state.distinct.add(value);
  if (typeof value !== 'number') return;
  state.numbers += 1;
  state.sum += value;
  const delta = value - state.mean;
  state.mean += delta / state.numbers;
  state.m2 += delta * (value - state.mean);
  if (!state.kept) return;
  if (state.kept.length < MAX_KEPT) state.kept.push(value);
  else {
    groups.seed = nextSeed(groups.seed);
    const place = groups.seed % state.numbers;
    if (place < MAX_KEPT) state.kept[place] = value;
  }
}

/** Adds the groups of one partition to those of others. */
export function mergeGroups(into: Groups, other: Groups): Groups {
  into.rows += other.rows;
  into.left += other.left;
  for (const [id, group] of other.groups) {
    const known = into.groups.get(id);
    if (known) {
      known.states.forEach((state, i) => {
        mergeState(state, group.states[i]!);
      });
    } else if (into.groups.size < MAX_GROUPS) into.groups.set(id, group);
    else into.left += group.states[0]?.rows ?? 0;
  }
  return into;
}

function mergeState(a: GroupState, b: GroupState): void {
  const numbers = a.numbers + b.numbers;
  const delta = b.mean - a.mean;
  if (numbers > 0) {
    a.m2 += b.m2 + (delta * delta * a.numbers * b.numbers) / numbers;
    a.mean += (delta * b.numbers) / numbers;
  }
  a.numbers = numbers;
  a.rows += b.rows;
  a.sum += b.sum;
  if (b.min !== null && (a.min === null || b.min < a.min)) a.min = b.min;
  if (b.max !== null && (a.max === null || b.max > a.max)) a.max = b.max;
  a.first ??= b.first;
  a.last = b.last ?? a.last;
  for (const value of b.distinct ?? []) if (a.distinct!.size < MAX_DISTINCT) a.distinct!.add(value);
  if (a.kept && b.kept) a.kept = mixKept(a.kept, b.kept, a.numbers, b.numbers);
}

/** Two samples as one, each with its share. */
function mixKept(a: number[], b: number[], total: number, ofB: number): number[] {
  if (a.length + b.length <= MAX_KEPT) return a.concat(b);
  const fromB = Math.round((MAX_KEPT * ofB) / total);
  const every = (values: number[], count: number) =>
    Array.from(
      { length: Math.min(count, values.length) },
      (_, i) => values[Math.floor((i * values.length) / count)]!,
    );
  return every(a, MAX_KEPT - fromB).concat(every(b, fromB));
}

export function quantile(sorted: readonly number[], p: number): number | null {
  if (sorted.length === 0) return null;
  const place = (sorted.length - 1) * p;
  const low = sorted[Math.floor(place)]!;
  return low + (sorted[Math.ceil(place)]! - low) * (place % 1);
}

/** The one value of a group; `rows` is what a proportion is of. */
export function reducedValue(state: GroupState, reducer: PlotReducer, rows: number): PlotValue {
  const some = (value: number) => (state.numbers > 0 ? value : null);
  switch (reducer) {
    case 'count':
      return state.rows;
    case 'proportion':
      return rows > 0 ? state.rows / rows : null;
    case 'sum':
      return some(state.sum);
    case 'mean':
      return some(state.mean);
    case 'deviation':
      return state.numbers > 1 ? Math.sqrt(state.m2 / (state.numbers - 1)) : null;
    case 'min':
    case 'max':
    case 'first':
    case 'last':
      return state[reducer];
    case 'distinct':
      return state.distinct!.size;
    case 'median':
    case 'p25':
    case 'p75':
    case 'p95':
      return quantile(
        (state.kept ?? []).sort((a, b) => a - b),
        QUANTILES[reducer]!,
      );
    default:
      return reducer satisfies never;
  }
}

/** Whether some value is of a sample, because a group held more than is kept. */
export function isApproximate(state: GroupState): boolean {
  return (
    (state.kept?.length ?? 0) < (state.kept ? state.numbers : 0) || state.distinct?.size === MAX_DISTINCT
  );
}
