/** The seven phases by name, colour token and pattern, in the order of TASK_PHASES. */
import type { TASK_PHASES } from '../../engine/protocol.ts';

export interface PhaseLook {
  key: (typeof TASK_PHASES)[number];
  label: string;
  token: string;
  /** Lines on a tile of TILE pixels that tell the phase without its colour; empty: plain. */
  pattern: string;
}

export const TILE = 8;

export const PHASES: readonly PhaseLook[] = [
  {
    key: 'schedulerDelay',
    label: 'Scheduler Delay',
    token: '--phase-1',
    pattern: 'M2 2h1.5M6 6h1.5',
  },
  {
    key: 'executorDeserializeTime',
    label: 'Task Deserialization Time',
    token: '--phase-2',
    pattern: 'M0 4h8',
  },
  {
    key: 'shuffleReadTime',
    label: 'Shuffle Read Time',
    token: '--phase-3',
    pattern: 'M-2 2 2 -2M0 8 8 0M6 10 10 6',
  },
  { key: 'executorComputingTime', label: 'Executor Computing Time', token: '--phase-4', pattern: '' },
  {
    key: 'shuffleWriteTime',
    label: 'Shuffle Write Time',
    token: '--phase-5',
    pattern: 'M-2 6 2 10M0 0 8 8M6 -2 10 2',
  },
  {
    key: 'resultSerializationTime',
    label: 'Result Serialization Time',
    token: '--phase-6',
    pattern: 'M4 0v8',
  },
  {
    key: 'gettingResultTime',
    label: 'Getting Result Time',
    token: '--phase-7',
    pattern: 'M4 0v8M0 4h8',
  },
];

/** Bars of tasks that ran before, and of second copies of slow ones: lines on a swatch of 12 × 8. */
export interface AttemptLook {
  label: string;
  bar: string;
  /** Along the bar: above it, or below. */
  mark: string;
}

export const AGAIN: AttemptLook = { label: 'Again', bar: 'M0 6h12', mark: 'M0 2h3M4.5 2h3M9 2h3' };
export const SPECULATIVE: AttemptLook = {
  label: 'Speculative',
  bar: 'M0 2h12',
  mark: 'M0.5 6.5h2.5M5 6.5h2.5M9.5 6.5h2.5',
};

/** Seven patterns as canvas fills, in the line colour. */
export function phasePatterns(
  context: CanvasRenderingContext2D,
  color: string,
): (CanvasPattern | undefined)[] {
  return PHASES.map(({ pattern }) => {
    if (!pattern) return undefined;
    const tile = context.canvas.ownerDocument.createElement('canvas');
    tile.width = TILE;
    tile.height = TILE;
    const brush = tile.getContext('2d');
    if (!brush) return undefined;
    brush.strokeStyle = color;
    brush.globalAlpha = 0.55;
    brush.stroke(new Path2D(pattern));
    return context.createPattern(tile, 'repeat') ?? undefined;
  });
}
