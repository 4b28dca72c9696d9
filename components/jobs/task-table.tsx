'use client';
/** The tasks of a stage, 100 at a time; sorted and filtered by the server over all of them. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { causeOf, faultWords, taskReason } from '../../engine/fold/fault-words.ts';
import type { StageView } from '../../engine/fold/state.ts';
import type { TaskInfo, TaskStatus } from '../../engine/protocol.ts';
import type { StageTasksAnswer } from '../../engine/viewer-protocol.ts';
import { slownessOf } from '../faults/fault-target.ts';
import { useSessionState } from '../session/session-context.tsx';
import { formatCount } from '../ui/format.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { SortHeader } from '../ui/sort-header.tsx';
import { type ChosenTask, isChosen, usePanel, usePanelStore } from './panel-store.ts';
import { type TaskColumn, type TaskSort, taskColumns } from './task-columns.ts';
import { TaskFilters, TaskPages } from './task-controls.tsx';
import { TaskRow } from './task-row.tsx';
import { useQuery } from './use-query.ts';

const TASK_PAGE = 100;

const INDEX: TaskColumn = {
  label: 'Index',
  sort: 'index',
  numeric: true,
  text: ({ task }) => String(task.index),
};
const STATUS: TaskColumn = { label: 'Status', sort: 'status', numeric: false, text: ({ status }) => status };

/** The same array as long as the same columns are shown: the rows are drawn anew where one changes. */
function useColumns(progress: StageView['progress'], additional: boolean): readonly TaskColumn[] {
  const now = taskColumns(progress, additional);
  const [shown, setShown] = useState(now);
  if (shown.length === now.length && now.every((column, i) => column === shown[i])) return shown;
  setShown(now);
  return now;
}

export interface TaskTableProps {
  stage: StageView;
  additional: boolean;
  status: TaskStatus | undefined;
  onStatus: (status: TaskStatus | undefined) => void;
}

function wantedOf(task: ChosenTask | undefined) {
  if (!task) return {};
  if (task.taskId !== undefined) return { taskId: task.taskId };
  return { place: { partition: task.partition, attempt: task.attempt } };
}

export function TaskTable({ stage, additional, status, onStatus }: TaskTableProps) {
  const { stageId, attempt } = stage.info;
  const store = usePanelStore();
  const chosen = usePanel(({ task }) => (task?.stageKey === stage.key ? task : undefined));
  const [sort, setSort] = useState<TaskSort>();
  const [offset, setOffset] = useState(0);
  const [executorId, setExecutorId] = useState<string>();
  /** The task whose page is wanted; forgotten once the user turns a page. */
  const [wanted, setWanted] = useState<ChosenTask>();
  const box = useRef<HTMLDivElement>(null);
  const { answer, error } = useQuery<StageTasksAnswer>(
    {
      type: 'stageTasks',
      stageId,
      attempt,
      offset,
      limit: TASK_PAGE,
      ...(sort && { sort }),
      ...(status && { status }),
      ...(executorId !== undefined && { executorId }),
      ...wantedOf(wanted),
    },
    stage.progress.version,
    { interval: 500 },
  );
  const { progress } = stage;
  const faults = useSessionState(({ view }) => view?.faults);
  const executors = useSessionState(({ view }) => view?.executors);
  const stages = useSessionState(({ view }) => view?.stages);
  const againOf = ({ partition, attempt, launchTime }: TaskInfo) => {
    // A later attempt says itself why it is one, unless what it reads was lost only then.
    const wasTold = attempt > 0 && causeOf(stage, partition) === causeOf(stage, partition, 0);
    return !wasTold && faults && executors && taskReason({ faults, executors }, stage, partition, launchTime);
  };
  const slowedOf = (task: TaskInfo) => {
    const order = faults && stages && slownessOf(stage, task, { faults, stages });
    return order && faultWords(order, stageId);
  };
  const columns = useColumns(progress, additional);
  const select = useCallback(
    (taskId: number) => store.setState({ task: { taskId, stageKey: stage.key } }),
    [store, stage.key],
  );

  // A task chosen elsewhere may be hidden by a filter.
  useEffect(() => {
    if (!chosen) return;
    setWanted(chosen);
    setExecutorId(undefined);
    onStatus(undefined);
  }, [chosen, onStatus]);

  const shownTask = answer?.rows.find(({ task }) => isChosen(chosen, task))?.task.taskId;
  useEffect(() => {
    if (shownTask === undefined || !chosen) return;
    box.current?.querySelector(`[data-task="${shownTask}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [shownTask, chosen]);

  if (error && !answer) return <p className="px-4 py-2 text-bad text-xs">{error}</p>;
  if (!answer || answer.all === 0) return null;

  const turn = (to: number) => {
    setWanted(undefined);
    setOffset(to);
  };
  const onSort = ({ sort: column }: TaskColumn) => {
    if (!column) return;
    turn(0);
    setSort((before) => {
      if (before?.column !== column) return { column, descending: column !== 'index' };
      return { column, descending: !before.descending };
    });
  };
  const directionOf = (column: TaskColumn) => {
    if (sort === undefined || sort.column !== column.sort) return 'none';
    return sort.descending ? 'descending' : 'ascending';
  };
  const filtered = status !== undefined || executorId !== undefined;
  return (
    <div ref={box} className="mt-3">
      <div className="flex flex-wrap items-center gap-2 px-4 pb-1 text-ink-3 text-xs">
        <h3>
          Tasks: showing {formatCount(answer.rows.length === 0 ? 0 : answer.offset + 1)}–
          {formatCount(answer.offset + answer.rows.length)} of {formatCount(answer.total)}
          {filtered && ` (${formatCount(answer.all)} in all)`} attempts
        </h3>
        <span className="flex-1" />
        <TaskFilters
          status={status}
          executorId={executorId}
          onStatus={(next) => {
            turn(0);
            onStatus(next);
          }}
          onExecutor={(next) => {
            turn(0);
            setExecutorId(next);
          }}
        />
        {answer.total > TASK_PAGE && (
          <TaskPages offset={answer.offset} total={answer.total} page={TASK_PAGE} onTurn={turn} />
        )}
      </div>
      <ScrollBox
        aria-label={`Tasks of stage ${stageId}`}
        className="when-seen [--unseen:24rem] max-h-96 overflow-auto"
      >
        <table className="w-full text-xs">
          <thead className="sticky top-0 z-1">
            <tr>
              {[INDEX, STATUS, ...columns].map((column) => (
                <SortHeader
                  key={column.label}
                  label={column.label}
                  numeric={column.numeric}
                  direction={directionOf(column)}
                  onSort={() => onSort(column)}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {answer.rows.map((row) => (
              <TaskRow
                key={row.task.taskId}
                row={row}
                columns={columns}
                again={againOf(row.task) || undefined}
                slowed={slowedOf(row.task)}
                selected={isChosen(chosen, row.task)}
                onSelect={select}
              />
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </div>
  );
}
