/** A state as drawn glyph, colour and word: never the colour alone. Drawn, because no bundled font has the glyphs. */
import type { JobView } from '../../engine/fold/state.ts';
import type { RunStatus, StageStatus, TaskStatus } from '../../engine/protocol.ts';

export type AnyState = StageStatus | RunStatus | TaskStatus | JobView['status'];

/** Paths on a 12 px square; filled, or stroked with a line of 1.6. */
export const GLYPHS = {
  check: { path: 'M2.3 6.4 4.9 9l4.8-6', filled: false },
  play: { path: 'M3.4 2.2v7.6L10 6z', filled: true },
  ring: { path: 'M6 2.4a3.6 3.6 0 1 0 0 7.2 3.6 3.6 0 0 0 0-7.2z', filled: false },
  cross: { path: 'M2.8 2.8l6.4 6.4M9.2 2.8 2.8 9.2', filled: false },
  square: { path: 'M3 3h6v6H3z', filled: true },
  skip: { path: 'M1.8 8.6a4.2 4.2 0 0 1 7.7-1.8M9.9 3.4v3.6H6.3', filled: false },
  bang: { path: 'M6 2v4.8M6 9.6v.2', filled: false },
  barred: { path: 'M6 2a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM3.2 8.8l5.6-5.6', filled: false },
  twin: { path: 'M2 4.5v5h5M4.5 2h5.5v5H4.5z', filled: false },
  info: { path: 'M6 5.4v4.2M6 2.4v.2', filled: false },
} as const;

export type GlyphName = keyof typeof GLYPHS;

export interface StateLook {
  glyph: GlyphName;
  word: string;
  /** Text colour class. */
  ink: string;
}

const OK = { glyph: 'check', ink: 'text-ok' } as const;
const BAD = { glyph: 'cross', ink: 'text-bad' } as const;
const RUN = { glyph: 'play', ink: 'text-run' } as const;
const WAIT = { glyph: 'ring', ink: 'text-skip' } as const;
const CUT = { glyph: 'square', ink: 'text-skip' } as const;

export const STATE_LOOKS: Record<AnyState, StateLook> = {
  pending: { ...WAIT, word: 'pending' },
  queued: { ...WAIT, word: 'queued' },
  waiting: { ...WAIT, word: 'waiting' },
  active: { ...RUN, word: 'active' },
  running: { ...RUN, word: 'running' },
  complete: { ...OK, word: 'complete' },
  ok: { ...OK, word: 'done' },
  success: { ...OK, word: 'success' },
  succeeded: { ...OK, word: 'succeeded' },
  failed: { ...BAD, word: 'failed' },
  error: { ...BAD, word: 'error' },
  skipped: { glyph: 'skip', ink: 'text-skip', word: 'skipped' },
  killed: { ...CUT, word: 'killed' },
  cancelled: { ...CUT, word: 'cancelled' },
  interrupted: { ...CUT, word: 'interrupted' },
  aborted: { ...CUT, word: 'not run' },
};
