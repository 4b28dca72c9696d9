/** A computed layer as the marks of Observable Plot. */
import * as Plot from '@observablehq/plot';
import type { DrawnChannel, PlotColumn, PlotLayer, PlotOutput } from '../../engine/plot-protocol.ts';
import type { PlotColors } from './plot-colors.ts';

type Channel = { transform: () => unknown[]; label: string | null };
type Channels = Partial<Record<DrawnChannel, Channel>>;

function channelOf({ label, type, values }: PlotColumn): Channel {
  const ready =
    type === 'date' ? values.map((value) => (typeof value === 'number' ? new Date(value) : null)) : values;
  return { transform: () => ready as unknown[], label: label || null };
}

/** Only what is set: Plot takes an explicit `undefined` for a value in places. */
function given(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

const STACK_OFFSETS = { normalize: 'normalize' } as const;

/** Bars begin at zero, which a logarithmic axis does not have: there they begin at the power of ten below the least. */
export function logBase(column: PlotColumn | undefined): number {
  const least = Math.min(...(column?.values ?? []).filter((value): value is number => Number(value) > 0));
  return Number.isFinite(least) ? 10 ** (Math.ceil(Math.log10(least)) - 1) : 1;
}

export function marksOf(layer: PlotLayer, output: PlotOutput, colors: PlotColors): Plot.Markish[] {
  const { mark, channels: columns, options } = layer;
  const length = Object.values(columns)[0]?.values.length ?? 0;
  if (length === 0) return [];
  const data = { length };
  const c: Channels = {};
  for (const [name, column] of Object.entries(columns)) c[name as DrawnChannel] = channelOf(column);
  const plain = colors.categories[0]!;
  const { opacity, strokeWidth, radius, curve, stack } = options;
  const facets = given({ fx: c.fx, fy: c.fy });
  const places = given({ x: c.x, y: c.y, x1: c.x1, x2: c.x2, y1: c.y1, y2: c.y2, ...facets });
  const series = c.series ?? (columns.color?.type === 'number' ? undefined : c.color);
  const fill = c.color ?? plain;
  const offset = stack === 'normalize' ? { offset: STACK_OFFSETS.normalize } : {};
  const tip = { tip: { fill: colors.surface, stroke: colors.line, textPadding: 8, fontSize: 12 } };
  switch (mark) {
    case 'dot':
      return [
        Plot.dot(
          data as never,
          {
            ...places,
            ...given({
              r: c.size ?? radius ?? (length > 1_000 ? 2 : 3.5),
              symbol: c.symbol,
              opacity,
              strokeWidth,
            }),
            fill,
            fillOpacity: opacity ?? 0.7,
            ...tip,
          } as Plot.DotOptions,
        ),
      ];
    case 'line': {
      const line = {
        ...places,
        ...given({ z: series, curve, opacity }),
        stroke: fill,
        strokeWidth: strokeWidth ?? 1.75,
        // A point between two gaps is a line without length: round, it can be seen.
        strokeLinecap: 'round',
      };
      const points = { ...places, fill, r: radius ?? 3 };
      return [
        Plot.line(data as never, { ...line, ...tip } as Plot.LineOptions),
        ...(options.points ? [Plot.dot(data as never, points as Plot.DotOptions)] : []),
      ];
    }
    case 'areaX':
    case 'areaY': {
      const along = mark === 'areaY' ? 'y' : 'x';
      const overlap = stack === 'overlap' && c[along] ? { [`${along}1`]: 0, [`${along}2`]: c[along] } : {};
      const area = {
        ...places,
        ...given({ z: series, curve }),
        ...offset,
        ...overlap,
        ...(Object.keys(overlap).length > 0 && { [along]: undefined }),
        fill,
        fillOpacity: opacity ?? (stack === 'overlap' ? 0.35 : 0.75),
        ...tip,
      };
      return [
        mark === 'areaY'
          ? Plot.areaY(data as never, area as never)
          : Plot.areaX(data as never, area as never),
      ];
    }
    case 'barX':
    case 'barY':
    case 'rectX':
    case 'rectY':
      return [bars(layer, output, { c, data, places, fill, offset, tip, opacity })];
    case 'rect':
    case 'cell': {
      const draw = mark === 'rect' ? Plot.rect : Plot.cell;
      return [draw(data as never, { ...places, ...given({ opacity }), fill, inset: 0.5, ...tip } as never)];
    }
    case 'boxX':
    case 'boxY':
      return boxes(mark, { c, data, places: facets, fill: c.color ?? plain, opacity, ink: colors.ink });
    case 'text':
      return [
        Plot.text(
          data as never,
          {
            ...places,
            text: c.text,
            fill: c.color ?? colors.ink,
            ...given({ fillOpacity: opacity, fontSize: radius }),
            dy: -8,
          } as Plot.TextOptions,
        ),
      ];
    case 'ruleX':
    case 'ruleY': {
      const draw = mark === 'ruleX' ? Plot.ruleX : Plot.ruleY;
      const rule = { ...places, stroke: c.color ?? colors.ink2, ...given({ strokeWidth, opacity }) };
      return [draw(data as never, rule as never)];
    }
    case 'tickX':
    case 'tickY': {
      const draw = mark === 'tickX' ? Plot.tickX : Plot.tickY;
      const tick = { ...places, stroke: fill, ...given({ strokeWidth }), opacity: opacity ?? 0.6, ...tip };
      return [draw(data as never, tick as never)];
    }
    case 'regression':
      return [
        Plot.linearRegressionY(
          data as never,
          {
            ...given({ x: c.x, y: c.y, z: series, ...facets, strokeWidth }),
            stroke: c.color && series ? c.color : plain,
          } as Plot.LinearRegressionYOptions,
        ),
      ];
    default:
      return mark satisfies never;
  }
}

interface Parts {
  c: Channels;
  data: { length: number };
  places: Record<string, unknown>;
  fill: unknown;
  opacity: number | undefined;
}

function bars(
  layer: PlotLayer,
  { spec }: PlotOutput,
  { c, data, places, fill, offset, tip, opacity }: Parts & { offset: object; tip: object },
): Plot.Markish {
  const { mark, channels, options } = layer;
  const along = mark === 'barX' || mark === 'rectX' ? 'x' : 'y';
  const base = along === 'x' ? 'y' : 'x';
  const extra: Record<string, unknown> = {};
  const unstacked = options.stack === 'overlap' || spec.scales?.[along]?.type === 'log';
  if (unstacked && c[along]) {
    const from = spec.scales?.[along]?.type === 'log' ? logBase(channels[along]) : 0;
    Object.assign(extra, { [`${along}1`]: from, [`${along}2`]: c[along], [along]: undefined });
  } else if (c[`${base}1`]) {
    // Stacks are made per step: Plot takes the base from this channel and draws from edge to edge.
    extra[base] = c[`${base}1`];
  }
  if (options.stack === 'group' && c.color && c[base])
    Object.assign(extra, { [`f${base}`]: c[base], [base]: c.color });
  const all = { ...places, ...offset, ...extra, fill, inset: 0.5, ...tip };
  const drawn = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  if (opacity !== undefined) drawn['fillOpacity'] = opacity;
  switch (mark) {
    case 'barX':
      return Plot.barX(data as never, drawn as never);
    case 'barY':
      return Plot.barY(data as never, drawn as never);
    case 'rectX':
      return Plot.rectX(data as never, drawn as never);
    default:
      return Plot.rectY(data as never, drawn as never);
  }
}

function boxes(mark: 'boxX' | 'boxY', { c, data, places, fill, opacity, ink }: Parts & { ink: string }) {
  const along = mark === 'boxX' ? 'x' : 'y';
  const base = along === 'x' ? 'y' : 'x';
  const at = { ...places, ...given({ [base]: c[base] }) };
  const whisker = { ...at, [`${along}1`]: c.lower, [`${along}2`]: c.upper, stroke: ink };
  const box = {
    ...at,
    [`${along}1`]: c.q1,
    [`${along}2`]: c.q3,
    fill,
    fillOpacity: opacity ?? 0.55,
    inset: 1,
  };
  const median = { ...at, [along]: c.median, stroke: ink, strokeWidth: 2, inset: 1 };
  const channels = {
    'lower whisker': c.lower,
    'first quartile': c.q1,
    'third quartile': c.q3,
    'upper whisker': c.upper,
    rows: c.count,
  };
  const tipped = { ...median, channels, tip: true };
  return mark === 'boxX'
    ? [
        Plot.ruleY(data as never, whisker as never),
        Plot.barX(data as never, box as never),
        Plot.tickX(data as never, tipped as never),
      ]
    : [
        Plot.ruleX(data as never, whisker as never),
        Plot.barY(data as never, box as never),
        Plot.tickY(data as never, tipped as never),
      ];
}
