/** A phase's colour and pattern as a small square. */
import { type AttemptLook, type PhaseLook, TILE } from './phases.ts';

export function PhaseSwatch({ phase }: { phase: PhaseLook }) {
  return (
    <svg aria-hidden="true" viewBox={`0 0 ${TILE} ${TILE}`} className="size-2.5 shrink-0 rounded-sm">
      <rect width={TILE} height={TILE} fill={`var(${phase.token})`} />
      <path d={phase.pattern} stroke="var(--surface)" strokeOpacity={0.8} fill="none" />
    </svg>
  );
}

/** The phases, and what marks bars that are not the first attempt of their task, when there are such. */
export function PhaseLegend({
  phases,
  attempts,
}: {
  phases: readonly PhaseLook[];
  attempts: readonly AttemptLook[];
}) {
  return (
    <ul aria-label="Phases" className="mt-1.5 flex flex-wrap gap-x-3 gap-y-0.5 text-2xs text-ink-2">
      {phases.map((phase) => (
        <li key={phase.key} className="flex items-center gap-1">
          <PhaseSwatch phase={phase} />
          {phase.label}
        </li>
      ))}
      {attempts.map(({ label, bar, mark }) => (
        <li key={label} className="flex items-center gap-1">
          <svg aria-hidden="true" viewBox="0 0 12 8" className="h-2 w-3 shrink-0">
            <path d={bar} stroke="var(--phase-4)" strokeWidth="4" />
            <path d={mark} stroke="var(--ink)" strokeWidth="3" />
          </svg>
          {label}
        </li>
      ))}
    </ul>
  );
}
