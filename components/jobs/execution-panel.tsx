'use client';
/** The docked panel: the selected cell's run with its jobs, their stages, the timeline, and one stage's metrics. */
import { useMemo } from 'react';
import { FaultMenuProvider } from '../faults/fault-context.tsx';
import { FaultNotes } from '../faults/fault-notes.tsx';
import { useUi } from '../notebook/notebook-context.tsx';
import { Timeline } from '../timeline/timeline.tsx';
import { useParts } from '../ui/use-parts.ts';
import { GraphSection } from './graph-section.tsx';
import { JobList } from './job-list.tsx';
import { PanelEmpty } from './panel-empty.tsx';
import { PanelHeader } from './panel-header.tsx';
import { StageDetails } from './stage-details.tsx';
import { type ShownRun, shownStage, useShownRun } from './use-shown-run.ts';

export function ExecutionPanel() {
  const shown = useShownRun();
  if (!shown) return <PanelEmpty />;
  return <ShownExecution shown={shown} />;
}

function ShownExecution({ shown }: { shown: ShownRun }) {
  const selectedKey = useUi((ui) => ui.selectedStageKey);
  const jobIds = useMemo(() => shown.jobs.map(({ jobId }) => jobId), [shown]);
  const parts = useParts(5);
  const entry = shownStage(shown.stages, selectedKey);
  const running = shown.jobs.some((job) => job.status === 'running');
  return (
    <FaultMenuProvider>
      <PanelHeader shown={shown} />
      <FaultNotes />
      <div className="@5xl:grid @5xl:grid-cols-[minmax(0,1fr)_minmax(0,30rem)]">
        <div className="min-w-0 @5xl:border-line @5xl:border-r">
          {shown.run.jobs.length > 1 && (
            <div className="px-4 pt-2">
              <JobList shown={shown} />
            </div>
          )}
          {shown.stages.length > 0 && <GraphSection shown={shown} selectedKey={entry?.stage.key} />}
          {shown.stages.length > 0 && parts > 0 && (
            <Timeline
              subject={`${shown.run.runId} ${shown.job?.jobId ?? ''}`}
              jobIds={jobIds}
              running={running}
              stages={shown.stages}
              selectedKey={selectedKey}
            />
          )}
        </div>
        {entry && parts > 1 && (
          <StageDetails key={entry.stage.key} entry={entry} jobs={shown.jobs} tables={parts - 2} />
        )}
      </div>
    </FaultMenuProvider>
  );
}
