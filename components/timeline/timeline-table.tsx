/** The timeline as a table: the same bars, each named with its partition and state. */
import type { TimelineAnswer } from '../../engine/viewer-protocol.ts';
import { formatCount, formatDuration } from '../ui/format.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { PHASES } from './phases.ts';
import { sliceState, type TimelineSlice } from './time-scale.ts';

const SHOWN = 200;

export function sliceName(slice: TimelineSlice): string {
  const { task, count } = slice;
  if (!task) return `${formatCount(count)} tasks`;
  return `Partition ${task.partition}, stage ${task.stageId}${task.attempt > 0 ? `, attempt ${task.attempt}` : ''}`;
}

export function TimelineTable({ answer }: { answer: TimelineAnswer }) {
  const bars = answer.lanes.flatMap((lane) => lane.slices.map((slice) => ({ lane, slice })));
  return (
    <>
      <ScrollBox aria-label="Timeline as a table" className="max-h-80 overflow-auto">
        <table className="w-full text-xs">
          <thead className="sticky top-0 bg-raised text-ink-2">
            <tr>
              {['Bar', 'Lane', 'State', 'Start', 'Length', ...PHASES.map((phase) => phase.label)].map(
                (label) => (
                  <th key={label} scope="col" className="whitespace-nowrap px-2 py-1 text-left font-medium">
                    {label}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {bars.slice(0, SHOWN).map(({ lane, slice }) => (
              <tr
                key={`${lane.key} ${slice.start} ${slice.task?.taskId ?? ''}`}
                className="border-line border-b"
              >
                <th scope="row" className="whitespace-nowrap px-2 py-0.5 text-left font-normal">
                  {sliceName(slice)}
                </th>
                <td className="whitespace-nowrap px-2">{lane.label}</td>
                <td className="px-2">
                  <StateGlyph state={sliceState(slice)} showWord />
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
