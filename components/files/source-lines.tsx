'use client';
/** Lines of a text with their numbers, one of them marked. Of a very long text some thousands, those around the mark. */
import { useEffect, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { formatCount } from '../ui/format.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';

/** A browser lays out so many at once without a pause that anyone notices. */
export const LINES_SHOWN = 1000;

/** The first line shown, from 0: the marked one (from 1; 0: none) stands in the middle where there are lines enough. */
export function firstShown(total: number, line: number): number {
  return Math.max(0, Math.min(total - LINES_SHOWN, line - 1 - LINES_SHOWN / 2));
}

export interface SourceLinesProps {
  lines: readonly string[];
  /** Counted from 1; 0: none is marked. */
  line: number;
  column: number;
}

/** Goes to the marked line once, when it is made. */
export function SourceLines({ lines, line, column }: SourceLinesProps) {
  const marked = useRef<HTMLLIElement>(null);
  const [asked, setFrom] = useState(() => firstShown(lines.length, line));
  // The file may have become shorter.
  const from = Math.min(asked, Math.max(0, lines.length - 1));
  useEffect(() => {
    marked.current?.focus({ preventScroll: true });
    marked.current?.scrollIntoView({ block: 'center' });
    // In a long line the column may be far to the right.
    marked.current?.querySelector('mark')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, []);
  const to = Math.min(lines.length, from + LINES_SHOWN);
  const parts = lines.length > LINES_SHOWN && (
    <p className="my-2 flex flex-wrap items-center gap-2 text-ink-2">
      <span className="tabular-nums">
        Lines {formatCount(from + 1)} to {formatCount(to)} of {formatCount(lines.length)}
      </span>
      <Button size="sm" disabled={from === 0} onClick={() => setFrom(Math.max(0, from - LINES_SHOWN))}>
        Earlier lines
      </Button>
      <Button size="sm" disabled={to === lines.length} onClick={() => setFrom(to)}>
        Later lines
      </Button>
    </p>
  );
  return (
    <>
      {parts}
      <ScrollBox aria-label="Text of the file" className="source-lines">
        <ol aria-label="Lines" style={{ counterReset: `line ${from}` }}>
          {lines.slice(from, to).map((content, index) => {
            const number = from + index + 1;
            const isMarked = number === line;
            return (
              <li
                key={number}
                ref={isMarked ? marked : undefined}
                {...(isMarked && { tabIndex: -1, 'aria-current': 'location', 'aria-label': `Line ${line}` })}
              >
                <code>
                  {isMarked && column > 0 ? <AtColumn content={content} column={column} /> : content || ' '}
                </code>
              </li>
            );
          })}
        </ol>
      </ScrollBox>
      {parts}
    </>
  );
}

/** The line with the sign at the column marked. */
function AtColumn({ content, column }: { content: string; column: number }) {
  const end = content.slice(column - 1).search(/[^\p{ID_Continue}$]/u);
  const to = end < 0 ? content.length : column - 1 + Math.max(1, end);
  return (
    <>
      {content.slice(0, column - 1)}
      <mark>{content.slice(column - 1, to) || ' '}</mark>
      {content.slice(to)}
    </>
  );
}
