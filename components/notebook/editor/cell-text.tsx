'use client';
/** The text of a cell that has no editor now: coloured, of the same measures, and an editor as soon as it is entered. */
import { memo, useEffect, useState } from 'react';
import { useUi } from '../notebook-context.tsx';
import { LINE_HEIGHT } from './editor-metrics.ts';
import { type EditorRoom, useEditorRoom } from './editor-room.tsx';
import { whenIdle } from './near-viewport.ts';

/** Longer texts stand uncoloured until an editor shows them. */
const MAX_COLOURED = 50_000;

/** Monaco's colours as HTML (every character of the text escaped by it), once they are there for this very text. */
function useColours(room: EditorRoom | undefined, text: string, language: string): string | undefined {
  const [coloured, setColoured] = useState<{ text: string; html: string }>();
  const done = coloured?.text === text;
  useEffect(() => {
    if (!room || done || text.length > MAX_COLOURED) return;
    let current = true;
    const cancel = whenIdle(async () => {
      const html = await room.monaco.editor.colorize(text, language, { tabSize: 2 });
      if (current) setColoured({ text, html });
    });
    return () => {
      current = false;
      cancel();
    };
  }, [room, text, language, done]);
  return done ? coloured.html : undefined;
}

export interface CellTextProps {
  text: string;
  language: string;
  label: string;
  height: number;
  /** An editor shows the text now. */
  hidden: boolean;
  /** The keyboard or a pointer (with its place) came into the text. */
  onEnter: (at?: { x: number; y: number }) => void;
}

export const CellText = memo(function CellText(props: CellTextProps) {
  const { text, language, label, height, hidden, onEnter } = props;
  const state = useEditorRoom();
  const room = typeof state === 'object' ? state : undefined;
  const html = useColours(hidden ? undefined : room, text, language);
  const numbers = useUi((ui) => ui.lineNumbers);
  const lines = numbers ? text.split('\n').map((_line, index) => index + 1) : [];
  return (
    <div
      {...(room && {
        role: 'textbox',
        'aria-multiline': true,
        'aria-label': label,
        // Whoever still holds it when an editor takes its place, and focuses it then, comes into the editor.
        tabIndex: hidden ? -1 : 0,
        'aria-hidden': hidden || undefined,
        onFocus: () => onEnter(),
        onMouseDown: (event: React.MouseEvent) => {
          if (event.button !== 0) return;
          event.preventDefault();
          onEnter({ x: event.clientX, y: event.clientY });
        },
      })}
      data-numbers={numbers || undefined}
      className={`cell-text relative overflow-hidden py-2 font-mono text-[13px] ${language === 'markdown' ? 'whitespace-pre-wrap' : 'whitespace-pre'}`}
      style={{ height, lineHeight: `${LINE_HEIGHT}px` }}
    >
      {numbers && (
        <span aria-hidden="true" className="cell-text-numbers">
          {lines.join('\n')}
        </span>
      )}
      {html === undefined ? (
        <span>{text || ' '}</span>
      ) : (
        // biome-ignore lint/security/noDangerouslySetInnerHtml: made by Monaco from text it escapes
        <span dangerouslySetInnerHTML={{ __html: html }} />
      )}
    </div>
  );
});
