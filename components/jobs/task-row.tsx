/** One task attempt in the task table, with its error and the reason it was started again below it. */

import { memo } from 'react';
import type { ErrorData } from '../../engine/protocol.ts';
import type { TaskRow as Task } from '../../engine/viewer-protocol.ts';
import { FaultButton } from '../faults/fault-button.tsx';
import { useFaultMenu } from '../faults/fault-context.tsx';
import { Glyph, StateGlyph } from '../ui/state-glyph.tsx';
import { taskPartitions } from './adaptive-plan.ts';
import { SourceLink } from './stage-attempts.tsx';
import type { TaskColumn } from './task-columns.ts';

function positionOf(error: ErrorData): ErrorData['position'] {
  for (let at: ErrorData | undefined = error; at; at = at.cause) if (at.position) return at.position;
  return undefined;
}

interface TaskRowProps {
  row: Task;
  columns: readonly TaskColumn[];
  /** Why it computes what was there before. */
  again?: string | undefined;
  /** That it was slowed on purpose. */
  slowed?: string | undefined;
  selected: boolean;
  onSelect: (taskId: number) => void;
}

/** What ended stays as it is: its rows of two answers are drawn alike. Another kernel's may have the same numbers. */
function isSameRow(a: Task, b: Task): boolean {
  if (a === b) return true;
  return (
    a.task.taskId === b.task.taskId &&
    a.task.launchTime === b.task.launchTime &&
    a.finishTime === b.finishTime &&
    a.status === b.status &&
    a.status !== 'running' &&
    a.reason === b.reason
  );
}

function looksSame(before: TaskRowProps, after: TaskRowProps): boolean {
  return (
    isSameRow(before.row, after.row) &&
    before.columns === after.columns &&
    before.again === after.again &&
    before.slowed === after.slowed &&
    before.selected === after.selected &&
    before.onSelect === after.onSelect
  );
}

export const TaskRow = memo(function TaskRow({
  row,
  columns,
  again,
  slowed,
  selected,
  onSelect,
}: TaskRowProps) {
  const { task, error, reason } = row;
  const position = error && positionOf(error);
  /** A task that was stopped is no failure. */
  const failed = row.status === 'failed';
  const openMenu = useFaultMenu();
  const { stageId, stageAttempt, partition, executorId } = task;
  const target = { kind: 'task', stageKey: `${stageId}.${stageAttempt}`, partition, executorId } as const;
  return (
    <>
      <tr
        data-chosen={selected || undefined}
        data-task={task.taskId}
        onContextMenu={(event) => {
          if (!openMenu) return;
          event.preventDefault();
          const { clientX: x, clientY: y } = event;
          openMenu(target, { x, y, from: event.currentTarget.querySelector('button') });
        }}
        className={`border-line border-b hover:bg-raised data-chosen:bg-accent-soft data-chosen:outline-2 data-chosen:outline-focus ${failed ? 'bg-bad-soft' : ''}`}
      >
        <th
          scope="row"
          className="whitespace-nowrap px-2 py-0.5 text-right font-normal tabular-nums"
          aria-label={`${taskPartitions(task)}, attempt ${task.attempt}${task.speculative ? ', speculative' : ''}`}
          title={task.numPartitions ? taskPartitions(task) : undefined}
        >
          <span className="inline-flex items-center gap-1">
            <button
              type="button"
              aria-pressed={selected}
              className="hover:underline"
              onClick={() => onSelect(task.taskId)}
            >
              {task.index}
              {task.numPartitions && <span className="text-ink-3">+{task.numPartitions - 1}</span>}
              {task.attempt > 0 && <span className="text-ink-3">.{task.attempt}</span>}
            </button>
            <FaultButton target={target} />
          </span>
        </th>
        <td className="px-2">
          <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
            <StateGlyph state={row.status} showWord />
            {task.speculative && (
              <span className="inline-flex items-center gap-1 text-ink-2">
                <Glyph name="twin" />
                speculative
              </span>
            )}
          </span>
        </td>
        {columns.map((column) => (
          <td
            key={column.label}
            className={`whitespace-nowrap px-2 tabular-nums ${column.numeric ? 'text-right' : ''}`}
          >
            {column.text(row)}
          </td>
        ))}
      </tr>
      {[again, slowed].map(
        (words) =>
          words && (
            <tr key={words} className="border-line border-b">
              <td colSpan={columns.length + 2} className="px-2 pb-1 text-ink-2">
                {/* The table may be wider than what is seen of it. */}
                <span className="sticky left-2 inline-block max-w-[min(28rem,90cqw)]">{words}.</span>
              </td>
            </tr>
          ),
      )}
      {reason && (
        <tr className="border-line border-b">
          <td colSpan={columns.length + 2} className="px-2 pb-1 text-ink-2">
            {/* Counted from 0, as the index, the timeline and errors do. */}
            <span className="sticky left-2 inline-block max-w-[min(28rem,90cqw)]">
              Attempt {task.attempt} because {reason}
            </span>
          </td>
        </tr>
      )}
      {error && (
        <tr className={`border-line border-b ${failed ? 'bg-bad-soft' : ''}`}>
          <td colSpan={columns.length + 2} className={`px-2 pb-1 ${failed ? 'text-bad' : 'text-ink-2'}`}>
            {failed ? error.name : 'Killed'}: {error.message} {position && <SourceLink position={position} />}
          </td>
        </tr>
      )}
    </>
  );
}, looksSame);
