'use client';
/** The tasks of a stage, 100 at a time; sorted by the server over all of them. */
import { useMemo, useState } from 'react';
import type { StageView } from '../../engine/fold/state.ts';
import type { StageTasksAnswer, TaskRow } from '../../engine/viewer-protocol.ts';
import { Button } from '../ui/button.tsx';
import { formatCount } from '../ui/format.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { type TaskColumn, type TaskSort, taskColumns } from './task-columns.ts';
import { useQuery } from './use-query.ts';

const PAGE = 100;

const INDEX: TaskColumn = {
  label: 'Index',
  sort: 'index',
  numeric: true,
  text: ({ task }) => String(task.index),
};
const STATUS: TaskColumn = { label: 'Status', sort: 'status', numeric: false, text: ({ status }) => status };

function HeaderCell(props: {
  column: TaskColumn;
  sort: TaskSort | undefined;
  onSort: (column: TaskColumn) => void;
}) {
  const { column, sort, onSort } = props;
  const active = sort !== undefined && sort.column === column.sort;
  const direction = active ? (sort.descending ? 'descending' : 'ascending') : 'none';
  return (
    <th scope="col" aria-sort={direction} className="bg-raised p-0 font-medium text-ink-2">
      <button
        type="button"
        onClick={() => onSort(column)}
        className={`flex h-6 w-full items-center gap-1 whitespace-nowrap px-2 hover:text-ink focus-visible:-outline-offset-2 ${column.numeric ? 'justify-end' : ''}`}
      >
        {column.label}
        <span aria-hidden="true" className="w-2 text-accent">
          {active ? (sort.descending ? '↓' : '↑') : ''}
        </span>
      </button>
    </th>
  );
}

function TaskLine({ row, columns }: { row: TaskRow; columns: readonly TaskColumn[] }) {
  const { task, error } = row;
  return (
    <>
      <tr className={`border-line border-b hover:bg-raised ${row.status === 'failed' ? 'bg-bad-soft' : ''}`}>
        <th
          scope="row"
          className="px-2 py-0.5 text-right font-normal tabular-nums"
          aria-label={`Partition ${task.partition}, attempt ${task.attempt}`}
        >
          {task.index}
          {task.attempt > 0 && <span className="text-ink-3">.{task.attempt}</span>}
        </th>
        <td className="px-2">
          <StateGlyph state={row.status} showWord />
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
      {error && (
        <tr className="border-line border-b bg-bad-soft">
          <td colSpan={columns.length + 2} className="px-2 pb-1 text-bad">
            {error.name}: {error.message}
          </td>
        </tr>
      )}
    </>
  );
}

export function TaskTable({ stage }: { stage: StageView }) {
  const { stageId, attempt } = stage.info;
  const [sort, setSort] = useState<TaskSort>();
  const [page, setPage] = useState(0);
  const { answer, error } = useQuery<StageTasksAnswer>(
    { type: 'stageTasks', stageId, attempt, offset: page * PAGE, limit: PAGE, ...(sort && { sort }) },
    stage.progress.version,
    { interval: 500 },
  );
  const { progress } = stage;
  const columns = useMemo(() => taskColumns(progress), [progress]);
  if (error && !answer) return <p className="px-4 py-2 text-bad text-xs">{error}</p>;
  if (!answer || answer.total === 0) return null;

  const onSort = ({ sort: column }: TaskColumn) => {
    if (!column) return;
    setPage(0);
    setSort((before) => {
      if (before?.column !== column) return { column, descending: column !== 'index' };
      return { column, descending: !before.descending };
    });
  };
  const first = page * PAGE + 1;
  const last = page * PAGE + answer.rows.length;
  const paged = answer.total > PAGE;
  return (
    <div className="mt-3">
      <div className="flex items-center gap-2 px-4 pb-1 text-ink-3 text-xs">
        <h3>
          Tasks: showing {formatCount(first)}–{formatCount(last)} of {formatCount(answer.total)} attempts
        </h3>
        <span className="flex-1" />
        {paged && (
          <>
            <Button size="sm" disabled={page === 0} onClick={() => setPage(page - 1)}>
              Previous
            </Button>
            <Button size="sm" disabled={last >= answer.total} onClick={() => setPage(page + 1)}>
              Next
            </Button>
          </>
        )}
      </div>
      <ScrollBox aria-label={`Tasks of stage ${stageId}`} className="max-h-96 overflow-auto">
        <table className="w-full text-xs">
          <thead className="sticky top-0 z-1">
            <tr>
              {[INDEX, STATUS, ...columns].map((column) => (
                <HeaderCell key={column.label} column={column} sort={sort} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {answer.rows.map((row) => (
              <TaskLine key={row.task.taskId} row={row} columns={columns} />
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </div>
  );
}
