/** Why a page has nothing to show in its place, and what to do next. */
import type { ErrorData } from '../../engine/protocol.ts';
import { asSentence } from './format.ts';

export function PageError({ error: { message, hint } }: { error: ErrorData }) {
  return (
    <div role="alert" className="border-bad border-l-2 bg-bad-soft px-3 py-2 [overflow-wrap:anywhere]">
      <p className="first-letter:uppercase">{asSentence(message)}</p>
      {hint && <p className="text-ink-2">→ {hint}</p>}
    </div>
  );
}
