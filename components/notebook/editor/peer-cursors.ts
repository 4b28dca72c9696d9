'use client';
/** The cursors and selections of others in a cell's text, and where one's own are, told to them. */
import type { editor as MonacoApi } from 'monaco-editor/editor';
import { useEffect, useRef } from 'react';
import { usePresence, usePresenceState } from '../../presence/presence-context.tsx';
import { useSessionState } from '../../session/session-context.tsx';
import { cellModel, onCellModel } from '../cell-models.ts';
import { peerFlag } from './peer-flag.ts';

type Model = MonacoApi.ITextModel;

/** Decorations go along with the text while their owner's next message is on its way. */
export function usePeerCursors(cellId: string): void {
  const others = usePresenceState((state) => state.others);
  useEffect(() => {
    let ids: string[] = [];
    let model: Model | undefined;
    const here = [...others.values()].filter((other) => other.cellId === cellId && other.range);
    if (here.length === 0) return;
    const decorations = here.flatMap(({ name, colour, range }): MonacoApi.IModelDeltaDecoration[] => {
      const { startLine, startColumn, endLine, endColumn } = range!;
      const whole = {
        startLineNumber: startLine,
        startColumn,
        endLineNumber: endLine,
        endColumn,
      };
      const caret = { ...whole, startLineNumber: endLine, startColumn: endColumn };
      const hoverMessage = { value: name.replace(/[\\`*_{}[\]()#+\-.!<>|]/g, '\\$&') };
      return [
        { range: whole, options: { className: `peer-selection peer-${colour}`, hoverMessage } },
        {
          range: caret,
          options: { beforeContentClassName: `peer-caret peer-${colour} ${peerFlag(name)}`, hoverMessage },
        },
      ];
    });
    const stop = onCellModel(cellId, (next) => {
      model = next;
      ids = next ? next.deltaDecorations([], decorations) : [];
    });
    return () => {
      stop();
      if (model && !model.isDisposed()) model.deltaDecorations(ids, []);
    };
  }, [cellId, others]);
}

/** While `editor` shows the cell, its selection is told to the others. */
export function useTellCursor(cellId: string, editor: MonacoApi.IStandaloneCodeEditor | undefined): void {
  const presence = usePresence();
  const told = useRef<() => void>(undefined);
  const sent = useSessionState(({ drafts }) => !drafts.has(cellId));
  // What was told while typing came before the text it belongs to, which then pushed the place along.
  useEffect(() => {
    if (sent) told.current?.();
  }, [sent]);
  useEffect(() => {
    if (!editor) return;
    const tell = () => {
      const selection = editor.getSelection();
      if (!selection || !editor.hasTextFocus() || editor.getModel() !== cellModel(cellId)) return;
      presence.at({
        cellId,
        range: {
          startLine: selection.startLineNumber,
          startColumn: selection.startColumn,
          endLine: selection.endLineNumber,
          endColumn: selection.endColumn,
        },
      });
    };
    const listeners = [editor.onDidChangeCursorSelection(tell), editor.onDidFocusEditorText(tell)];
    tell();
    told.current = tell;
    return () => {
      told.current = undefined;
      for (const listener of listeners) listener.dispose();
    };
  }, [cellId, editor, presence]);
}
