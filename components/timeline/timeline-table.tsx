'use client';
/** The timeline as a table: the same bars, each named with its partition and state. */
import { useState } from 'react';
import { FaultButton } from '../faults/fault-button.tsx';
import { taskPartitions } from '../jobs/adaptive-plan.ts';
import { formatCount, formatDuration } from '../ui/format.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { SortHeader } from '../ui/sort-header.tsx';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { PHASES } from './phases.ts';
import { sliceState, type TimelineLane, type TimelineSlice } from './time-scale.ts';
import type { TimelineBars } from './timeline-bars.ts';
import { menuTarget } from './timeline-menu.ts';

const SHOWN = 200;

export function sliceName(slice: TimelineSlice): string {
  const { task, count } = slice;
  if (!task)
    return `${formatCount(count)} tasks${slice.stage ? ` of stage ${slice.stage.split('.')[0]}` : ''}`;
  return `${taskPartitions(task)}, stage ${task.stageId}${task.attempt > 0 ? `, attempt ${task.attempt}` : ''}${task.speculative ? ', speculative' : ''}`;
}

function MenuButton({ lane, slice }: { lane: TimelineLane; slice: TimelineSlice }) {
  const target = menuTarget(lane, slice);
  return target ? <FaultButton target={target} /> : null;
}

type Sort = 'lane' | 'start' | 'length';

export function TimelineTable({
  answer,
  lit,
  chosenTask,
  onChoose,
  onPoint,
  againOf,
  excludedOf,
  onMenu,
}: TimelineBars) {
  const [sort, setSort] = useState<{ by: Sort; descending: boolean }>({ by: 'lane', descending: false });
  const bars = answer.lanes.flatMap((lane) => lane.slices.map((slice) => ({ lane, slice })));
  if (sort.by === 'start') bars.sort((a, b) => a.slice.start - b.slice.start);
  if (sort.by === 'length') bars.sort((a, b) => a.slice.end - a.slice.start - (b.slice.end - b.slice.start));
  if (sort.descending) bars.reverse();
  const head = (label: string, by: Sort) => (
    <SortHeader
      label={label}
      numeric={false}
      direction={sort.by === by ? (sort.descending ? 'descending' : 'ascending') : 'none'}
      onSort={() => setSort({ by, descending: sort.by === by ? !sort.descending : by === 'length' })}
    />
  );
  return (
    <>
      <ScrollBox aria-label="Timeline as a table" className="max-h-80 overflow-auto">
        <table className="w-full text-xs">
          <thead className="sticky top-0 bg-raised text-ink-2">
            <tr>
              <th scope="col" className="px-2 py-1 text-left font-medium">
                Bar
              </th>
              {head('Lane', 'lane')}
              <th scope="col" className="px-2 py-1 text-left font-medium">
                State
              </th>
              {head('Start', 'start')}
              {head('Length', 'length')}
              {PHASES.map(({ label }) => (
                <th key={label} scope="col" className="whitespace-nowrap px-2 py-1 text-left font-medium">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {bars.slice(0, SHOWN).map(({ lane, slice }) => (
              <tr
                key={`${lane.key} ${slice.start} ${slice.task?.taskId ?? ''}`}
                data-lit={(slice.stage !== undefined && lit.has(slice.stage)) || undefined}
                data-chosen={(slice.task !== undefined && slice.task.taskId === chosenTask) || undefined}
                onPointerEnter={() => onPoint(slice.stage === undefined ? [] : [slice.stage])}
                onPointerLeave={() => onPoint([])}
                onContextMenu={(event) => {
                  const target = menuTarget(lane, slice);
                  if (!onMenu || !target) return;
                  event.preventDefault();
                  const { clientX: x, clientY: y } = event;
                  onMenu(target, { x, y, from: event.currentTarget.querySelector('button') });
                }}
                className="border-line border-b hover:bg-raised data-lit:bg-accent-soft data-chosen:bg-accent-soft"
              >
                <th scope="row" className="whitespace-nowrap px-2 py-0.5 text-left font-normal">
                  <span className="inline-flex items-center gap-1">
                    {slice.stage === undefined ? (
                      sliceName(slice)
                    ) : (
                      <button
                        type="button"
                        className="underline-offset-2 hover:underline"
                        onClick={() => onChoose(slice)}
                      >
                        {sliceName(slice)}
                      </button>
                    )}
                    <MenuButton lane={lane} slice={slice} />
                  </span>
                </th>
                <td className="whitespace-nowrap px-2" title={excludedOf(lane)}>
                  {lane.label}
                  {excludedOf(lane) && ', excluded'}
                </td>
                <td className="whitespace-nowrap px-2">
                  <StateGlyph state={sliceState(slice)} showWord />
                  {againOf(slice) && `, ${againOf(slice)}`}
                </td>
                <td className="whitespace-nowrap px-2 tabular-nums">
                  {formatDuration(slice.start - answer.extent[0])}
                </td>
                <td className="whitespace-nowrap px-2 tabular-nums">
                  {formatDuration(slice.end - slice.start)}
                </td>
                {slice.phases.map((time, index) => (
                  <td key={PHASES[index]?.key ?? index} className="whitespace-nowrap px-2 tabular-nums">
                    {formatDuration(time)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      {bars.length > SHOWN && (
        <p className="pt-1 text-ink-3 text-xs">
          showing {SHOWN} of {formatCount(bars.length)} bars; zoom the timeline to see others
        </p>
      )}
    </>
  );
}
