'use client';
/** The line between cells and execution panel: dragged, or moved with the arrow keys. */
import type { KeyboardEvent, PointerEvent } from 'react';
import { useNotebookUi, useUi } from './notebook-context.tsx';
import { clampPanel, PANEL_WIDTH, setPanel } from './notebook-ui.ts';

const STEP = 32;

export function PanelDivider() {
  const ui = useNotebookUi();
  const width = useUi((state) => state.panelWidth);

  function drag(event: PointerEvent<HTMLHRElement>) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    ui.setState({ panelWidth: clampPanel(window.innerWidth - event.clientX) });
  }

  function move(event: KeyboardEvent) {
    const change = event.key === 'ArrowLeft' ? STEP : event.key === 'ArrowRight' ? -STEP : 0;
    if (change === 0) return;
    event.preventDefault();
    setPanel(ui, { panelWidth: clampPanel(width + change) });
  }

  return (
    <hr
      aria-orientation="vertical"
      aria-label="Width of the execution panel"
      aria-controls="execution"
      aria-valuemin={PANEL_WIDTH.least}
      aria-valuemax={PANEL_WIDTH.most}
      aria-valuenow={width}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onPointerUp={() => setPanel(ui, { panelWidth: ui.getState().panelWidth })}
      onDoubleClick={() => setPanel(ui, { panelWidth: PANEL_WIDTH.usual })}
      onKeyDown={move}
      className="hidden h-auto w-1 shrink-0 cursor-col-resize touch-none border-line border-0 border-l bg-surface hover:bg-accent-soft focus-visible:bg-accent-soft lg:block"
    />
  );
}
