/** Printed text: a terminal's colours, a bounded height, its beginning and end, and the way to all of it. */
import { memo } from 'react';
import { formatCount } from '../ui/format.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { AllOutput } from './all-output.tsx';
import { parseAnsi } from './ansi.ts';
import { partOf, type TextPart } from './output-part.ts';

const NAMES = { stdout: 'Standard output', stderr: 'Standard error', value: 'Value' } as const;

export interface TextOutputProps {
  text: string;
  tone?: keyof typeof NAMES;
  /** What was left out, in words. */
  note?: string;
  /** Characters that were not kept. */
  dropped?: number;
}

function Runs({ text }: { text: string }) {
  return parseAnsi(text).map((run, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: runs of one text have no other identity
    <span key={index} className={run.className} style={run.style}>
      {run.text}
    </span>
  ));
}

function cutWords(cut: NonNullable<TextPart['cut']>): string {
  const { lines, shownLines, characters, shownCharacters } = cut;
  return cut.unit === 'lines'
    ? `showing ${formatCount(shownLines)} of ${formatCount(lines)} lines`
    : `showing ${formatCount(shownCharacters)} of ${formatCount(characters)} characters`;
}

export const TextOutput = memo(function TextOutput({ text, tone = 'value', note, dropped }: TextOutputProps) {
  const { head, cut } = partOf(text);
  return (
    <div className={tone === 'stderr' ? 'border-bad border-l-2 bg-bad-soft' : ''}>
      <ScrollBox
        aria-label={NAMES[tone]}
        className="max-h-96 overflow-auto whitespace-pre-wrap px-3 font-mono py-2 text-[12.5px] leading-5 [overflow-wrap:anywhere]"
      >
        <Runs text={head} />
        {cut && (
          <>
            <span className="my-1 block border-line border-y border-dashed text-center text-ink-3 text-xs">
              {cutWords(cut)}
            </span>
            <Runs text={cut.tail} />
          </>
        )}
      </ScrollBox>
      {(note || cut) && (
        <div className="flex flex-wrap items-center gap-2 px-3 pb-2 text-ink-3 text-xs">
          <span>{[cut && cutWords(cut), note].filter(Boolean).join(' · ')}</span>
          {cut && <AllOutput text={text} name={NAMES[tone]} dropped={dropped} />}
        </div>
      )}
    </div>
  );
});

export function droppedNote(dropped: number): string {
  return `${formatCount(dropped)} characters were not kept: the program printed faster or more than is shown.`;
}
