/** A line across the page about something the user should know or do. */
import type { ReactNode } from 'react';
import { Glyph } from './state-glyph.tsx';

const TONES = {
  info: { box: 'border-line bg-raised', glyph: 'info', ink: 'text-ink-2' },
  warn: { box: 'border-run bg-run-soft', glyph: 'bang', ink: 'text-run' },
  bad: { box: 'border-bad bg-bad-soft', glyph: 'cross', ink: 'text-bad' },
} as const;

export interface BannerProps {
  tone: keyof typeof TONES;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}

export function Banner({ tone, title, children, actions }: BannerProps) {
  const { box, glyph, ink } = TONES[tone];
  return (
    <div
      role={tone === 'bad' ? 'alert' : 'status'}
      className={`flex flex-wrap items-center gap-x-3 gap-y-2 border-b px-4 py-2 text-sm ${box}`}
    >
      <span className="flex min-w-0 flex-1 basis-60 gap-3">
        <span className="flex h-5 items-center">
          <Glyph name={glyph} className={ink} />
        </span>
        <span className="min-w-0">
          <strong className="font-semibold text-ink">{title}</strong>
          {children && <span className="text-ink-2"> {children}</span>}
        </span>
      </span>
      {actions && <span className="flex flex-wrap gap-2">{actions}</span>}
    </div>
  );
}
