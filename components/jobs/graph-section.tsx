'use client';
/** The stages of the shown jobs: as a graph or as a table, grouped or each by itself, with or without heat. */
import { useCallback, useMemo } from 'react';
import { useFaultMenu } from '../faults/fault-context.tsx';
import type { MenuPlace } from '../faults/fault-store.ts';
import { useActions } from '../notebook/notebook-context.tsx';
import { graphOfStages } from '../stage-dag/dag-graph.ts';
import { groupStages } from '../stage-dag/dag-groups.ts';
import { StageDag } from '../stage-dag/stage-dag.tsx';
import { StageTable } from '../stage-dag/stage-table.tsx';
import { Button } from '../ui/button.tsx';
import { formatCount, formatPlural } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { pointAt, usePanel, usePanelStore } from './panel-store.ts';
import type { ShownRun } from './use-shown-run.ts';

const CLOSED: ReadonlySet<string> = new Set();

function jobsLabel(jobs: ShownRun['jobs']): string {
  const ids = jobs.map(({ jobId }) => jobId);
  return ids.length === 1 ? `job ${ids[0]}` : `jobs ${Math.min(...ids)}–${Math.max(...ids)}`;
}

export function GraphSection({ shown, selectedKey }: { shown: ShownRun; selectedKey: string | undefined }) {
  const actions = useActions();
  const store = usePanelStore();
  const heat = usePanel((state) => state.heat);
  const grouped = usePanel((state) => state.grouped);
  const open = usePanel((state) => state.open);
  const underCursor = usePanel((state) => state.underCursor);
  const maximised = usePanel((state) => state.maximised);
  const asTable = usePanel((state) => state.stagesAsTable);
  const { stages } = shown;
  const jobs = shown.jobs.length;
  const graph = useMemo(() => graphOfStages(stages, { grouped, jobs, open }), [stages, grouped, jobs, open]);
  const groups = useMemo(() => groupStages(stages, { jobs, open: CLOSED }).size, [stages, jobs]);
  const lit = useMemo(() => new Set(underCursor), [underCursor]);
  const select = useCallback((key: string) => actions.selectStage(key), [actions]);
  const openGroup = useCallback(
    (key: string) => store.setState(({ open: before }) => ({ open: new Set(before).add(key) })),
    [store],
  );
  const point = useCallback((keys: readonly string[]) => pointAt(store, keys), [store]);
  const openMenu = useFaultMenu();
  const menu = useMemo(
    () => openMenu && ((stageKey: string, place: MenuPlace) => openMenu({ kind: 'stage', stageKey }, place)),
    [openMenu],
  );
  const label = jobsLabel(shown.jobs);
  const skipped = stages.filter(({ stage }) => stage.status === 'skipped').length;
  const failed = stages.filter(({ stage }) => stage.status === 'failed').length;
  return (
    <section aria-labelledby="panel-stages" className="border-line border-b px-4 py-2">
      <div className="mb-1.5 flex flex-wrap items-center gap-x-1 gap-y-1">
        <h2 id="panel-stages" className="font-semibold">
          Stages
        </h2>
        <span className="px-1 text-ink-3 text-xs">
          {formatCount(stages.length)}
          {skipped > 0 && ` · ${formatCount(skipped)} skipped`}
          {failed > 0 && ` · ${formatCount(failed)} failed`}
        </span>
        <span className="flex-1" />
        {graph.open.length > 0 && !asTable && (
          <Button variant="quiet" size="sm" onClick={() => store.setState({ open: CLOSED })}>
            Close {formatPlural(graph.open.length, 'group')}
          </Button>
        )}
        {groups > 0 && !asTable && (
          <Button
            variant="quiet"
            size="sm"
            aria-pressed={grouped}
            title="Draw equal stages of a loop as one that opens"
            onClick={() => store.setState({ grouped: !grouped, open: CLOSED })}
          >
            Group loops
          </Button>
        )}
        {!asTable && (
          <Button
            variant="quiet"
            size="sm"
            aria-pressed={heat}
            title="Colour and label each stage by its share of the time of all tasks"
            onClick={() => store.setState({ heat: !heat })}
          >
            Heat
          </Button>
        )}
        <Button
          variant="quiet"
          size="sm"
          aria-label="Stages as a table"
          title="As a table"
          aria-pressed={asTable}
          onClick={() => store.setState({ stagesAsTable: !asTable })}
        >
          <Icon name="table" />
        </Button>
      </div>
      {asTable ? (
        <StageTable
          entries={stages}
          label={`Stages of ${label} as a table`}
          selectedKey={selectedKey}
          lit={lit}
          onSelect={select}
          onPoint={point}
        />
      ) : (
        <StageDag
          graph={graph}
          label={`Stage graph of ${label}`}
          selectedKey={selectedKey}
          lit={lit}
          heat={heat}
          maxHeight={maximised ? 560 : 360}
          onSelect={select}
          onOpenGroup={openGroup}
          onPoint={point}
          onMenu={menu}
        />
      )}
    </section>
  );
}
