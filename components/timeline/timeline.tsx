'use client';
/** The timeline of some jobs: controls, the canvas, its legend, and the same as a table. */
import { useCallback, useMemo, useRef, useState } from 'react';
import { exclusionOf } from '../../engine/fold/scheduling-words.ts';
import type { ExecutorView } from '../../engine/fold/state.ts';
import { useFaultMenu } from '../faults/fault-context.tsx';
import { againWords, stagesByKey } from '../faults/recompute.ts';
import type { JobStage } from '../jobs/job-stages.ts';
import { pointAt, usePanel, usePanelStore } from '../jobs/panel-store.ts';
import { useActions } from '../notebook/notebook-context.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { formatCount, formatDuration, formatPlural } from '../ui/format.ts';
import { useWidth } from '../ui/use-width.ts';
import { currentDomain, movedTo, type TimelineView } from './bar-walk.ts';
import { timelineHeight } from './draw-timeline.ts';
import { PhaseLegend } from './phase-swatch.tsx';
import { AGAIN, PHASES, SPECULATIVE } from './phases.ts';
import { type Domain, type TimelineLane, type TimelineSlice, zoomDomain } from './time-scale.ts';
import { TimelineCanvas } from './timeline-canvas.tsx';
import { TimelineControls } from './timeline-controls.tsx';
import { executorOf } from './timeline-menu.ts';
import { TimelineTable } from './timeline-table.tsx';
import { useTimeline } from './use-timeline.ts';

export interface TimelineProps {
  /** What the jobs are of; another subject is shown whole again. */
  subject: string;
  jobIds: readonly number[];
  running: boolean;
  stages: readonly JobStage[];
  /** The stage the user chose: its bars stand out. */
  selectedKey: string | undefined;
}

const EVERYTHING: TimelineView = { domain: undefined, following: true };

function versionOf(stages: readonly JobStage[]): number {
  let version = 0;
  for (const { stage, earlier } of stages) {
    version += stage.progress.version + 1;
    for (const attempt of earlier) version += attempt.progress.version + 1;
  }
  return version;
}

export function Timeline({ subject, jobIds, running, stages, selectedKey }: TimelineProps) {
  const actions = useActions();
  const store = usePanelStore();
  const lanes = usePanel((state) => state.lanes);
  const asTable = usePanel((state) => state.timelineAsTable);
  const underCursor = usePanel((state) => state.underCursor);
  const chosenTask = usePanel((state) => state.task?.taskId);
  const [moved, setMoved] = useState({ subject, view: EVERYTHING });
  const [box, width] = useWidth<HTMLDivElement>();
  const section = useRef<HTMLElement>(null);
  const known = useRef<Domain>(undefined);
  const view = moved.subject === subject ? moved.view : EVERYTHING;
  const version = useMemo(() => versionOf(stages), [stages]);
  const asked = view.domain && known.current ? currentDomain(view, known.current) : view.domain;
  const { answer, error } = useTimeline(section, { jobIds, lanes, domain: asked, width, version, running });
  const extent: Domain | undefined = answer && { from: answer.extent[0], to: answer.extent[1] };
  known.current = extent;
  const shown = extent && currentDomain(view, extent);

  const show = (next: TimelineView) => setMoved({ subject, view: next });
  const change = (next: Domain) => {
    if (extent) show(movedTo(next, extent, running));
  };
  const choose = useCallback(
    ({ stage, task }: TimelineSlice) => {
      if (stage === undefined) return;
      actions.selectStage(stage);
      store.setState({ task: task && { taskId: task.taskId, stageKey: stage } });
    },
    [actions, store],
  );
  const point = useCallback((keys: readonly string[]) => pointAt(store, keys), [store]);
  const lit = useMemo(
    () => new Set(underCursor.length > 0 ? underCursor : selectedKey === undefined ? [] : [selectedKey]),
    [underCursor, selectedKey],
  );
  const byKey = useMemo(() => stagesByKey(stages), [stages]);
  const againOf = useCallback((slice: TimelineSlice) => againWords(slice, byKey), [byKey]);
  const executors = useSessionState(({ view }) => view?.executors);
  const excludedOf = useCallback(
    (lane: Pick<TimelineLane, 'key' | 'label'>) => {
      const executorId = executorOf(lane);
      return executorId === undefined ? undefined : exclusionOfStages(executors, stages, executorId);
    },
    [executors, stages],
  );
  const openMenu = useFaultMenu();
  const bars = {
    lit,
    chosenTask,
    againOf,
    excludedOf,
    onChoose: choose,
    onPoint: point,
    onMenu: openMenu,
  };
  const isAnySlice = (holds: (slice: TimelineSlice) => unknown) =>
    answer?.lanes.some(({ slices }) => slices.some(holds)) ?? false;
  const attempts = [
    ...(isAnySlice(againOf) ? [AGAIN] : []),
    ...(isAnySlice(({ task }) => task?.speculative) ? [SPECULATIVE] : []),
  ];
  const excluded = answer?.lanes.filter(excludedOf) ?? [];
  const summary = answer
    ? `${formatPlural(answer.totalTasks, 'task attempt')} on ${formatPlural(answer.lanes.length, lanes)} in ${formatDuration(answer.extent[1] - answer.extent[0])}`
    : '';
  const filled = answer !== undefined && answer.totalTasks > 0;
  const total = laneTotal(answer?.lanes.length ?? 0, stages, lanes);
  // What stands below shall not jump when the first answer comes.
  const expected = answer || error || asTable ? 0 : expectedLanes(executors, stages, lanes);
  return (
    <section ref={section} aria-labelledby="panel-timeline" className="border-line border-b px-4 py-2">
      <div className="mb-1.5 flex items-center gap-x-2">
        <h2 id="panel-timeline" className="font-semibold">
          Timeline
        </h2>
        <span className="min-w-0 flex-1 truncate text-ink-3 text-xs">
          {answer &&
            answer.totalTasks > 0 &&
            `${formatPlural(answer.totalTasks, 'task attempt')} · ${formatDuration(answer.extent[1] - answer.extent[0])}`}
        </span>
        {running && shown && (
          <Button
            variant="quiet"
            size="sm"
            aria-pressed={view.following}
            title={view.following ? 'Hold the picture while the run goes on' : 'Move with the run again'}
            onClick={() => show({ domain: view.following ? shown : view.domain, following: !view.following })}
          >
            {view.following ? 'Following' : 'Follow'}
          </Button>
        )}
        <TimelineControls
          ready={answer !== undefined}
          zoomed={view.domain !== undefined}
          onZoom={(factor) => shown && extent && change(zoomDomain(shown, extent, factor))}
          onWhole={() => show(EVERYTHING)}
        />
      </div>
      <div
        ref={box}
        className={filled || running ? 'min-h-16' : ''}
        style={expected > 0 ? { minHeight: timelineHeight(expected) } : undefined}
      >
        {error && !answer && <p className="text-bad text-xs">{error}</p>}
        {answer && answer.totalTasks === 0 && (
          <p className="text-ink-3 text-xs">
            {running
              ? 'No task has started yet.'
              : 'Times of tasks are kept as long as their kernel lives. Run the cell again to see them.'}
          </p>
        )}
        {filled && asTable && <TimelineTable answer={answer} {...bars} />}
        {filled && shown && !asTable && (
          <TimelineCanvas
            answer={answer}
            {...bars}
            domain={shown}
            width={width}
            label={`Timeline, ${summary}. Arrow keys go from bar to bar, Enter chooses one, A and D move, W and S or plus and minus zoom, 0 shows everything. The table button shows the same as a table.${openMenu ? ' Shift and F10 open the menu of what can be broken.' : ''}`}
            onDomain={change}
            onFit={() => show(EVERYTHING)}
          />
        )}
      </div>
      {(filled || running || expected > 0) && !asTable && <PhaseLegend phases={PHASES} attempts={attempts} />}
      {excluded.map((lane) => (
        <p key={lane.key} className="mt-1 text-ink-2 text-xs">
          {lane.label} is {excludedOf(lane)}.
        </p>
      ))}
      {answer && answer.lanes.length < total && (
        <p className="mt-1 text-ink-3 text-xs">
          {formatCount(total)} partitions on {formatCount(answer.lanes.length)} lanes
        </p>
      )}
    </section>
  );
}

function exclusionOfStages(
  executors: ReadonlyMap<string, ExecutorView> | undefined,
  stages: readonly JobStage[],
  executorId: string,
): string | undefined {
  for (const { stage } of stages) {
    const words = stage.status !== 'skipped' && exclusionOf(executors?.get(executorId), stage, executorId);
    if (words) return words;
  }
  return undefined;
}

/** How many lanes the answer is likely to have; none where the kernel that knew the times is gone. */
function expectedLanes(
  executors: ReadonlyMap<string, ExecutorView> | undefined,
  stages: readonly JobStage[],
  lanes: 'executor' | 'partition',
): number {
  const alive = [...(executors?.values() ?? [])].filter(({ removedAt }) => removedAt === undefined).length;
  return alive === 0 ? 0 : laneTotal(alive, stages, lanes);
}

function laneTotal(shown: number, stages: readonly JobStage[], lanes: 'executor' | 'partition'): number {
  if (lanes === 'executor') return shown;
  let most = 0;
  for (const { stage } of stages)
    if (stage.status !== 'skipped' && stage.status !== 'pending') most = Math.max(most, stage.info.numTasks);
  return most;
}
