'use client';
/** Which run, which of its jobs and which stage the panel shows. */
import { useMemo } from 'react';
import type { JobView, StageView } from '../../engine/fold/state.ts';
import { useUi } from '../notebook/notebook-context.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { type JobStage, stagesOfJobs } from './job-stages.ts';
import { usePanel } from './panel-store.ts';
import { groupJobs, type JobEntry, type RunView, runsOfCell } from './run-jobs.ts';

export interface ShownRun {
  run: RunView;
  /** All held runs of the cell, oldest first. */
  runs: RunView[];
  entries: JobEntry[];
  /** The job chosen, when the picture is of one. */
  job: JobView | undefined;
  /** Jobs in the picture: the whole run's, or the chosen one. */
  jobs: JobView[];
  stages: JobStage[];
}

const NONE: ReadonlyMap<string, StageView> = new Map();

export function useShownRun(): ShownRun | undefined {
  const jobs = useSessionState(({ view }) => view?.jobs);
  const stages = useSessionState(({ view }) => view?.stages) ?? NONE;
  const selectedCellId = useUi((ui) => ui.selectedCellId);
  const selectedJobId = useUi((ui) => ui.selectedJobId);
  const chosenRun = usePanel(({ run }) => run);
  const picked = useMemo(() => {
    const all = [...(jobs?.values() ?? [])];
    const chosen = selectedJobId === undefined ? undefined : jobs?.get(selectedJobId);
    const ofSelected = runsOfCell(all, chosen ? chosen.cellId : selectedCellId);
    const latest = all.at(-1);
    const runs = ofSelected.length > 0 ? ofSelected : latest ? runsOfCell(all, latest.cellId) : [];
    const run = chosen
      ? runs.find((one) => one.jobs.includes(chosen))
      : (runs.find((one) => one.cellId === chosenRun?.cellId && one.runId === chosenRun?.runId) ??
        runs.at(-1));
    return run && { run, runs, chosen };
  }, [jobs, selectedCellId, selectedJobId, chosenRun]);
  const entries = useMemo(() => (picked ? groupJobs(picked.run.jobs, stages) : []), [picked, stages]);
  return useMemo(() => {
    if (!picked) return undefined;
    const { run, runs, chosen } = picked;
    const shown = chosen ? [chosen] : run.jobs;
    return { run, runs, entries, job: chosen, jobs: shown, stages: stagesOfJobs(stages, shown) };
  }, [picked, entries, stages]);
}

/** The stage to show: the chosen one, else a failed, an active, or the first. */
export function shownStage(
  entries: readonly JobStage[],
  selectedKey: string | undefined,
): JobStage | undefined {
  for (const entry of entries) {
    const chosen = [entry.stage, ...entry.earlier].find((one) => one.key === selectedKey);
    if (chosen) return { ...entry, stage: chosen };
  }
  const by = (status: string) => entries.find(({ stage }) => stage.status === status);
  return by('failed') ?? by('active') ?? by('complete') ?? entries[0];
}
