'use client';
/** The stage graph as a table: the same stages with the same actions, sortable, a page at a time. */
import { useMemo, useState } from 'react';
import { FaultButton } from '../faults/fault-button.tsx';
import { useFaultMenu } from '../faults/fault-context.tsx';
import type { JobStage } from '../jobs/job-stages.ts';
import { Button } from '../ui/button.tsx';
import { formatCount } from '../ui/format.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { SortHeader } from '../ui/sort-header.tsx';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { STAGE_COLUMNS, type StageColumn, sortedStages } from './stage-columns.ts';

const PAGE = 100;

export interface StageTableProps {
  entries: readonly JobStage[];
  label: string;
  selectedKey: string | undefined;
  lit: ReadonlySet<string>;
  onSelect: (stageKey: string) => void;
  onPoint: (stageKeys: readonly string[]) => void;
}

export function StageTable({ entries, label, selectedKey, lit, onSelect, onPoint }: StageTableProps) {
  const [sort, setSort] = useState<{ column: StageColumn; descending: boolean }>();
  const [page, setPage] = useState(0);
  const openMenu = useFaultMenu();
  const totalTime = useMemo(
    () => entries.reduce((sum, { stage }) => sum + stage.progress.totals.executorRunTime, 0),
    [entries],
  );
  const sorted = useMemo(() => sortedStages(entries, sort), [entries, sort]);
  const from = Math.min(page * PAGE, Math.max(0, sorted.length - 1));
  const shown = sorted.slice(from, from + PAGE);
  return (
    <div>
      <ScrollBox aria-label={label} className="max-h-[360px] overflow-auto">
        <table className="w-full text-xs">
          <thead className="sticky top-0 z-1">
            <tr>
              {STAGE_COLUMNS.map((column) => (
                <SortHeader
                  key={column.label}
                  label={column.label}
                  numeric={column.numeric}
                  direction={
                    sort?.column === column ? (sort.descending ? 'descending' : 'ascending') : 'none'
                  }
                  onSort={() => {
                    setPage(0);
                    setSort({
                      column,
                      descending: sort?.column === column ? !sort.descending : column.numeric,
                    });
                  }}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((entry) => {
              const { stage } = entry;
              return (
                <tr
                  key={stage.key}
                  data-lit={lit.has(stage.key) || undefined}
                  data-chosen={stage.key === selectedKey || undefined}
                  onPointerEnter={() => onPoint([stage.key])}
                  onPointerLeave={() => onPoint([])}
                  onContextMenu={(event) => {
                    if (!openMenu) return;
                    event.preventDefault();
                    const { clientX: x, clientY: y } = event;
                    const from = event.currentTarget.querySelector('button');
                    openMenu({ kind: 'stage', stageKey: stage.key }, { x, y, from });
                  }}
                  className="border-line border-b hover:bg-raised data-lit:bg-accent-soft data-chosen:bg-accent-soft"
                >
                  <th scope="row" className="whitespace-nowrap px-2 py-0.5 text-left font-normal">
                    <span className="inline-flex items-center gap-1">
                      <button
                        type="button"
                        aria-pressed={stage.key === selectedKey}
                        className="underline-offset-2 hover:underline aria-pressed:font-semibold"
                        onFocus={() => onPoint([stage.key])}
                        onBlur={() => onPoint([])}
                        onClick={() => onSelect(stage.key)}
                      >
                        Stage {stage.info.stageId}
                      </button>
                      <FaultButton target={{ kind: 'stage', stageKey: stage.key }} />
                    </span>
                  </th>
                  <td className="whitespace-nowrap px-2">
                    <StateGlyph state={stage.status} showWord />
                  </td>
                  {STAGE_COLUMNS.slice(2).map(({ label: name, numeric, text }) => (
                    <td
                      key={name}
                      title={numeric ? undefined : text(entry, totalTime)}
                      className={`max-w-60 truncate whitespace-nowrap px-2 ${numeric ? 'text-right tabular-nums' : ''}`}
                    >
                      {text(entry, totalTime)}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </ScrollBox>
      {sorted.length > PAGE && (
        <div className="flex items-center gap-2 pt-1 text-ink-3 text-xs">
          <span className="flex-1">
            showing {formatCount(from + 1)}–{formatCount(from + shown.length)} of {formatCount(sorted.length)}{' '}
            stages
          </span>
          <Button size="sm" disabled={from === 0} onClick={() => setPage(page - 1)}>
            Previous stages
          </Button>
          <Button size="sm" disabled={from + PAGE >= sorted.length} onClick={() => setPage(page + 1)}>
            Next stages
          </Button>
        </div>
      )}
    </div>
  );
}
