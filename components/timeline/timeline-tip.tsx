/** What a bar of the timeline says when pointed at. */
import { formatDuration } from '../ui/format.ts';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { PhaseSwatch } from './phase-swatch.tsx';
import { PHASES } from './phases.ts';
import { sliceState, type TimelineSlice } from './time-scale.ts';
import { sliceName } from './timeline-table.tsx';

export interface Tip {
  x: number;
  y: number;
  lane: string;
  slice: TimelineSlice;
  /** Why the bar is not the first of its partition. */
  again?: string | undefined;
}

/** The same in a sentence, for who cannot see the bar. */
export function tipText({ slice, lane, again }: Omit<Tip, 'x' | 'y'>, origin: number): string {
  const phases = PHASES.flatMap(({ label }, index) => {
    const time = slice.phases[index] ?? 0;
    return time > 0 ? [`${label} ${formatDuration(time)}`] : [];
  });
  return [
    sliceName(slice),
    sliceState(slice),
    ...(again ? [again] : []),
    lane,
    `at ${formatDuration(slice.start - origin)} for ${formatDuration(slice.end - slice.start)}`,
    ...phases,
  ].join(', ');
}

export function TimelineTip({ tip, width, origin }: { tip: Tip; width: number; origin: number }) {
  const { slice, lane, again } = tip;
  const leftSide = tip.x > width / 2;
  return (
    <div
      role="tooltip"
      style={{ top: tip.y + 12, ...(leftSide ? { right: width - tip.x + 8 } : { left: tip.x + 8 }) }}
      className="pointer-events-none absolute z-20 w-60 rounded-lg border border-line bg-surface p-2 text-xs shadow-pop"
    >
      <p className="flex justify-between gap-2 font-semibold">
        {sliceName(slice)}
        <span className="font-normal">
          <StateGlyph state={sliceState(slice)} showWord />
        </span>
      </p>
      <p className="mb-1 text-ink-2">
        {again && <strong className="font-medium text-ink">{again} · </strong>}
        {lane} · at {formatDuration(slice.start - origin)} for {formatDuration(slice.end - slice.start)}
      </p>
      <dl className="grid grid-cols-[auto_1fr_auto] items-center gap-x-1.5">
        {PHASES.map((phase, index) =>
          (slice.phases[index] ?? 0) > 0 ? (
            <div key={phase.key} className="contents">
              <PhaseSwatch phase={phase} />
              <dt className="text-ink-2">{phase.label}</dt>
              <dd className="text-right tabular-nums">{formatDuration(slice.phases[index] ?? 0)}</dd>
            </div>
          ) : null,
        )}
      </dl>
    </div>
  );
}
