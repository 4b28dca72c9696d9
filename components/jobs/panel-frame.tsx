'use client';
/** Where the panel stands: docked beside the cells, over them, or as a sheet at the lower edge. */
import { type KeyboardEvent, useEffect } from 'react';
import { useNotebookUi, useUi } from '../notebook/notebook-context.tsx';
import { PanelDivider } from '../notebook/panel-divider.tsx';
import { PanelTabs } from '../variables/panel-tabs.tsx';
import { usePanel, usePanelStore } from './panel-store.ts';

export function PanelFrame() {
  const store = usePanelStore();
  const ui = useNotebookUi();
  const panelWidth = useUi((state) => state.panelWidth);
  const maximised = usePanel((state) => state.maximised);
  const sheetOpen = usePanel((state) => state.sheetOpen);

  // Who asks for a job or a stage wants to see it.
  useEffect(
    () =>
      ui.subscribe((state, before) => {
        const asked =
          (state.selectedJobId !== before.selectedJobId && state.selectedJobId !== undefined) ||
          state.panelTab !== before.panelTab ||
          (state.selectedStageKey !== before.selectedStageKey && state.selectedStageKey !== undefined);
        if (asked) store.setState({ sheetOpen: true });
      }),
    [ui, store],
  );

  function leave(event: KeyboardEvent) {
    if (event.key !== 'Escape' || !(maximised || sheetOpen)) return;
    event.preventDefault();
    store.setState({ maximised: false, sheetOpen: false });
  }

  const place = maximised
    ? 'lg:absolute lg:inset-0 lg:z-20'
    : 'lg:w-(--panel-width) lg:max-w-[44vw] lg:shrink-0 xl:max-w-[60vw]';
  return (
    <aside
      id="execution"
      aria-label="Execution"
      onKeyDown={leave}
      style={{ '--panel-width': `${panelWidth}px` } as React.CSSProperties}
      className={`flex bg-surface max-lg:fixed max-lg:inset-x-0 max-lg:bottom-0 max-lg:z-20 max-lg:border-line max-lg:border-t max-lg:shadow-pop ${place}`}
    >
      {!maximised && <PanelDivider />}
      <div
        className={`@container min-w-0 flex-1 scroll-pt-28 overflow-y-auto ${sheetOpen ? 'max-lg:h-[72dvh]' : 'max-lg:h-11 max-lg:overflow-hidden'}`}
      >
        <PanelTabs />
      </div>
    </aside>
  );
}
