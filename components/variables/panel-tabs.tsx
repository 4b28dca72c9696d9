'use client';
/** What the docked panel shows: the execution of jobs, or the variables. Alt+V goes there and back from anywhere. */
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { ExecutionPanel } from '../jobs/execution-panel.tsx';
import { PanelButtons } from '../jobs/panel-buttons.tsx';
import { usePanel, usePanelStore } from '../jobs/panel-store.ts';
import { SheetPeek } from '../jobs/sheet-peek.tsx';
import { useActions, useNotebookUi, useUi } from '../notebook/notebook-context.tsx';
import { type PanelTab, setPanel } from '../notebook/notebook-ui.ts';
import { useSessionState } from '../session/session-context.tsx';
import { useNarrow } from '../ui/use-narrow.ts';
import { VariablesPanel } from './variables-panel.tsx';

const TABS: [PanelTab, string][] = [
  ['execution', 'Execution'],
  ['variables', 'Variables'],
];

const isTabKey = (event: globalThis.KeyboardEvent | KeyboardEvent) =>
  event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.code === 'KeyV';

/** Opens the variables with the focus on their filter; pressed there, goes back to the cell. */
export function useVariablesKey(): void {
  const ui = useNotebookUi();
  const actions = useActions();
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (!isTabKey(event)) return;
      event.preventDefault();
      event.stopPropagation();
      const inside = document.querySelector('#panel-variables')?.contains(document.activeElement);
      const { selectedCellId } = ui.getState();
      if (inside) {
        setPanel(ui, { panelTab: 'execution' });
        if (selectedCellId) actions.select(selectedCellId);
        return;
      }
      setPanel(ui, { panelOpen: true, panelTab: 'variables' });
      requestAnimationFrame(() => document.querySelector<HTMLElement>('#panel-variables input')?.focus());
    };
    window.addEventListener('keydown', onKey, true);
    return () => window.removeEventListener('keydown', onKey, true);
  }, [ui, actions]);
}

export function PanelTabs() {
  const ui = useNotebookUi();
  const actions = useActions();
  const tab = useUi((state) => state.panelTab);
  const count = useSessionState(({ view }) => view?.variables?.total ?? 0);
  const list = useRef<HTMLDivElement>(null);
  // On a narrow page the panel is a sheet: closed, only its head is there.
  const sheetOpen = usePanel((state) => state.sheetOpen);
  const hidden = sheetOpen ? '' : 'max-lg:hidden';
  const isClosedSheet = useNarrow() && !sheetOpen;
  const store = usePanelStore();
  const choose = (next: PanelTab) => {
    store.setState({ sheetOpen: true });
    setPanel(ui, { panelTab: next });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    choose(tab === 'execution' ? 'variables' : 'execution');
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[aria-selected=true]')?.focus());
  };
  return (
    <>
      <div className="sticky top-0 z-10 flex h-10 items-end border-line border-b bg-surface pr-2 pl-3">
        <div
          ref={list}
          role="tablist"
          aria-label="Panel"
          onKeyDown={onKeyDown}
          className="flex flex-1 gap-1 pt-1"
        >
          {TABS.map(([id, title]) => (
            <button
              key={id}
              type="button"
              role="tab"
              id={`tab-${id}`}
              aria-selected={tab === id}
              aria-controls={`panel-${id}`}
              tabIndex={tab === id ? 0 : -1}
              title={id === 'variables' ? 'Variables (Alt+V)' : undefined}
              onClick={() => choose(id)}
              className={`-mb-px h-8 border-b-2 px-2 ${tab === id ? 'border-accent font-semibold text-ink' : 'border-transparent text-ink-2 hover:text-ink'}`}
            >
              {title}
              {id === 'variables' && count > 0 && (
                <span className="ml-1.5 font-normal text-ink-3 tabular-nums">{count}</span>
              )}
            </button>
          ))}
        </div>
        {isClosedSheet && <SheetPeek />}
        <PanelButtons />
      </div>
      {tab === 'execution' ? (
        <div role="tabpanel" id="panel-execution" aria-labelledby="tab-execution" className={hidden}>
          <ExecutionPanel />
        </div>
      ) : (
        <div
          role="tabpanel"
          id="panel-variables"
          className={hidden}
          aria-labelledby="tab-variables"
          onKeyDown={(event) => {
            const { selectedCellId } = ui.getState();
            if (event.key === 'Escape' && selectedCellId) actions.select(selectedCellId);
          }}
        >
          <VariablesPanel />
        </div>
      )}
    </>
  );
}
