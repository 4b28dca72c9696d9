'use client';
/** One cell: its editor or rendered markdown, its status, its jobs, its outputs. A region named "Cell 2". */
import { memo, useCallback, useEffect, useMemo, useRef } from 'react';
import type { CellView } from '../../engine/fold/state.ts';
import { JobStrip } from '../jobs/job-strip.tsx';
import { CellPeers } from '../presence/presence-list.tsx';
import { useCell, useSessionState } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { CellConflict } from './cell-conflict.tsx';
import { CellEditor, type LineMark } from './cell-editor.tsx';
import { CellOutputs } from './cell-outputs.tsx';
import { CellStatus } from './cell-status.tsx';
import { CellToolbar } from './cell-toolbar.tsx';
import { FoldedOutputs, FoldedSource } from './cells/folded.tsx';
import { MarkdownText } from './markdown-text.tsx';
import { useActions, useUi } from './notebook-context.tsx';

const NO_MARKS: readonly LineMark[] = [];

/** The lines of this cell that its last error names; forgotten as soon as the text is another. */
function useErrorMarks(cell: CellView | undefined, source: string): readonly LineMark[] {
  return useMemo(() => {
    if (!cell || cell.ranSource !== source) return NO_MARKS;
    const marks: LineMark[] = [];
    for (const output of cell.outputs) {
      if (output.kind !== 'error') continue;
      for (let error: typeof output.error | undefined = output.error; error; error = error.cause) {
        const { position } = error;
        if (position?.cellId === cell.cellId) marks.push({ line: position.line, message: error.message });
      }
    }
    return marks.length > 0 ? marks : NO_MARKS;
  }, [cell, source]);
}

export interface CellProps {
  cellId: string;
  index: number;
  last: boolean;
  /** One of several selected cells. */
  marked: boolean;
}

export const Cell = memo(function Cell({ cellId, index, last, marked }: CellProps) {
  const actions = useActions();
  const cell = useCell(cellId);
  const draft = useSessionState((state) => state.drafts.get(cellId));
  const selected = useUi((ui) => ui.selectedCellId === cellId);
  const editing = useUi((ui) => ui.selectedCellId === cellId && ui.mode === 'edit');
  const focus = useUi((ui) => (ui.focus?.cellId === cellId ? ui.focus : undefined));
  const element = useRef<HTMLElement>(null);
  const source = draft?.source ?? cell?.source ?? '';
  const errorMarks = useErrorMarks(cell, source);

  useEffect(() => {
    if (focus?.target !== 'cell' || !element.current) return;
    element.current.focus({ preventScroll: true });
    element.current.scrollIntoView({ block: 'nearest' });
  }, [focus]);

  const leave = useCallback(() => actions.select(cellId), [actions, cellId]);

  if (!cell) return null;
  const name = `cell ${index + 1}`;
  const markdown = cell.kind === 'markdown';
  const running = cell.status === 'running';
  const sourceHidden = cell.collapsed?.source === true && !editing;
  const editor = (
    <CellEditor
      cellId={cellId}
      value={source}
      language={markdown ? 'markdown' : 'typescript'}
      label={`${markdown ? 'Markdown' : 'Code'} of ${name}. Escape leaves the editor.`}
      focus={focus}
      errorMarks={errorMarks}
      onFocus={() => actions.entered(cellId, 'edit')}
      onEscape={leave}
      onLeave={(offset) => actions.leaveEditor(cellId, offset)}
    />
  );
  return (
    <section
      ref={element}
      aria-label={`Cell ${index + 1}`}
      data-cell-id={cellId}
      data-selected={selected || undefined}
      data-marked={marked || undefined}
      tabIndex={selected ? 0 : -1}
      onFocus={(event) => {
        if (event.target === event.currentTarget) actions.entered(cellId, 'command');
      }}
      onPointerDown={(event) => {
        // Menus and popovers of a cell lie elsewhere on the page.
        if (!element.current?.contains(event.target as Element)) return;
        const inEditor = (event.target as Element).closest('.cell-editor') !== null;
        if (event.shiftKey && !(inEditor && editing)) {
          // No selection of text from cell to cell.
          event.preventDefault();
          actions.cells.extendTo(cellId);
          return;
        }
        // The toolbar acts on the whole selection; a press elsewhere ends it.
        if (!(event.target as Element).closest('[role=toolbar]')) actions.cells.collapseSelection();
        if (!inEditor) actions.entered(cellId, editing && markdown ? 'edit' : 'command');
      }}
      className="group/cell relative grid grid-cols-[28px_minmax(0,1fr)] gap-x-2 rounded-lg outline-none data-[marked]:bg-accent-soft data-[marked]:shadow-[0_0_0_6px_var(--accent-soft)] sm:grid-cols-[40px_minmax(0,1fr)]"
    >
      <div className="flex flex-col items-end pt-1.5 text-ink-3">
        {!markdown && (
          <Button
            variant="quiet"
            size="sm"
            aria-label={running ? `Interrupt ${name}` : `Run ${name} and stay`}
            title={running ? 'Interrupt (I I)' : 'Run (Ctrl+Enter)'}
            className={running ? 'text-run' : ''}
            onClick={() => (running ? actions.interrupt() : actions.run(cellId))}
          >
            <Icon name={running ? 'stop' : 'run'} />
          </Button>
        )}
        {!markdown && cell.executionCount !== undefined && (
          <span
            className="min-w-6 whitespace-nowrap text-center font-mono text-2xs"
            title={`Run number ${cell.executionCount} of this kernel`}
          >
            <span className="sr-only">Execution </span>[{cell.executionCount}]
          </span>
        )}
        {marked && <span className="sr-only">selected</span>}
      </div>
      <div className="relative min-w-0">
        <CellPeers cellId={cellId} />
        <CellToolbar
          cellId={cellId}
          name={name}
          kind={cell.kind}
          index={index}
          last={last}
          hasOutputs={cell.outputs.length > 0}
          editingMarkdown={markdown && editing}
          visible={selected}
          collapsed={cell.collapsed}
          several={marked}
        />
        {sourceHidden ? (
          <FoldedSource source={source} name={name} onShow={() => actions.cells.collapse(cellId, 'source')} />
        ) : markdown && !editing ? (
          // biome-ignore lint/a11y/noStaticElementInteractions: Enter on the cell and the Edit button do the same
          <div
            onDoubleClick={() => actions.edit(cellId)}
            className={`min-h-8 rounded-lg border px-3 py-1 ${selected ? 'border-accent' : 'border-transparent'}`}
          >
            {source.trim() ? (
              <MarkdownText text={source} />
            ) : (
              <p className="text-ink-3 italic">Empty text. Enter edits it.</p>
            )}
          </div>
        ) : (
          <div
            className={`rounded-lg border bg-surface ${
              selected ? `border-accent ${editing ? 'shadow-[0_0_0_1px_var(--accent)]' : ''}` : 'border-line'
            }`}
          >
            {editor}
          </div>
        )}
        {draft?.conflict && <CellConflict cellId={cellId} name={name} theirs={cell.source} />}
        {!markdown && (
          <div className="flex flex-wrap items-center gap-x-4 gap-y-0.5 px-0.5 pt-1 text-ink-2 text-xs empty:hidden">
            <CellStatus cell={cell} source={source} name={name} />
            <JobStrip jobIds={cell.jobIds} name={name} going={running} />
          </div>
        )}
        {!markdown && cell.collapsed?.outputs ? (
          <FoldedOutputs
            count={cell.outputs.length}
            name={name}
            onShow={() => actions.cells.collapse(cellId, 'outputs')}
          />
        ) : (
          !markdown && (
            <CellOutputs outputs={cell.outputs} dropped={cell.outputDropped} name={name} cellId={cellId} />
          )
        )}
      </div>
    </section>
  );
});
