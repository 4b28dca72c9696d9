'use client';
/** Everything that was kept of a long output, in a dialog of its own: only the lines in sight are drawn. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { Dialog } from 'radix-ui';
import { useMemo, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { DialogFrame } from '../ui/dialog-frame.tsx';
import { download, fileName } from '../ui/download.ts';
import { formatCount, formatPlural } from '../ui/format.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { plainText } from './ansi.ts';
import { rowsOf } from './output-part.ts';

const ROW_HEIGHT = 20;

function Lines({ text }: { text: string }) {
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const rows = useMemo(() => rowsOf(plainText(text)), [text]);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box,
    estimateSize: () => ROW_HEIGHT,
    overscan: 30,
  });
  return (
    <ScrollBox ref={setBox} aria-label="All lines" className="min-h-0 flex-1 overflow-auto bg-bg">
      <div className="relative font-mono text-[12.5px]" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => (
          <div
            key={index}
            className="absolute flex whitespace-pre leading-5"
            style={{ top: start, height: ROW_HEIGHT }}
          >
            <span aria-hidden="true" className="w-16 shrink-0 select-none pr-3 text-right text-ink-3">
              {index + 1}
            </span>
            <span>{rows[index]}</span>
          </div>
        ))}
      </div>
    </ScrollBox>
  );
}

export interface AllOutputProps {
  text: string;
  /** `Standard output` */
  name: string;
  /** Characters that were not kept. */
  dropped?: number;
}

export function AllOutput({ text, name, dropped = 0 }: AllOutputProps) {
  return (
    <Dialog.Root>
      <Dialog.Trigger asChild>
        <Button size="sm">Open all</Button>
      </Dialog.Trigger>
      <DialogFrame
        onKeyDown={(event) => event.stopPropagation()}
        className="fixed inset-4 z-50 flex flex-col overflow-hidden rounded-lg border border-line bg-surface shadow-pop sm:inset-10"
      >
        <div className="flex flex-wrap items-center gap-2 border-line border-b px-4 py-2">
          <Dialog.Title className="font-semibold">{name}</Dialog.Title>
          <Dialog.Description className="flex-1 text-ink-2 text-xs">
            {formatPlural(text.length, 'character')} kept
            {dropped > 0 && `, ${formatCount(dropped)} not kept where the text says so`}
          </Dialog.Description>
          <Button
            onClick={() =>
              download(
                new Blob([plainText(text)], { type: 'text/plain;charset=utf-8' }),
                fileName(name, 'txt'),
              )
            }
          >
            Save as text
          </Button>
          <Dialog.Close asChild>
            <Button>Close</Button>
          </Dialog.Close>
        </div>
        <Lines text={text} />
      </DialogFrame>
    </Dialog.Root>
  );
}
