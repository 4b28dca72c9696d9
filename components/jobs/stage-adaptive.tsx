'use client';
/** Why a stage runs otherwise than it was planned: what was measured before it began. */
import type { StageView } from '../../engine/fold/state.ts';
import { ADAPTIVE_WORDS } from './adaptive-plan.ts';

export function StageAdaptive({ stage }: { stage: StageView }) {
  const { adaptive = [] } = stage;
  if (adaptive.length === 0) return null;
  return (
    <ul aria-label="Adaptive execution" className="text-ink-2 text-xs">
      {adaptive.map(({ kind, reason }) => (
        <li key={`${kind} ${reason}`}>
          <span className="font-semibold">{ADAPTIVE_WORDS[kind]}</span>: {reason}
        </li>
      ))}
    </ul>
  );
}
