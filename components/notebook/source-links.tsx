'use client';
/** Links source and execution: what is pointed at in the panel lights up in the cells, and the cursor's operator in the panel. */
import type { IDisposable, editor as MonacoApi } from 'monaco-editor/editor';
import { useEffect } from 'react';
import type { JobView, StageView } from '../../engine/fold/state.ts';
import { panelStoreOf, sameKeys } from '../jobs/panel-store.ts';
import { Pace } from '../session/pace.ts';
import type { PublishedView } from '../session/published-view.ts';
import { useSession } from '../session/session-context.tsx';
import { useEditorRoom } from './editor/editor-room.tsx';
import { useNotebookUi } from './notebook-context.tsx';
import { revealLine } from './reveal-line.ts';
import { SourceDecorations } from './source-decorations.ts';
import { type OperatorMark, operatorMarks, rangeAt } from './source-marks.ts';

const MARKS_INTERVAL = 400;
const NONE: readonly string[] = [];

/** The stages and jobs of the latest run of every cell. */
function latestRuns(view: PublishedView): { stages: StageView[]; jobs: JobView[] } {
  const jobs = [...view.cells.values()].flatMap((cell) =>
    cell.jobIds.flatMap((jobId) => view.jobs.get(jobId) ?? []),
  );
  const ids = new Set(jobs.map(({ jobId }) => jobId));
  const stages = [...view.stages.values()].filter(({ jobIds }) => jobIds.some((jobId) => ids.has(jobId)));
  return { stages, jobs };
}

export function SourceLinks() {
  const session = useSession();
  const ui = useNotebookUi();
  const state = useEditorRoom();
  const monaco = typeof state === 'object' ? state.monaco : undefined;
  useEffect(() => {
    const panel = panelStoreOf(session);
    const decorations = new SourceDecorations();
    const disposables: IDisposable[] = [];
    let closed = false;

    let marked: { view: PublishedView; marks: OperatorMark[] } | undefined;
    const place = () => {
      const { view } = session.store.getState();
      if (!view || closed) return;
      if (marked?.view !== view) {
        const { stages, jobs } = latestRuns(view);
        marked = { view, marks: operatorMarks(stages, jobs) };
      }
      const ran = new Map<string, string>();
      for (const { cellId, ranSource } of view.cells.values())
        if (ranSource !== undefined) ran.set(cellId, ranSource);
      decorations.place(marked.marks, ran, Date.now());
      decorations.light(panel.getState().pointed);
    };
    const pace = new Pace(MARKS_INTERVAL, place);
    /** While one types, a mark stays at its line. */
    let frame: number | undefined;
    const placeSoon = () => {
      frame ??= requestAnimationFrame(() => {
        frame = undefined;
        place();
      });
    };

    const follow = (editor: MonacoApi.ICodeEditor) => {
      const look = () => {
        const [model, position] = [editor.getModel(), editor.getPosition()];
        const at =
          model && position && editor.hasTextFocus()
            ? rangeAt(decorations.placedIn(model), position.lineNumber, position.column)
            : undefined;
        const underCursor = at?.mark.stageKeys ?? NONE;
        if (!sameKeys(panel.getState().underCursor, underCursor)) panel.setState({ underCursor });
      };
      disposables.push(
        editor.onDidChangeCursorPosition(look),
        editor.onDidFocusEditorText(look),
        editor.onDidBlurEditorText(look),
        editor.onDidChangeModel(() => pace.request()),
        editor.onDidChangeModelContent(placeSoon),
      );
    };

    if (monaco) {
      for (const editor of monaco.editor.getEditors()) follow(editor);
      disposables.push(monaco.editor.onDidCreateEditor(follow));
      pace.request();
    }
    const stops = [
      session.store.subscribe((state, before) => {
        if (state.view !== before.view) pace.request();
      }),
      panel.subscribe((state, before) => {
        if (state.pointed !== before.pointed) decorations.light(state.pointed);
      }),
      ui.subscribe((state, before) => {
        const key = state.selectedStageKey;
        if (key === undefined || key === before.selectedStageKey) return;
        const stage = session.store.getState().view?.stages.get(key);
        const site = stage?.info.rdds.findLast(({ callSite }) => callSite?.cellId !== undefined)?.callSite;
        if (site?.cellId !== undefined) revealLine(site.cellId, site.line);
      }),
    ];
    return () => {
      closed = true;
      pace.stop();
      if (frame !== undefined) cancelAnimationFrame(frame);
      for (const stop of stops) stop();
      for (const disposable of disposables) disposable.dispose();
      decorations.clear();
    };
  }, [session, ui, monaco]);
  return null;
}
