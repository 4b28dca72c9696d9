'use client';
/** The actions and the selection of the open notebook, for the components below. */
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useSession } from '../session/session-context.tsx';
import { NotebookActions } from './notebook-actions.ts';
import { createNotebookUi, type NotebookUi, type NotebookUiState, restorePanel } from './notebook-ui.ts';

const NotebookContext = createContext<{ ui: NotebookUi; actions: NotebookActions } | undefined>(undefined);

export function NotebookProvider({ children }: { children: ReactNode }) {
  const session = useSession();
  const [value] = useState(() => {
    const ui = createNotebookUi();
    return { ui, actions: new NotebookActions(session, ui) };
  });
  useEffect(() => restorePanel(value.ui), [value]);
  return <NotebookContext.Provider value={value}>{children}</NotebookContext.Provider>;
}

function useNotebook() {
  const value = useContext(NotebookContext);
  if (!value) throw new Error('the notebook hooks need a NotebookProvider above them');
  return value;
}

export function useActions(): NotebookActions {
  return useNotebook().actions;
}

export function useNotebookUi(): NotebookUi {
  return useNotebook().ui;
}

export function useUi<T>(select: (state: NotebookUiState) => T): T {
  return useStore(useNotebook().ui, select);
}
