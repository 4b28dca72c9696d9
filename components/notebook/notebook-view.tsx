'use client';
/** The open notebook: bar, banners, cells, and the docked execution panel. */
import { Fragment, useEffect } from 'react';
import { PanelFrame } from '../jobs/panel-frame.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { useVariablesKey } from '../variables/panel-tabs.tsx';
import { Cell } from './cell.tsx';
import { DropLine } from './cells/drag-handle.tsx';
import { SelectionBar, useSeveral } from './cells/selection-bar.tsx';
import { EditorRoomProvider } from './editor/editor-room.tsx';
import { FindPanel } from './find-panel.tsx';
import { LightCell, MOST_WHOLE_CELLS } from './light-cell.tsx';
import { NotebookBanners } from './notebook-banners.tsx';
import { NotebookBar } from './notebook-bar.tsx';
import { useActions, useNotebookUi, useUi } from './notebook-context.tsx';
import { NoticeNote } from './notice-note.tsx';
import { SourceLinks } from './source-links.tsx';
import { useNotebookKeys } from './use-notebook-keys.ts';

const NO_CELLS: readonly string[] = [];

function AddCell({ at }: { at: number }) {
  const actions = useActions();
  return (
    <div className="flex gap-2 pl-9 sm:pl-12">
      <Button onClick={() => void actions.insert(at, 'code')}>
        <Icon name="plus" /> Code
      </Button>
      <Button onClick={() => void actions.insert(at, 'markdown')}>
        <Icon name="plus" /> Text
      </Button>
    </div>
  );
}

function Cells({ path }: { path: string }) {
  const order = useSessionState(({ view }) => view?.cellOrder ?? NO_CELLS);
  const actions = useActions();
  const ui = useNotebookUi();
  const marked = new Set(useSeveral());
  const first = order[0];
  const CellOf = order.length > MOST_WHOLE_CELLS ? LightCell : Cell;
  useEffect(() => {
    const { selectedCellId } = ui.getState();
    if (first !== undefined && (!selectedCellId || !order.includes(selectedCellId)))
      actions.entered(first, 'command');
  }, [ui, actions, first, order]);
  return (
    <main aria-label="Cells" className="min-w-0 flex-1 px-2 pt-6 pb-24 sm:px-6 lg:overflow-y-auto">
      <h1 className="sr-only">{path.split('/').at(-1)}</h1>
      <div className="mx-auto flex max-w-[920px] flex-col gap-5">
        {order.length === 0 && (
          <p className="pl-9 text-ink-2 sm:pl-12">
            This notebook is empty. Add a first cell; what you write in it is TypeScript.
          </p>
        )}
        {order.map((cellId, index) => (
          <Fragment key={cellId}>
            <DropLine gap={index} of={order.length} />
            <CellOf
              cellId={cellId}
              index={index}
              last={index === order.length - 1}
              marked={marked.has(cellId)}
            />
          </Fragment>
        ))}
        <DropLine gap={order.length} of={order.length} />
        <AddCell at={order.length} />
      </div>
      <SelectionBar />
    </main>
  );
}

export function NotebookView({ path }: { path: string }) {
  return (
    <EditorRoomProvider>
      <Page path={path} />
    </EditorRoomProvider>
  );
}

function Page({ path }: { path: string }) {
  const panelOpen = useUi((state) => state.panelOpen);
  useVariablesKey();
  useNotebookKeys();
  return (
    <div className="flex min-h-dvh flex-col lg:h-dvh">
      <NotebookBar path={path} />
      <NotebookBanners />
      <NoticeNote />
      <div className="relative flex min-h-0 flex-1 flex-col lg:flex-row">
        <div className="relative flex min-h-0 min-w-0 flex-1 flex-col">
          <FindPanel />
          <Cells path={path} />
        </div>
        <SourceLinks />
        {panelOpen && <PanelFrame />}
      </div>
    </div>
  );
}
