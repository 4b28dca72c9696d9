/** The colours of plots, told apart by colour-blind people too, in both schemes. */
import type { COLOR_SCHEMES } from '../../engine/plot-protocol.ts';

export type Scheme = 'light' | 'dark';

export interface PlotColors {
  ink: string;
  ink2: string;
  line: string;
  surface: string;
  /** For categories, in this order. */
  categories: string[];
  /** From least to most. */
  ramp: [string, string];
}

export const PLOT_COLORS: Record<Scheme, PlotColors> = {
  light: {
    ink: '#1d1b18',
    ink2: '#57514a',
    line: '#e3dfd8',
    surface: '#ffffff',
    categories: [
      '#0072b2',
      '#c75000',
      '#00866a',
      '#b5528b',
      '#7a6200',
      '#4aa3d8',
      '#d98a00',
      '#5b4a9e',
      '#6b645b',
      '#a0402a',
    ],
    ramp: ['#f8e6cc', '#8a3d00'],
  },
  dark: {
    ink: '#f1ede4',
    ink2: '#b9b2a5',
    line: '#34312a',
    surface: '#1b1a16',
    categories: [
      '#56b4e9',
      '#f2a65a',
      '#2fc79a',
      '#e59ac4',
      '#e8d44d',
      '#8f9dff',
      '#ff8f6b',
      '#b9a3f0',
      '#b9b2a5',
      '#7fd6a4',
    ],
    ramp: ['#3a2c12', '#ffd08a'],
  },
};

/** Plot's name of a scheme; none for our own. */
export function plotScheme(name: (typeof COLOR_SCHEMES)[number] | undefined): string | undefined {
  return name === undefined || name === 'stagelight' ? undefined : name;
}
