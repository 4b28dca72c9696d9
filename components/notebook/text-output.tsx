/** Printed text: a terminal's colours, a bounded height, and a word about what was left out. */
import { memo } from 'react';
import { formatCount } from '../ui/format.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { parseAnsi } from './ansi.ts';

export interface TextOutputProps {
  text: string;
  tone?: 'stdout' | 'stderr' | 'value';
  /** What was left out, in words. */
  note?: string;
}

export const TextOutput = memo(function TextOutput({ text, tone = 'value', note }: TextOutputProps) {
  const runs = parseAnsi(text);
  return (
    <div className={tone === 'stderr' ? 'border-bad border-l-2 bg-bad-soft' : ''}>
      <ScrollBox
        aria-label={tone === 'stderr' ? 'Standard error' : tone === 'stdout' ? 'Standard output' : 'Value'}
        className="max-h-96 overflow-auto whitespace-pre-wrap px-3 font-mono py-2 text-[12.5px] leading-5 [overflow-wrap:anywhere]"
      >
        {runs.map((run, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: runs of one text have no other identity
          <span key={index} className={run.className}>
            {run.text}
          </span>
        ))}
      </ScrollBox>
      {note && <p className="px-3 pb-2 text-ink-3 text-xs">{note}</p>}
    </div>
  );
});

export function droppedNote(dropped: number): string {
  return `${formatCount(dropped)} characters were not kept: the program printed faster or more than is shown.`;
}
