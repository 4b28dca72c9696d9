/** What the user looks at in one notebook: selection, mode, the panel. Never leaves the browser. */
import { createStore, type StoreApi } from 'zustand/vanilla';

export interface FocusRequest {
  cellId: string;
  target: 'cell' | 'editor';
  line?: number;
  column?: number;
  /** Grows with every request, so that the same place can be asked for twice. */
  tick: number;
}

export interface NotebookUiState {
  selectedCellId?: string;
  /** Where a selection of several cells began; it reaches to the selected one. */
  anchorCellId?: string | undefined;
  /** Cells on their way to another place, and the gap they would be dropped into (0: above the first). */
  drag?: { cellIds: readonly string[]; gap: number } | undefined;
  /** `edit`: keys type into the selected cell's editor. `command`: keys act on cells. */
  mode: 'command' | 'edit';
  focus?: FocusRequest;
  selectedJobId?: number;
  /** `StageView.key` */
  selectedStageKey?: string;
  /** What lies over the page and takes all keys. */
  dialog?: 'palette' | 'keys' | undefined;
  /** The search across cells is open; `tick` grows with every request. */
  find?: { replace: boolean; seed?: string; tick: number } | undefined;
  lineNumbers: boolean;
  panelOpen: boolean;
  panelWidth: number;
  panelTab: PanelTab;
}

export type PanelTab = 'execution' | 'variables';

export type NotebookUi = StoreApi<NotebookUiState>;

const PANEL_KEY = 'stagelight:panel';
export const PANEL_WIDTH = { least: 360, usual: 512, most: 960 };

export function createNotebookUi(): NotebookUi {
  const ui = createStore<NotebookUiState>(() => ({
    mode: 'command',
    lineNumbers: false,
    panelOpen: true,
    panelWidth: PANEL_WIDTH.usual,
    panelTab: 'execution',
  }));
  return ui;
}

/** Restores the panel's size after the first render, so that server and browser render the same at first. */
export function restorePanel(ui: NotebookUi): void {
  try {
    const stored = JSON.parse(localStorage.getItem(PANEL_KEY) ?? 'null') as Partial<NotebookUiState> | null;
    if (typeof stored?.panelOpen === 'boolean') ui.setState({ panelOpen: stored.panelOpen });
    if (stored?.panelTab === 'variables') ui.setState({ panelTab: 'variables' });
    if (typeof stored?.panelWidth === 'number') ui.setState({ panelWidth: clampPanel(stored.panelWidth) });
  } catch {
    // Nothing stored, or storage forbidden: the usual size stays.
  }
}

export function clampPanel(width: number): number {
  return Math.round(Math.min(PANEL_WIDTH.most, Math.max(PANEL_WIDTH.least, width)));
}

export function setPanel(
  ui: NotebookUi,
  change: Partial<Pick<NotebookUiState, 'panelOpen' | 'panelWidth' | 'panelTab'>>,
): void {
  ui.setState(change);
  const { panelOpen, panelWidth, panelTab } = ui.getState();
  try {
    localStorage.setItem(PANEL_KEY, JSON.stringify({ panelOpen, panelWidth, panelTab }));
  } catch {
    // The size then lasts until the page is closed.
  }
}
