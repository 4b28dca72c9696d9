'use client';
/** Marks the lines that a cell's last error names, in its model. */
import { useEffect } from 'react';
import type { LineMark } from '../cell-editor.tsx';
import { onCellModel } from '../cell-models.ts';

export function useErrorLines(cellId: string, marks: readonly LineMark[]): void {
  useEffect(() => {
    if (marks.length === 0) return;
    let clear = () => {};
    const stop = onCellModel(cellId, (model) => {
      if (!model) return;
      const ids = model.deltaDecorations(
        [],
        marks.map(({ line, message }) => ({
          range: { startLineNumber: line, startColumn: 1, endLineNumber: line, endColumn: 1 },
          options: {
            isWholeLine: true,
            className: 'cell-error-line',
            linesDecorationsClassName: 'cell-error-bar',
            hoverMessage: { value: message.replace(/[\\`*_{}[\]()#+\-.!<>|]/g, '\\$&') },
          },
        })),
      );
      clear = () => {
        if (!model.isDisposed()) model.deltaDecorations(ids, []);
      };
    });
    return () => {
      stop();
      clear();
    };
  }, [cellId, marks]);
}
