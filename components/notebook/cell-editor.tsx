'use client';
/**
 * The text of one cell. Near the viewport, or once entered, an editor of the notebook's pool shows it; elsewhere the
 * text itself stands there with the same measures, so that nothing moves.
 */
import type { editor as MonacoApi } from 'monaco-editor/editor';
import { useCallback, useEffect, useRef, useState } from 'react';
import { cellModel } from './cell-models.ts';
import type { EditorHandlers } from './create-editor.ts';
import { CellMarks } from './editor/cell-marks.tsx';
import { CellText } from './editor/cell-text.tsx';
import { shownHeightOf } from './editor/editor-metrics.ts';
import { wrapOf } from './editor/editor-pool.ts';
import { useEditorRoom } from './editor/editor-room.tsx';
import { useErrorLines } from './editor/error-lines.ts';
import { useLineMarks } from './editor/line-marks.ts';
import { inTurn, watchNear } from './editor/near-viewport.ts';
import { usePeerCursors, useTellCursor } from './editor/peer-cursors.ts';
import type { FocusRequest } from './notebook-ui.ts';

export interface LineMark {
  line: number;
  message: string;
}

export interface CellEditorProps extends Omit<EditorHandlers, 'onBlur'> {
  cellId: string;
  /** The text until there is a model of it. */
  value: string;
  language: 'typescript' | 'markdown';
  focus: FocusRequest | undefined;
  errorMarks: readonly LineMark[];
}

type Editor = MonacoApi.IStandaloneCodeEditor;

export function CellEditor(props: CellEditorProps) {
  const { cellId, value, language, label, focus, errorMarks } = props;
  const box = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const near = useRef(false);
  const state = useEditorRoom();
  const room = typeof state === 'object' ? state : undefined;
  const [shown, setShown] = useState(false);

  const giveBack = useCallback(() => {
    room?.pool.give(cellId);
    setShown(false);
  }, [room, cellId]);
  const leave = () => {
    if (!near.current) giveBack();
  };
  const handlers = useRef<EditorHandlers>({ ...props, onBlur: leave });
  handlers.current = { ...props, onBlur: leave };

  const show = useCallback((): Editor | undefined => {
    if (!room || !host.current) return undefined;
    const known = room.pool.editorOf(cellId);
    // The text that the editor takes the place of may have been entered before there was a model to show.
    const entered = !known && box.current?.contains(document.activeElement);
    const editor = known ?? room.pool.take(cellId, host.current, handlers);
    setShown(editor !== undefined);
    if (entered) editor?.focus();
    return editor;
  }, [room, cellId]);

  useEffect(() => {
    if (!box.current || !room) return;
    let cancel: (() => void) | undefined;
    const stop = watchNear(box.current, (isNear) => {
      near.current = isNear;
      cancel?.();
      if (isNear) cancel = inTurn(show);
      else if (room.pool.editorOf(cellId)) {
        cancel = inTurn(() => {
          if (!room.pool.editorOf(cellId)?.hasWidgetFocus()) giveBack();
        });
      }
    });
    return () => {
      stop();
      cancel?.();
      room.pool.give(cellId);
    };
  }, [room, cellId, show, giveBack]);

  const enter = useCallback(
    (at?: { x: number; y: number }) => {
      const editor = show();
      editor?.focus();
      if (!editor || !at) return;
      editor.render(true);
      const target = editor.getTargetAtClientPoint(at.x, at.y);
      if (target?.position) editor.setPosition(target.position);
    },
    [show],
  );

  useEffect(() => {
    if (focus?.target !== 'editor') return;
    const editor = show();
    if (!editor) return;
    editor.focus();
    if (focus.line === undefined) return;
    editor.setPosition({ lineNumber: focus.line, column: focus.column ?? 1 });
    editor.revealLineInCenterIfOutsideViewport(focus.line);
    box.current?.scrollIntoView({ block: 'nearest' });
  }, [show, focus]);

  useEffect(() => {
    if (shown) room?.pool.editorOf(cellId)?.updateOptions({ ariaLabel: label });
  }, [room, cellId, shown, label]);

  useEffect(() => {
    if (shown)
      room?.pool.editorOf(cellId)?.updateOptions({ wordWrapOverride2: wrapOf(language === 'markdown') });
  }, [room, cellId, shown, language]);

  useErrorLines(cellId, errorMarks);
  usePeerCursors(cellId);
  useTellCursor(cellId, shown ? room?.pool.editorOf(cellId) : undefined);

  const marks = useLineMarks(cellId);
  return (
    <div ref={box} className="cell-editor relative">
      <CellMarks marks={marks} editor={shown ? room?.pool.editorOf(cellId) : undefined}>
        <div ref={host} className="cell-host" />
        <CellText
          text={value}
          language={language}
          label={label}
          height={room && cellModel(cellId) ? room.pool.heightOf(cellId, value) : shownHeightOf(value)}
          hidden={shown}
          onEnter={enter}
        />
      </CellMarks>
    </div>
  );
}
