/** The glyph of a state, its word for screen readers, and both where there is room. */
import { type AnyState, STATE_LOOKS } from './state-looks.ts';

export function StateGlyph({ state, showWord = false }: { state: AnyState; showWord?: boolean }) {
  const { glyph, word, ink } = STATE_LOOKS[state];
  const moving = state === 'running' || state === 'active';
  return (
    <span className={`inline-flex items-center gap-1 ${ink}`}>
      <span
        aria-hidden="true"
        className={`inline-block w-3 text-center text-[10px] ${moving ? 'animate-breathe' : ''}`}
      >
        {glyph}
      </span>
      <span className={showWord ? '' : 'sr-only'}>{word}</span>
    </span>
  );
}
