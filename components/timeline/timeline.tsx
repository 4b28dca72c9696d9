'use client';
/** The timeline of a job: controls, the canvas, its legend, and the same as a table. */
import { useMemo, useRef, useState } from 'react';
import type { JobStage } from '../jobs/job-stages.ts';
import { Button } from '../ui/button.tsx';
import { formatCount, formatDuration, formatPlural } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { useWidth } from '../ui/use-width.ts';
import { ZoomControls } from '../ui/zoom-controls.tsx';
import { PHASES } from './phases.ts';
import { coversExtent, type Domain, zoomDomain } from './time-scale.ts';
import { TimelineCanvas } from './timeline-canvas.tsx';
import { TimelineTable } from './timeline-table.tsx';
import { useTimeline } from './use-timeline.ts';

export interface TimelineProps {
  jobId: number;
  running: boolean;
  stages: readonly JobStage[];
}

function versionOf(stages: readonly JobStage[]): number {
  let version = 0;
  for (const { stage, earlier } of stages) {
    version += stage.progress.version + 1;
    for (const attempt of earlier) version += attempt.progress.version + 1;
  }
  return version;
}

export function Timeline({ jobId, running, stages }: TimelineProps) {
  const [lanes, setLanes] = useState<'executor' | 'partition'>('executor');
  const [asTable, setAsTable] = useState(false);
  /** Absent: everything, growing with the run. */
  const [zoomed, setZoomed] = useState<{ jobId: number; domain: Domain }>();
  const [box, width] = useWidth<HTMLDivElement>();
  const section = useRef<HTMLElement>(null);
  const domain = zoomed?.jobId === jobId ? zoomed.domain : undefined;
  const version = useMemo(() => versionOf(stages), [stages]);
  const { answer, error } = useTimeline(section, { jobId, lanes, domain, width, version, running });
  const extent: Domain | undefined = answer && { from: answer.extent[0], to: answer.extent[1] };

  const change = (next: Domain) => {
    setZoomed(extent && coversExtent(next, extent) ? undefined : { jobId, domain: next });
  };
  const zoom = (factor: number) => {
    if (extent) change(zoomDomain(domain ?? extent, extent, factor));
  };
  const summary = answer
    ? `${formatPlural(answer.totalTasks, 'task attempt')} on ${formatPlural(answer.lanes.length, lanes)} in ${formatDuration(answer.extent[1] - answer.extent[0])}`
    : '';
  return (
    <section ref={section} aria-labelledby="panel-timeline" className="border-line border-b px-4 py-3">
      <div className="mb-2 flex flex-wrap items-center gap-x-2 gap-y-1">
        <h2 id="panel-timeline" className="font-semibold">
          Timeline
        </h2>
        <span className="text-ink-3 text-xs">
          {answer &&
            `${formatPlural(answer.totalTasks, 'task attempt')} · ${formatDuration(answer.extent[1] - answer.extent[0])}`}
        </span>
        <span className="flex-1" />
        <div className="flex items-center">
          <label className="flex items-center gap-1 text-ink-2 text-xs">
            <span className="sr-only">Lanes</span>
            <select
              value={lanes}
              onChange={(event) => setLanes(event.target.value === 'partition' ? 'partition' : 'executor')}
              className="h-6 rounded-md border border-line bg-surface px-1 text-xs"
            >
              <option value="executor">per executor</option>
              <option value="partition">per partition</option>
            </select>
          </label>
          <ZoomControls
            of="timeline"
            wholeLabel="Show the whole timeline"
            canZoomIn={answer !== undefined}
            canZoomOut={domain !== undefined}
            onZoom={(direction) => zoom(direction === 'in' ? 2 : 0.5)}
            onWhole={() => setZoomed(undefined)}
          />
          <Button
            variant="quiet"
            size="sm"
            aria-label="Timeline as a table"
            title="As a table"
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          >
            <Icon name="table" />
          </Button>
        </div>
      </div>
      <div ref={box} className="min-h-16">
        {error && !answer && <p className="text-bad text-xs">{error}</p>}
        {answer && extent && answer.totalTasks === 0 && (
          <p className="text-ink-3 text-xs">No task has started yet.</p>
        )}
        {answer && answer.totalTasks > 0 && asTable && <TimelineTable answer={answer} />}
        {answer && extent && answer.totalTasks > 0 && !asTable && (
          <TimelineCanvas
            answer={answer}
            domain={domain ?? extent}
            width={width}
            label={`Timeline, ${summary}. Arrow keys move, plus and minus zoom, 0 shows everything. The table button shows the same as a table.`}
            onDomain={change}
            onFit={() => setZoomed(undefined)}
          />
        )}
      </div>
      {!asTable && (
        <ul aria-label="Phases" className="mt-2 flex flex-wrap gap-x-3 gap-y-0.5 text-2xs text-ink-2">
          {PHASES.map(({ key, label, token }) => (
            <li key={key} className="flex items-center gap-1">
              <span
                aria-hidden="true"
                className="size-2 rounded-sm"
                style={{ background: `var(${token})` }}
              />
              {label}
            </li>
          ))}
        </ul>
      )}
      {answer && answer.lanes.length < laneTotal(answer.lanes.length, stages, lanes) && (
        <p className="mt-1 text-ink-3 text-xs">
          showing {formatCount(answer.lanes.length)} of {formatCount(laneTotal(0, stages, lanes))} partitions
        </p>
      )}
    </section>
  );
}

function laneTotal(shown: number, stages: readonly JobStage[], lanes: 'executor' | 'partition'): number {
  if (lanes === 'executor') return shown;
  return Math.max(
    0,
    ...stages
      .filter(({ stage }) => stage.status !== 'skipped' && stage.status !== 'pending')
      .map(({ stage }) => stage.info.numTasks),
  );
}
