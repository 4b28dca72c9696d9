/** A phase's colour and pattern as a small square. */
import { type PhaseLook, TILE } from './phases.ts';

export function PhaseSwatch({ phase }: { phase: PhaseLook }) {
  return (
    <svg aria-hidden="true" viewBox={`0 0 ${TILE} ${TILE}`} className="size-2.5 shrink-0 rounded-sm">
      <rect width={TILE} height={TILE} fill={`var(${phase.token})`} />
      <path d={phase.pattern} stroke="var(--surface)" strokeOpacity={0.8} fill="none" />
    </svg>
  );
}

/** `again`: some of the bars are of tasks that ran before; `copies`: some are second copies of slow tasks. */
export function PhaseLegend({
  phases,
  again,
  copies,
}: {
  phases: readonly PhaseLook[];
  again: boolean;
  copies: boolean;
}) {
  return (
    <ul aria-label="Phases" className="mt-1.5 flex flex-wrap gap-x-3 gap-y-0.5 text-2xs text-ink-2">
      {phases.map((phase) => (
        <li key={phase.key} className="flex items-center gap-1">
          <PhaseSwatch phase={phase} />
          {phase.label}
        </li>
      ))}
      {again && (
        <li className="flex items-center gap-1">
          <svg aria-hidden="true" viewBox="0 0 12 8" className="h-2 w-3 shrink-0">
            <path d="M0 2h3M4.5 2h3M9 2h3" stroke="var(--ink)" strokeWidth="3" />
            <path d="M0 6h12" stroke="var(--phase-4)" strokeWidth="4" />
          </svg>
          Again
        </li>
      )}
      {copies && (
        <li className="flex items-center gap-1">
          <svg aria-hidden="true" viewBox="0 0 12 8" className="h-2 w-3 shrink-0">
            <path d="M0 2h12" stroke="var(--phase-4)" strokeWidth="4" />
            <path d="M0.5 6.5h2.5M5 6.5h2.5M9.5 6.5h2.5" stroke="var(--ink)" strokeWidth="3" />
          </svg>
          Speculative
        </li>
      )}
    </ul>
  );
}
