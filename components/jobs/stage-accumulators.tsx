'use client';
/** What the tasks of a stage added to named accumulators, and where these stood then. */
import type { StageView } from '../../engine/fold/state.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';

const headClass = 'truncate px-2 py-1 text-left font-medium first:w-1/4 first:px-4 last:pr-4';
const cellClass = 'truncate px-2 py-1 text-left font-mono tabular-nums last:pr-4';

export function StageAccumulators({ stage }: { stage: StageView }) {
  const { accumulables = [] } = stage;
  if (accumulables.length === 0) return null;
  return (
    <ScrollBox
      aria-label={`Accumulators of stage ${stage.info.stageId}`}
      className="mb-3 max-h-60 overflow-auto"
    >
      <table className="w-full table-fixed text-xs">
        <caption className="px-4 pb-1 text-left text-ink-3">Accumulators</caption>
        <thead className="bg-raised text-ink-2">
          <tr>
            {['Name', 'Added by this stage', 'Value after it'].map((label) => (
              <th key={label} scope="col" className={headClass}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {accumulables.map(({ id, name, update, value }) => (
            <tr key={id} className="border-line border-b">
              <th scope="row" className="truncate px-4 py-1 text-left font-normal" title={name}>
                {name}
              </th>
              <td className={cellClass} title={update}>
                {update}
              </td>
              <td className={cellClass} title={value}>
                {value}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
