'use client';
/** Monaco, the cells' models and the pool of editors of the open notebook, for the components below. */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react';
import { Attempts } from '../../session/attempts.ts';
import { useSession } from '../../session/session-context.tsx';
import { useTheme } from '../../theme/use-theme.ts';
import { CellModels } from '../cell-models.ts';
import { loadMonaco, type Monaco, onWorkerFailure } from '../monaco.ts';
import { editorTheme } from '../monaco-theme.ts';
import { useActions, useNotebookUi, useUi } from '../notebook-context.tsx';
import { CellTypes } from './cell-types.ts';
import { cellIdOf } from './cell-uri.ts';
import { EditorPool } from './editor-pool.ts';

/** So often a worker may fail to load before that is said: a server that has just started may lack it for a moment. */
const FAILURES_SAID = 4;
const WORKER_MISSING = {
  message: 'A part of the editor could not be loaded',
  hint: 'Cells run and are saved as ever, but completion and types may be missing. It is tried again; if that does not help, reload the page.',
};

export interface EditorRoom {
  monaco: Monaco;
  models: CellModels;
  pool: EditorPool;
  types: CellTypes;
}

type RoomState = 'loading' | 'failed' | EditorRoom;

const RoomContext = createContext<RoomState>('loading');
const TryAgainContext = createContext<() => void>(() => undefined);

export function EditorRoomProvider({ children }: { children: ReactNode }) {
  const session = useSession();
  const ui = useNotebookUi();
  const actions = useActions();
  const theme = useTheme();
  const [state, setState] = useState<RoomState>('loading');
  const attempts = useRef<Attempts>(undefined);

  useEffect(() => {
    let current = true;
    let close: (() => void) | undefined;
    const loading = new Attempts(
      async () => {
        const monaco = await loadMonaco();
        if (!current) return;
        const models = new CellModels(monaco, session);
        const pool = new EditorPool(monaco, models);
        const isShown = (cellId: string) => pool.editorOf(cellId) !== undefined;
        const onBegin = () => pool.showLightbulbs();
        const types = new CellTypes({ monaco, session, ui, models, isShown, onBegin });
        pool.warm();
        models.start();
        types.start();
        // Going to a definition in another cell.
        const opener = monaco.editor.registerEditorOpener({
          openCodeEditor(_from, resource, place) {
            const cellId = cellIdOf(resource.toString());
            if (!cellId) return false;
            const [line, column] =
              place && 'startLineNumber' in place
                ? [place.startLineNumber, place.startColumn]
                : [place?.lineNumber ?? 1, place?.column ?? 1];
            actions.edit(cellId, { line, column });
            return true;
          },
        });
        close = () => {
          opener.dispose();
          types.stop();
          pool.dispose();
          models.stop();
        };
        setState({ monaco, models, pool, types });
      },
      (error) => {
        console.error(error);
        setState('failed');
      },
    );
    attempts.current = loading;
    let isSaid = false;
    const stopWatching = onWorkerFailure((times) => {
      // Without a connection that is said already, and why.
      if (isSaid || times < FAILURES_SAID || !session.store.getState().connected) return;
      isSaid = true;
      session.notify(WORKER_MISSING);
    });
    // Parts of the editor that the server was away for.
    const stopListening = session.store.subscribe((now, before) => {
      if (now.connected && !before.connected) loading.hurry();
    });
    return () => {
      current = false;
      loading.stop();
      stopListening();
      stopWatching();
      setState('loading');
      close?.();
    };
  }, [session, ui, actions]);

  const lineNumbers = useUi((each) => each.lineNumbers);
  useEffect(() => {
    if (typeof state === 'object') state.pool.showLineNumbers(lineNumbers);
  }, [state, lineNumbers]);

  useEffect(() => {
    if (typeof state === 'object') state.monaco.editor.setTheme(editorTheme(theme));
  }, [state, theme]);

  const tryAgain = useCallback(() => attempts.current?.hurry(), []);
  return (
    <TryAgainContext.Provider value={tryAgain}>
      <RoomContext.Provider value={state}>{children}</RoomContext.Provider>
    </TryAgainContext.Provider>
  );
}

/** Tries to load the editors now: where they `failed`, that happens by itself sooner or later. */
export function useLoadAgain(): () => void {
  return useContext(TryAgainContext);
}

/** `loading` until Monaco is there, `failed` when it could not be loaded so far. */
export function useEditorRoom(): RoomState {
  return useContext(RoomContext);
}
