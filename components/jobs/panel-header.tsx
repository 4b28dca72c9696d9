'use client';
/** The head of the panel: which run, how it goes, where it comes from, and the way to stop it. */
import { DropdownMenu } from 'radix-ui';
import { poolWords } from '../../engine/fold/scheduling-words.ts';
import type { JobView } from '../../engine/fold/state.ts';
import { useActions, useNotebookUi } from '../notebook/notebook-context.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { formatClock, formatDuration, formatPlural } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { menuClass, menuItemClass } from '../ui/menu.ts';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { useNow } from '../ui/use-now.ts';
import { runDuration } from './job-list.tsx';
import { JobWaitNote } from './job-wait.tsx';
import { usePanelStore } from './panel-store.ts';
import { isGoing, jobTitle, type RunView, worstStatus } from './run-jobs.ts';
import type { ShownRun } from './use-shown-run.ts';

const runKey = ({ runId, cellId }: RunView) => `${cellId ?? ''} ${runId}`;

function runTitle(run: RunView): string {
  const [first] = run.jobs;
  return `${first ? formatClock(first.startedAt).slice(0, 8) : ''} · ${formatPlural(run.jobs.length, 'job')}`;
}

/** Earlier runs of the cell stay to be looked at while their jobs are held. */
function RunPicker({ shown }: { shown: ShownRun }) {
  const store = usePanelStore();
  const ui = useNotebookUi();
  const { runs, run } = shown;
  const latest = runs.at(-1);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button
          size="sm"
          variant="quiet"
          aria-label={`Run of ${runTitle(run)}. Choose among ${runs.length} runs`}
        >
          {run === latest ? 'latest run' : `run of ${runTitle(run)}`}
          <Icon name="chevron" className="size-3 rotate-90" />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="start" sideOffset={4} className={`${menuClass} max-h-80 overflow-auto`}>
          <DropdownMenu.RadioGroup
            value={runKey(run)}
            onValueChange={(value) => {
              const chosen = runs.find((one) => runKey(one) === value);
              if (!chosen) return;
              store.setState({
                run: chosen === latest ? undefined : { cellId: chosen.cellId, runId: chosen.runId },
              });
              ui.setState({ selectedJobId: undefined, selectedStageKey: undefined });
            }}
          >
            {[...runs].reverse().map((one) => (
              <DropdownMenu.RadioItem key={runKey(one)} value={runKey(one)} className={menuItemClass}>
                <StateGlyph state={worstStatus(one.jobs)} />
                {runTitle(one)}
                {one === latest && <span className="text-ink-3">latest</span>}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Origin({ job, cellId }: { job: JobView | undefined; cellId: string | undefined }) {
  const actions = useActions();
  const cell = useSessionState(({ view }) => (cellId ? (view?.cellOrder.indexOf(cellId) ?? -1) + 1 : 0));
  if (cell === 0 || !cellId) return null;
  const site = job?.callSite;
  const place = site && { line: site.line, column: site.column };
  return (
    <button
      type="button"
      className="text-accent underline underline-offset-2"
      onClick={() => actions.edit(site?.cellId ?? cellId, place)}
    >
      cell {cell}
      {site && `, line ${site.line}`}
    </button>
  );
}

export function PanelHeader({ shown }: { shown: ShownRun }) {
  const actions = useActions();
  const going = shown.jobs.filter(isGoing);
  const now = useNow(going.length > 0);
  const single = shown.job ?? (shown.jobs.length === 1 ? shown.jobs[0] : undefined);
  const title = single ? `Job ${single.jobId} · ${jobTitle(single)}` : formatPlural(shown.jobs.length, 'job');
  return (
    <header className="px-4 pt-2 pb-1">
      <div className="flex min-w-0 flex-wrap items-center gap-x-2 text-xs">
        <h2 id="panel-job" className="font-semibold text-sm">
          {title}
        </h2>
        <StateGlyph state={worstStatus(shown.jobs)} showWord />
        <span className="text-ink-2 tabular-nums">{formatDuration(runDuration(shown.jobs, now))}</span>
        {single && poolWords(single) && <span className="text-ink-2">{poolWords(single)}</span>}
        <Origin job={single} cellId={shown.run.cellId} />
        {shown.runs.length > 1 && <RunPicker shown={shown} />}
        {going.length > 0 && (
          <button
            type="button"
            className="text-bad underline underline-offset-2"
            onClick={() => {
              for (const job of going) actions.cancelJob(job.jobId);
            }}
          >
            Cancel {going.length === 1 ? 'job' : formatPlural(going.length, 'job')}
          </button>
        )}
      </div>
      {single?.waited && <JobWaitNote wait={single.waited} />}
    </header>
  );
}
