'use client';
/** What the kernel is doing, in a word, and what it uses. */
import type { KernelStatus } from '../../engine/protocol.ts';
import { useSessionState } from '../session/session-context.tsx';
import { formatBytes, formatPlural } from '../ui/format.ts';
import { Glyph } from '../ui/state-glyph.tsx';
import type { GlyphName } from '../ui/state-looks.ts';

const LOOKS: Record<KernelStatus, { glyph: GlyphName; ink: string; word: string }> = {
  none: { glyph: 'ring', ink: 'text-skip', word: 'not started' },
  starting: { glyph: 'play', ink: 'text-run', word: 'starting' },
  idle: { glyph: 'check', ink: 'text-ok', word: 'idle' },
  busy: { glyph: 'play', ink: 'text-run', word: 'busy' },
  interrupting: { glyph: 'square', ink: 'text-run', word: 'interrupting' },
  stuck: { glyph: 'bang', ink: 'text-bad', word: 'not answering' },
  dead: { glyph: 'cross', ink: 'text-bad', word: 'dead' },
};

export function KernelChip() {
  const status = useSessionState(({ view }) => view?.kernel.status ?? 'none');
  const running = useSessionState(({ view }) => {
    const at = view?.cellOrder.findIndex((cellId) => view.cells.get(cellId)?.status === 'running') ?? -1;
    return at < 0 ? undefined : at + 1;
  });
  const queued = useSessionState(({ view }) => {
    let count = 0;
    for (const cell of view?.cells.values() ?? []) if (cell.status === 'queued') count += 1;
    return count;
  });
  const isCutOff = useSessionState(
    ({ connected, refused, phase }) => phase === 'ready' && (!connected || refused),
  );
  // Cells are queued at once, the kernel tells that it works a moment later.
  const { glyph, ink, word } = LOOKS[status === 'idle' && queued > 0 ? 'starting' : status];
  if (isCutOff)
    return (
      <span
        role="status"
        aria-label="Kernel"
        className="inline-flex items-center gap-1.5 whitespace-nowrap text-ink-2"
      >
        <Glyph name="bang" className="text-run" />
        <span title="What the kernel does is not known until the server is back">
          <span className="sr-only">Kernel: </span>
          out of reach
        </span>
      </span>
    );
  const doing = status === 'busy' && running !== undefined ? `running cell ${running}` : word;
  return (
    <span
      role="status"
      aria-label="Kernel"
      className="inline-flex items-center gap-1.5 whitespace-nowrap text-ink-2"
    >
      <Glyph name={glyph} className={`${ink} ${status === 'busy' ? 'animate-breathe' : ''}`} />
      <span>
        <span className="sr-only">Kernel: </span>
        {doing}
        {queued > 0 && <span className="sr-only">, {queued} queued</span>}
      </span>
    </span>
  );
}

export function ExecutorsChip() {
  const alive = useSessionState(({ view }) => {
    let count = 0;
    for (const executor of view?.executors.values() ?? []) if (executor.removedAt === undefined) count += 1;
    return count;
  });
  const excluded = useSessionState(({ view }) => {
    let count = 0;
    for (const { removedAt, excluded: why } of view?.executors.values() ?? [])
      if (removedAt === undefined && why) count += 1;
    return count;
  });
  const memory = useSessionState(({ view }) => {
    let sum = 0;
    for (const executor of view?.executors.values() ?? [])
      if (executor.removedAt === undefined) sum += executor.rss;
    return Math.round(sum / 2 ** 20);
  });
  if (alive === 0) return null;
  return (
    <span className="hidden whitespace-nowrap text-ink-2 tabular-nums lg:inline">
      {formatPlural(alive, 'executor')}
      {excluded > 0 && ` · ${excluded} excluded`}
      {memory > 0 && ` · ${formatBytes(memory * 2 ** 20)}`}
    </span>
  );
}
