'use client';
/**
 * Rows and times of a cell's lines: a column to the right of the code, each mark at the height of its line. Where the
 * page is narrow they stand below the code as a list that names the lines. They never cover code.
 */
import type { editor as MonacoApi } from 'monaco-editor/editor';
import { useEffect, useRef, useState } from 'react';
import { CODE_PADDING, LINE_HEIGHT } from './editor-metrics.ts';
import type { LineMark } from './line-marks.ts';

type Editor = MonacoApi.IStandaloneCodeEditor;

/** Where a line stands: undefined while it is folded away, or scrolled out of the editor of a very long text. */
function topOf(editor: Editor | undefined, line: number): number | undefined {
  if (!editor?.getModel()) return CODE_PADDING + (line - 1) * LINE_HEIGHT;
  const top = editor.getTopForLineNumber(line);
  if (line > 1 && top === editor.getTopForLineNumber(line - 1)) return undefined;
  const shown = top - editor.getScrollTop();
  return shown >= 0 && shown + LINE_HEIGHT <= editor.getLayoutInfo().height ? shown : undefined;
}

/** The column is as wide as its longest text needs, in steps, so that counting up does not move the code. */
const STEP = 8;
const WIDEST = 48;

/** A cell at least so wide has room for the column, pixels. */
const ROOM = 560;

export interface CellMarksProps {
  marks: readonly LineMark[];
  /** The editor that shows the text now. */
  editor: Editor | undefined;
}

/** Marks and the code they belong to, which is `children`. */
export function CellMarks({ marks, editor, children }: CellMarksProps & { children: React.ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const [beside, setBeside] = useState(false);
  const some = marks.length > 0;
  // Not by a container query: what contains its layout would hold Monaco's widgets, which stand fixed on the page.
  // Watched before there are marks: to measure when they come would have the whole page laid out in the middle of a run.
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setBeside((entry?.contentRect.width ?? 0) >= ROOM));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={box} className="cell-columns" data-beside={(some && beside) || undefined}>
      <div className="min-w-0 flex-1">{children}</div>
      {some && <MarkList marks={marks} editor={editor} />}
    </div>
  );
}

function MarkList({ marks, editor }: CellMarksProps) {
  const [, setPlaced] = useState(0);
  useEffect(() => {
    const place = () => setPlaced((count) => count + 1);
    // Folding moves lines, and changes the height.
    const listeners = [editor?.onDidContentSizeChange(place), editor?.onDidScrollChange(place)];
    return () => {
      for (const listener of listeners) listener?.dispose();
    };
  }, [editor]);
  const longest = Math.max(...marks.map(({ text }) => text.length));
  const width = Math.min(WIDEST, Math.ceil(longest / STEP) * STEP);
  return (
    <ol
      aria-label="Rows and times by line"
      className="cell-marks"
      style={{ '--marks-width': `${width}ch` } as React.CSSProperties}
    >
      {marks.map(({ line, text, details }) => {
        const top = topOf(editor, line);
        return (
          <li key={line} title={details} hidden={top === undefined} style={{ top }}>
            <span className="cell-mark-line">line {line} </span>
            {text}
          </li>
        );
      })}
    </ol>
  );
}
