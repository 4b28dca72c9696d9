/** What a spec leaves open, chosen by the types of the columns: the mark, and the channels it needs. */
import type { PlotChannelSpec, PlotMark, PlotMarkSpec } from '../../plot-protocol.ts';
import { bindChannel, type Columns, isCategory, isQuantitative } from './plot-channels.ts';
import { invalid } from './plot-spec.ts';

/** A colour for each of more values tells nothing. */
const MAX_COLORS = 10;

type Kind = 'number' | 'date' | 'category' | 'bin' | 'reduced' | undefined;

interface Pool {
  numbers: string[];
  dates: string[];
  categories: string[];
}

function poolOf(columns: Columns): Pool {
  const named = (test: (type: Columns[number]['type']) => boolean) =>
    columns.filter(({ type }) => test(type)).map(({ name }) => name);
  return {
    numbers: named(isQuantitative),
    dates: named((type) => type === 'date'),
    categories: named((type) => type === 'string' || type === 'boolean'),
  };
}

function kindOf(spec: PlotChannelSpec | undefined, field: string, columns: Columns): Kind {
  if (spec === undefined) return undefined;
  const bound = bindChannel(spec, field, columns);
  if (bound.kind === 'bin') return 'bin';
  if (bound.kind === 'reduce') return 'reduced';
  if (bound.type === 'date') return 'date';
  return isCategory(bound.type) ? 'category' : 'number';
}

function nothingToPlot(columns: Columns): Error {
  const list = columns.map(({ name, type }) => `${name} (${type})`).slice(0, 20);
  return invalid(
    list.length === 0
      ? 'there are no rows to choose columns from'
      : `no column of ${list.join(', ')} can be drawn`,
    list.length === 0
      ? 'Give at least one row, or say mark, x and y.'
      : 'Numbers, dates, texts and truth values can be drawn: make such a column in the rows first.',
  );
}

/** Mark and channels for rows about which nothing was said. */
function fromColumns(columns: Columns, distinct: (name: string) => number): PlotMarkSpec {
  const { numbers, dates, categories } = poolOf(columns);
  const color = categories.find((name) => {
    const count = distinct(name);
    return count > 1 && count <= MAX_COLORS;
  });
  const colored = color === undefined ? {} : { color: color };
  const [number, second] = numbers;
  const [date] = dates;
  const [category, other] = categories;
  if (date !== undefined && number !== undefined) return { mark: 'line', x: date, y: number, ...colored };
  if (number !== undefined && second !== undefined) return { mark: 'dot', x: number, y: second, ...colored };
  if (number !== undefined && category !== undefined) return { mark: 'bar', x: number, y: category };
  if (number !== undefined) return { mark: 'histogram', x: number, y: 'count' };
  if (date !== undefined) return { mark: 'histogram', x: date, y: 'count' };
  if (category !== undefined && other !== undefined)
    return { mark: 'cell', x: category, y: other, color: 'count' };
  if (category !== undefined) return { mark: 'bar', x: 'count', y: category };
  throw nothingToPlot(columns);
}

/** The mark for the two channels given. */
function markFor(x: Kind, y: Kind): PlotMark {
  const pair = [x, y];
  if (x !== undefined && y === undefined) return x === 'category' ? 'bar' : 'histogram';
  if (y !== undefined && x === undefined) return y === 'category' ? 'bar' : 'histogram';
  if (x === 'bin' && y === 'bin') return 'heatmap';
  if (x === 'category' && y === 'category') return 'cell';
  if (pair.includes('bin')) return x === 'bin' && y === 'reduced' ? 'bar' : y === 'bin' ? 'bar' : 'line';
  if (pair.includes('category')) return 'bar';
  if (x === 'date') return 'line';
  return 'dot';
}

/** The layer with a mark, and the channels its mark needs. */
export function withDefaults(
  layer: PlotMarkSpec,
  path: string,
  columns: Columns,
  distinct: (name: string) => number,
): PlotMarkSpec & { mark: PlotMark } {
  const { x, y, x1, x2, y1, y2 } = layer;
  const placed = [x, y, x1, x2, y1, y2].some((channel) => channel !== undefined);
  if (!placed && layer.mark === undefined) {
    return { ...fromColumns(columns, distinct), ...layer } as PlotMarkSpec & { mark: PlotMark };
  }
  const kindX = kindOf(x, `${path}x`, columns);
  const kindY = kindOf(y, `${path}y`, columns);
  const mark = layer.mark ?? (x1 || x2 || y1 || y2 ? 'rect' : markFor(kindX, kindY));
  return { ...missing(mark, kindX, kindY, placed, columns), ...layer, mark };
}

/** The channels a mark needs and was not given. */
function missing(mark: PlotMark, x: Kind, y: Kind, placed: boolean, columns: Columns): PlotMarkSpec {
  const { numbers, dates, categories } = poolOf(columns);
  const [number, second] = numbers;
  const continuous = [...dates, ...numbers];
  const pick = (name: string | undefined, what: string): PlotChannelSpec => {
    if (name !== undefined) return name;
    throw invalid(`no column is left for "${what}" of a ${mark}`, `Name one: ${what}: 'column'.`);
  };
  switch (mark) {
    case 'dot':
    case 'line':
    case 'area':
    case 'regression': {
      if (x && y) return {};
      if (x) return { y: pick(number, 'y') };
      if (y) return { x: pick(dates[0] ?? second ?? number, 'x') };
      return { x: pick(continuous[0], 'x'), y: pick(dates.length > 0 ? number : second, 'y') };
    }
    case 'bar': {
      if (x && y) return {};
      if (x) return x === 'number' ? { y: pick(categories[0], 'y') } : { y: 'count' };
      if (y) return y === 'number' ? { x: pick(categories[0], 'x') } : { x: 'count' };
      if (categories[0] === undefined) return { x: pick(continuous[0], 'x'), y: 'count' };
      return { y: categories[0], x: number ?? 'count' };
    }
    case 'histogram': {
      if (x) return y ? {} : { y: 'count' };
      if (y) return { x: 'count' };
      return { x: pick(numbers[0] ?? dates[0] ?? categories[0], 'x'), y: 'count' };
    }
    case 'rect':
      return {};
    case 'heatmap':
    case 'cell': {
      const names = mark === 'cell' ? [...categories, ...numbers] : [...continuous, ...categories];
      const color = { color: 'count' } as const;
      if (x && y) return color;
      if (x || y) return { [x ? 'y' : 'x']: pick(names[1] ?? names[0], x ? 'y' : 'x'), ...color };
      return { x: pick(names[0], 'x'), y: pick(names[1], 'y'), ...color };
    }
    case 'boxplot': {
      if ((x && y) || columns.length === 0) return {};
      if (x) return x === 'category' ? { y: pick(number, 'y') } : {};
      if (y) return y === 'category' ? { x: pick(number, 'x') } : {};
      return { x: pick(number, 'x'), ...(categories[0] !== undefined && { y: categories[0] }) };
    }
    case 'text':
      return {
        ...(!x && { x: pick(number, 'x') }),
        ...(!y && { y: pick(second ?? number, 'y') }),
        ...(!placed && {}),
        text: pick(categories[0] ?? number, 'text'),
      };
    case 'rule':
    case 'tick':
      return x || y ? {} : { x: pick(number, 'x') };
    default:
      return mark satisfies never;
  }
}
