'use client';
/** Filters and pages of the task table. */
import { type FormEvent, useEffect, useState } from 'react';
import type { TaskStatus } from '../../engine/protocol.ts';
import { useSessionState } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { formatCount } from '../ui/format.ts';

const selectClass = 'h-6 rounded-md border border-line bg-surface px-1 text-ink text-xs';
const STATUSES: readonly TaskStatus[] = ['running', 'success', 'failed', 'killed'];

export interface TaskFiltersProps {
  status: TaskStatus | undefined;
  executorId: string | undefined;
  onStatus: (status: TaskStatus | undefined) => void;
  onExecutor: (executorId: string | undefined) => void;
}

export function TaskFilters({ status, executorId, onStatus, onExecutor }: TaskFiltersProps) {
  const executors = useSessionState(({ view }) => view?.executors);
  return (
    <>
      <select
        aria-label="Tasks by status"
        value={status ?? ''}
        className={selectClass}
        onChange={(event) => onStatus(STATUSES.find((one) => one === event.target.value))}
      >
        <option value="">any status</option>
        {STATUSES.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
      <select
        aria-label="Tasks by executor"
        value={executorId ?? ''}
        className={selectClass}
        onChange={(event) => onExecutor(event.target.value || undefined)}
      >
        <option value="">any executor</option>
        {[...(executors?.keys() ?? [])].map((id) => (
          <option key={id} value={id}>
            executor {id}
          </option>
        ))}
      </select>
    </>
  );
}

export interface TaskPagesProps {
  offset: number;
  total: number;
  page: number;
  onTurn: (offset: number) => void;
}

export function TaskPages({ offset, total, page, onTurn }: TaskPagesProps) {
  const current = Math.floor(offset / page) + 1;
  const last = Math.ceil(total / page);
  const [text, setText] = useState(String(current));
  useEffect(() => setText(String(current)), [current]);

  function jump(event: FormEvent) {
    event.preventDefault();
    const wanted = Math.round(Number(text));
    if (Number.isFinite(wanted)) onTurn((Math.min(last, Math.max(1, wanted)) - 1) * page);
    setText(String(Math.min(last, Math.max(1, wanted || current))));
  }
  return (
    <form onSubmit={jump} className="flex items-center gap-1">
      <Button size="sm" disabled={current <= 1} onClick={() => onTurn(offset - page)}>
        Previous
      </Button>
      <input
        aria-label="Page of tasks"
        inputMode="numeric"
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="h-6 w-12 rounded-md border border-line bg-surface px-1 text-right text-ink text-xs tabular-nums"
      />
      <span>of {formatCount(last)}</span>
      <Button size="sm" disabled={current >= last} onClick={() => onTurn(offset + page)}>
        Next
      </Button>
    </form>
  );
}
