/** The glyph of a state, its word for screen readers, and both where there is room. */
import { type AnyState, GLYPHS, type GlyphName, STATE_LOOKS } from './state-looks.ts';

export function Glyph({ name, className = '' }: { name: GlyphName; className?: string }) {
  const { path, filled } = GLYPHS[name];
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 12 12"
      className={`inline-block size-3 shrink-0 ${className}`}
      fill={filled ? 'currentColor' : 'none'}
      stroke={filled ? 'none' : 'currentColor'}
      strokeWidth={1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={path} />
    </svg>
  );
}

export function StateGlyph({ state, showWord = false }: { state: AnyState; showWord?: boolean }) {
  const { glyph, word, ink } = STATE_LOOKS[state];
  const moving = state === 'running' || state === 'active';
  return (
    <span className={`inline-flex items-center gap-1 ${ink}`}>
      <Glyph name={glyph} className={moving ? 'animate-breathe' : ''} />
      <span className={showWord ? '' : 'sr-only'}>{word}</span>
    </span>
  );
}
