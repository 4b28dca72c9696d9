'use client';
/** The panel's own size: opened as a sheet on a narrow page, maximised, hidden. */
import { useNotebookUi } from '../notebook/notebook-context.tsx';
import { setPanel } from '../notebook/notebook-ui.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { usePanel, usePanelStore } from './panel-store.ts';

export function PanelButtons() {
  const ui = useNotebookUi();
  const store = usePanelStore();
  const maximised = usePanel((state) => state.maximised);
  const sheetOpen = usePanel((state) => state.sheetOpen);
  return (
    <div className="flex shrink-0 items-center self-center">
      <Button
        variant="quiet"
        size="sm"
        className="lg:hidden"
        aria-expanded={sheetOpen}
        aria-label="Panel as a sheet"
        onClick={() => store.setState({ sheetOpen: !sheetOpen })}
      >
        <Icon name="chevron" className={sheetOpen ? 'rotate-90' : '-rotate-90'} />
      </Button>
      <Button
        variant="quiet"
        size="sm"
        className="max-lg:hidden"
        aria-label="Maximise the panel"
        title={maximised ? 'Back to the side (Esc)' : 'Maximise'}
        aria-pressed={maximised}
        onClick={() => store.setState({ maximised: !maximised })}
      >
        <Icon name="fit" />
      </Button>
      <Button
        variant="quiet"
        size="sm"
        aria-label="Hide the panel"
        title="Hide"
        onClick={() => {
          store.setState({ maximised: false, sheetOpen: false });
          setPanel(ui, { panelOpen: false });
        }}
      >
        <Icon name="clear" />
      </Button>
    </div>
  );
}
