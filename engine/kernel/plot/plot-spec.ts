/** Checks a spec before anything is computed: an error names the field and says what to write instead. */
import { StagelightError } from '../../errors.ts';
import {
  COLOR_SCHEMES,
  PLOT_CHANNELS,
  PLOT_CURVES,
  PLOT_INTERVALS,
  PLOT_MARKS,
  PLOT_REDUCERS,
  PLOT_SCALES,
  PLOT_SORTS,
  PLOT_STACKS,
  type PlotSpec,
  SCALE_TYPES,
} from '../../plot-protocol.ts';
import { compactText } from '../bounded-text.ts';

const MAX_MARKS = 12;

type Fields = Record<string, (value: unknown, field: string) => void>;

export function invalid(message: string, hint: string): StagelightError {
  return new StagelightError('PLOT_INVALID', `plot: ${message}`, { hint });
}

/** The one of `names` that `name` may be a slip of. */
export function closest(name: string, names: readonly string[]): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const candidate of names.slice(0, 1_000)) {
    const distance = editDistance(name.toLowerCase().slice(0, 60), candidate.toLowerCase().slice(0, 60));
    if (!best || distance < best.distance) best = { name: candidate, distance };
  }
  return best && best.distance <= Math.max(1, name.length / 3) ? best.name : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

export function oneOf(names: readonly string[], given: unknown): string {
  const slip = typeof given === 'string' ? closest(given, names) : undefined;
  const list = names.length > 40 ? `${names.slice(0, 40).join(', ')} …` : names.join(', ');
  return `${slip ? `Did you mean "${slip}"? ` : ''}Use one of ${list}.`;
}

function shown(value: unknown): string {
  return typeof value === 'function' ? 'a function' : compactText(value, 60);
}

function refuseFunction(value: unknown, field: string): void {
  if (typeof value !== 'function') return;
  throw invalid(
    `"${field}" is a function, but a plot is data`,
    `Compute it in the rows first, as in rows.map((row) => ({ ...row, name: … })), and write ${field.split('.').at(-1)}: 'name'.`,
  );
}

function expects(what: string, test: (value: unknown) => boolean) {
  return (value: unknown, field: string) => {
    refuseFunction(value, field);
    if (!test(value)) throw invalid(`"${field}" is ${shown(value)}`, `Give ${what}.`);
  };
}

const text = expects('a string', (value) => typeof value === 'string');
const flag = expects('true or false', (value) => typeof value === 'boolean');
const numberIn = (least: number, most: number) =>
  expects(
    `a number from ${least} to ${most}`,
    (value) => typeof value === 'number' && value >= least && value <= most,
  );

function choice(names: readonly string[]) {
  return (value: unknown, field: string) => {
    refuseFunction(value, field);
    if (!names.includes(value as string)) throw invalid(`"${field}" is ${shown(value)}`, oneOf(names, value));
  };
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function record(fields: Fields, what: string) {
  return (value: unknown, field: string) => {
    refuseFunction(value, field);
    if (!isPlain(value)) throw invalid(`"${field}" is ${shown(value)}`, `Give ${what}.`);
    for (const [name, part] of Object.entries(value)) {
      const path = field ? `${field}.${name}` : name;
      const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (!check) throw invalid(`"${path}" is no option`, oneOf(Object.keys(fields), name));
      if (part !== undefined) check(part, path);
    }
  };
}

const column = expects('the name of a column', (value) => typeof value === 'string');

const channelFields: Fields = {
  column,
  bin: column,
  thresholds: numberIn(1, 1_000),
  interval: choice(PLOT_INTERVALS),
  value: expects('a number, a text or a truth value', (value) =>
    ['number', 'string', 'boolean'].includes(typeof value),
  ),
  label: text,
};
for (const reducer of PLOT_REDUCERS) channelFields[reducer] = column;
channelFields.count = channelFields.proportion = expects('true', (value) => value === true);

const channelObject = record(channelFields, 'a column, a bin or a reducer');
const SOURCES = ['column', 'bin', 'value', ...PLOT_REDUCERS];

function channel(value: unknown, field: string): void {
  refuseFunction(value, field);
  if (typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) return;
  if (!isPlain(value)) {
    throw invalid(
      `"${field}" is ${shown(value)}`,
      "Give the name of a column, a number, or an object such as { mean: 'delay' } or { bin: 'delay' }.",
    );
  }
  channelObject(value, field);
  const sources = SOURCES.filter((name) => value[name] !== undefined);
  if (sources.length === 1) return;
  throw invalid(
    sources.length === 0
      ? `"${field}" names no column`
      : `"${field}" says ${sources.join(' and ')} at the same time`,
    `Give exactly one of ${SOURCES.join(', ')}.`,
  );
}

const domain = expects(
  'an array of numbers or texts',
  (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= 1_000 &&
    value.every((part) => typeof part === 'string' || Number.isFinite(part)),
);

const scale = record(
  {
    type: choice(SCALE_TYPES),
    domain,
    label: text,
    grid: flag,
    zero: flag,
    nice: flag,
    reverse: flag,
    percent: flag,
    scheme: choice(COLOR_SCHEMES),
    legend: flag,
  },
  "an object such as { type: 'log' }",
);

const layerFields: Fields = {
  mark: choice(PLOT_MARKS),
  curve: choice(PLOT_CURVES),
  stack: choice(PLOT_STACKS),
  opacity: numberIn(0, 1),
  strokeWidth: numberIn(0, 50),
  radius: numberIn(0, 50),
  points: flag,
};
for (const name of PLOT_CHANNELS) layerFields[name] = channel;

const layer = record(layerFields, "an object such as { mark: 'dot', x: 'weight', y: 'height' }");

const spec = record(
  {
    ...layerFields,
    marks: (value, field) => {
      refuseFunction(value, field);
      if (!Array.isArray(value) || value.length === 0 || value.length > MAX_MARKS) {
        throw invalid(`"${field}" is ${shown(value)}`, `Give an array of 1 to ${MAX_MARKS} layers.`);
      }
      value.forEach((part, i) => {
        layer(part, `${field}[${i}]`);
      });
    },
    title: text,
    subtitle: text,
    caption: text,
    height: numberIn(80, 1_200),
    sort: choice(PLOT_SORTS),
    limit: numberIn(1, 1_000),
    scales: record(Object.fromEntries(PLOT_SCALES.map((name) => [name, scale])), 'an object of scales'),
    key: text,
  },
  "an object such as { mark: 'dot', x: 'weight', y: 'height' }",
);

/** The spec as plain data of its own; throws PLOT_INVALID. */
export function checkSpec(given: unknown): PlotSpec {
  if (given === undefined) return {};
  if (typeof given === 'function') {
    throw invalid(
      'the options are a function, but a plot is data',
      "Give an object such as { mark: 'dot', x: 'weight', y: 'height' }.",
    );
  }
  if (!isPlain(given)) {
    throw invalid(
      `the options are ${shown(given)}`,
      "Give an object such as { mark: 'dot', x: 'weight', y: 'height' }.",
    );
  }
  spec(given, '');
  return structuredClone(given) as PlotSpec;
}
