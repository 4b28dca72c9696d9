/** A state as glyph, colour and word: never the colour alone. */
import type { JobView } from '../../engine/fold/state.ts';
import type { RunStatus, StageStatus, TaskStatus } from '../../engine/protocol.ts';

export type AnyState = StageStatus | RunStatus | TaskStatus | JobView['status'];

export interface StateLook {
  glyph: string;
  word: string;
  /** Text colour class. */
  ink: string;
}

const OK = { glyph: '✓', ink: 'text-ok' };
const BAD = { glyph: '✕', ink: 'text-bad' };
const RUN = { glyph: '▶', ink: 'text-run' };
const WAIT = { glyph: '○', ink: 'text-skip' };
const CUT = { glyph: '■', ink: 'text-skip' };

export const STATE_LOOKS: Record<AnyState, StateLook> = {
  pending: { ...WAIT, word: 'pending' },
  queued: { ...WAIT, word: 'queued' },
  active: { ...RUN, word: 'active' },
  running: { ...RUN, word: 'running' },
  complete: { ...OK, word: 'complete' },
  ok: { ...OK, word: 'done' },
  success: { ...OK, word: 'success' },
  succeeded: { ...OK, word: 'succeeded' },
  failed: { ...BAD, word: 'failed' },
  error: { ...BAD, word: 'error' },
  skipped: { glyph: '↷', ink: 'text-skip', word: 'skipped' },
  killed: { ...CUT, word: 'killed' },
  cancelled: { ...CUT, word: 'cancelled' },
  interrupted: { ...CUT, word: 'interrupted' },
  aborted: { ...CUT, word: 'not run' },
};
