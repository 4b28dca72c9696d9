'use client';
/** The buttons of the timeline: what a lane is, zoom, table. */
import { usePanel, usePanelStore } from '../jobs/panel-store.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { ZoomControls } from '../ui/zoom-controls.tsx';

export interface TimelineControlsProps {
  ready: boolean;
  zoomed: boolean;
  onZoom: (factor: number) => void;
  onWhole: () => void;
}

export function TimelineControls({ ready, zoomed, onZoom, onWhole }: TimelineControlsProps) {
  const store = usePanelStore();
  const lanes = usePanel((state) => state.lanes);
  const asTable = usePanel((state) => state.timelineAsTable);
  return (
    <div className="flex items-center">
      <label className="flex items-center gap-1 text-ink-2 text-xs">
        <span className="sr-only">Lanes</span>
        <select
          value={lanes}
          onChange={(event) =>
            store.setState({ lanes: event.target.value === 'partition' ? 'partition' : 'executor' })
          }
          className="h-6 rounded-md border border-line bg-surface px-1 text-xs"
        >
          <option value="executor">per executor</option>
          <option value="partition">per partition</option>
        </select>
      </label>
      <ZoomControls
        of="timeline"
        wholeLabel="Show the whole timeline"
        canZoomIn={ready}
        canZoomOut={zoomed}
        onZoom={(direction) => onZoom(direction === 'in' ? 2 : 0.5)}
        onWhole={onWhole}
      />
      <Button
        variant="quiet"
        size="sm"
        aria-label="Timeline as a table"
        title="As a table"
        aria-pressed={asTable}
        onClick={() => store.setState({ timelineAsTable: !asTable })}
      >
        <Icon name="table" />
      </Button>
    </div>
  );
}
