/** The runs of a session: which wait, which one runs, and the kernel they run in. */
import type { ErrorData, KernelStatus } from '../protocol.ts';
import type { QueuedRun, SessionOperation, SessionState, StepResult } from './notebook-session.ts';
import { recordEnd, recordStart, takeBack } from './run-records.ts';

/** A kernel process exists and answers, or will. */
export function isAlive(status: KernelStatus): boolean {
  return status !== 'none' && status !== 'dead' && status !== 'starting';
}

export function setKernel(
  state: SessionState,
  status: KernelStatus,
  time: number,
  result: StepResult,
  more: { error?: ErrorData; pid?: number },
): void {
  if (state.kernel === status && !more.error) return;
  state.kernel = status;
  result.events.push({ type: 'kernelStatus', status, time, ...more });
}

export function startKernel(state: SessionState, time: number, result: StepResult): void {
  state.executionCount = 0;
  state.kernelId = `${state.runPrefix}-k${++state.kernels}`;
  state.records.providers.clear();
  setKernel(state, 'starting', time, result, {});
  result.commands.push({ type: 'startKernel' });
}

/** Queues the code cells among `cellIds` in that order; a cell already waiting keeps its place. */
export function queueCells(state: SessionState, cellIds: string[], time: number, result: StepResult): void {
  const request = ++state.requests;
  for (const cellId of cellIds) {
    const cell = state.cells.find((c) => c.cellId === cellId);
    if (cell?.kind !== 'code' || state.queue.some((run) => run.cellId === cellId)) continue;
    const runId = `${state.runPrefix}-${++state.runs}`;
    state.queue.push({ cellId, runId, request });
    result.events.push({ type: 'cellQueued', cellId, runId, time });
  }
  if (state.queue.length === 0) return;
  if (state.kernel === 'none' || state.kernel === 'dead') startKernel(state, time, result);
  startNext(state, result);
}

/** Starts the first waiting run if the kernel is free. The source is the cell's of this moment, not of when it was queued. */
export function startNext(state: SessionState, result: StepResult): void {
  if (state.running || !isAlive(state.kernel)) return;
  const next = state.queue.shift();
  if (!next) return;
  const index = state.cells.findIndex((cell) => cell.cellId === next.cellId);
  const { cellId, runId } = next;
  const { source } = state.cells[index]!;
  state.running = { ...next, before: recordStart(state, cellId, runId, source) };
  result.commands.push({
    type: 'execute',
    cellId,
    runId,
    source,
    executionCount: ++state.executionCount,
    label: `cell ${index + 1}`,
  });
}

export function finishRun(
  state: SessionState,
  { cellId, runId, status }: Extract<SessionOperation, { type: 'cellFinished' }>,
  time: number,
  result: StepResult,
): void {
  const { running } = state;
  if (running?.runId !== runId) return;
  delete state.running;
  // The kernel gave it up before it began.
  if (status === 'aborted') takeBack(state, cellId, running.before);
  else recordEnd(state, cellId, runId, status === 'interrupted');
  result.events.push({ type: 'cellFinished', cellId, runId, time, status });
  if (status !== 'ok') abortQueue(state, (run) => run.request === running.request, time, result);
  startNext(state, result);
}

/** The kernel is gone, and every value with it. */
export function endKernel(
  state: SessionState,
  status: 'none' | 'dead',
  time: number,
  result: StepResult,
  error?: ErrorData,
): void {
  abortAll(state, time, result);
  delete state.kernelId;
  state.records.providers.clear();
  setKernel(state, status, time, result, error ? { error } : {});
}

export function abortQueue(
  state: SessionState,
  which: (run: QueuedRun) => boolean,
  time: number,
  result: StepResult,
): void {
  for (const { cellId, runId } of state.queue.filter(which)) {
    result.events.push({ type: 'cellFinished', cellId, runId, time, status: 'aborted' });
  }
  state.queue = state.queue.filter((run) => !which(run));
}

export function abortAll(state: SessionState, time: number, result: StepResult): void {
  const { running } = state;
  if (running) {
    delete state.running;
    result.events.push({
      type: 'cellFinished',
      cellId: running.cellId,
      runId: running.runId,
      time,
      status: 'aborted',
    });
  }
  abortQueue(state, () => true, time, result);
}

/** A deleted cell leaves the queue; if it runs, it is interrupted (its end arrives later and frees the kernel). */
export function dropRuns(state: SessionState, cellId: string, time: number, result: StepResult): void {
  abortQueue(state, (run) => run.cellId === cellId, time, result);
  if (state.running?.cellId === cellId) result.commands.push({ type: 'interrupt' });
}
