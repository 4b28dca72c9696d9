/** Outputs that only this page has: the server that was killed could not save them, and the next one knows less. */
import type { CellView, ViewState } from '../../engine/fold/state.ts';
import type { ErrorData } from '../../engine/protocol.ts';

/** The page saw a run begin that the server does not know, or more of the same run. */
function knowsMore(page: CellView, server: CellView): boolean {
  if (page.runId === server.runId)
    return page.outputSize + page.outputDropped > server.outputSize + server.outputDropped;
  return (page.startedAt ?? 0) > (server.startedAt ?? server.lastRun?.startedAt ?? 0);
}

function takeRun(from: CellView, to: CellView): void {
  const { runId, executionCount, startedAt, finishedAt, ranSource, lastRun } = from;
  const { outputs, outputDropped, outputSize } = from;
  const wasRunning = from.status === 'running' || from.status === 'queued';
  Object.assign(to, { outputs, outputDropped, outputSize, status: wasRunning ? 'aborted' : from.status });
  const run = { runId, executionCount, startedAt, finishedAt, ranSource, lastRun };
  for (const [key, value] of Object.entries(run))
    if (value !== undefined) Object.assign(to, { [key]: value });
}

function onlyHere(cells: number): ErrorData {
  return {
    code: 'OUTPUTS_ONLY_HERE',
    name: 'StagelightError',
    message: `outputs of ${cells} ${cells === 1 ? 'cell' : 'cells'} are on this page alone`,
    hint: 'The server ended before it could save them. They are gone when this page is; run the cells again, or copy what you need.',
  };
}

/** Carries over to a server's `next` view what the page showed and that server does not know. */
export function keepOutputs(page: ViewState, next: ViewState): void {
  let kept = 0;
  for (const cell of page.cells.values()) {
    const known = next.cells.get(cell.cellId);
    if (!known || cell.outputs.length === 0 || !knowsMore(cell, known)) continue;
    takeRun(cell, known);
    kept++;
  }
  if (kept > 0 && next.notebook) next.notebook.outputsError = onlyHere(kept);
}
