'use client';
/** What the user looks at in the execution panel of one notebook, and what panel and source point out to each other. */
import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { NotebookSession } from '../session/notebook-session.ts';
import { useSession } from '../session/session-context.tsx';

/** By its id, or, as an error names it, by partition and attempt. */
export type ChosenTask = { stageKey: string } & (
  | { taskId: number }
  | { taskId?: undefined; partition: number; attempt: number }
);

export function isChosen(
  chosen: ChosenTask | undefined,
  task: { taskId: number; partition: number; attempt: number },
): boolean {
  if (!chosen) return false;
  if (chosen.taskId !== undefined) return chosen.taskId === task.taskId;
  return chosen.partition === task.partition && chosen.attempt === task.attempt;
}

export interface PanelState {
  /** A chosen run of the selected cell; absent: its latest. */
  run?: { cellId: string | undefined; runId: string };
  /** Stages pointed at in the panel, by key: their source lights up. */
  pointed: readonly string[];
  /** Stages of the operator that holds the cursor in the source, by key: they light up in the panel. */
  underCursor: readonly string[];
  /** A task chosen in the timeline or by its error: its row is shown in the task table. */
  task?: ChosenTask;
  stagesAsTable: boolean;
  lanes: 'executor' | 'partition';
  timelineAsTable: boolean;
  heat: boolean;
  grouped: boolean;
  /** Keys of groups of stages that were opened. */
  open: ReadonlySet<string>;
  maximised: boolean;
  /** On a narrow page the panel is a sheet at the bottom edge. */
  sheetOpen: boolean;
}

export type PanelStore = StoreApi<PanelState>;

const stores = new WeakMap<NotebookSession, PanelStore>();

export function panelStoreOf(session: NotebookSession): PanelStore {
  let store = stores.get(session);
  if (!store) {
    store = createStore<PanelState>(() => ({
      pointed: [],
      underCursor: [],
      stagesAsTable: false,
      lanes: 'executor',
      timelineAsTable: false,
      heat: false,
      grouped: true,
      open: new Set(),
      maximised: false,
      sheetOpen: false,
    }));
    stores.set(session, store);
  }
  return store;
}

export function usePanelStore(): PanelStore {
  return panelStoreOf(useSession());
}

export function usePanel<T>(select: (state: PanelState) => T): T {
  return useStore(usePanelStore(), select);
}

export const sameKeys = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((key, index) => key === b[index]);

/** Notes what is pointed at, without waking anybody when it is the same. */
export function pointAt(store: PanelStore, pointed: readonly string[]): void {
  if (!sameKeys(store.getState().pointed, pointed)) store.setState({ pointed });
}
