/** Small sessions for tests: their cells, what they say of a text, and their events as short text. */
import type { CellAnalysis } from '../closure/analyze-cell.ts';
import type { NotebookEvent } from '../protocol.ts';
import type { NotebookCommand } from '../viewer-protocol.ts';
import {
  createSession,
  type SessionCommand,
  type SessionOperation,
  type SessionState,
  step,
} from './notebook-session.ts';

/** `x = y + z` defines x and uses y and z; a text with `!` is broken. */
export function toyAnalysis(source: string): CellAnalysis {
  if (source.includes('!')) {
    const error = { code: 'SYNTAX', name: 'StagelightError', message: 'Unexpected token' };
    return { definitions: [], references: [], error };
  }
  const [left = '', right] = source.split(' = ');
  const names = (text: string) => text.split(' + ').filter((name) => /^[a-z]\w*$/.test(name));
  return right === undefined
    ? { definitions: [], references: names(left) }
    : { definitions: names(left), references: names(right) };
}

export function session(...ids: string[]): SessionState {
  const cells = ids.map((cellId) => ({
    cellId,
    kind: cellId.startsWith('m') ? ('markdown' as const) : ('code' as const),
    source: `source of ${cellId}`,
    revision: 0,
    markerText: '',
  }));
  return createSession({ path: 'a.ts', cells, runPrefix: 'r', analyze: toyAnalysis });
}

/** What follows from the others. */
const DERIVED = new Set(['cellAnalyzed', 'stalenessChanged', 'historyChanged']);

/** Applies operations and returns what they gave, as short text: events, then commands. */
export function play(state: SessionState, ...operations: (SessionOperation | NotebookCommand)[]): string[] {
  return operations.flatMap((operation) => {
    const isCommand = ![
      'kernelReady',
      'kernelStatus',
      'cellFinished',
      'kernelLost',
      'saved',
      'fileChanged',
      'command',
    ].includes(operation.type);
    const result = step(
      state,
      isCommand
        ? { type: 'command', command: operation as NotebookCommand }
        : (operation as SessionOperation),
      1,
    );
    const { reply } = result;
    return [
      ...(reply.ok ? [] : [`refused ${reply.error.code}`]),
      ...result.events.filter(({ type }) => !DERIVED.has(type)).map(eventText),
      ...result.commands.map(commandText),
    ];
  });
}

function eventText(event: NotebookEvent): string {
  if (event.type === 'cellFinished') return `${event.cellId} ${event.status}`;
  if (event.type === 'cellQueued') return `${event.cellId} queued`;
  if (event.type === 'kernelStatus') return `kernel ${event.status}`;
  return event.type;
}

function commandText(command: SessionCommand): string {
  return command.type === 'execute'
    ? `execute ${command.cellId} [${command.executionCount}]`
    : `${command.type}!`;
}

export const ready: SessionOperation = { type: 'kernelReady', pid: 1 };
export const runCells = (...cellIds: string[]): NotebookCommand => ({ type: 'runCells', cellIds });
export const lost: SessionOperation = {
  type: 'kernelLost',
  error: { code: 'KERNEL_LOST', name: 'KernelLost', message: 'gone' },
};

export function finished(
  state: SessionState,
  status: 'ok' | 'error' | 'interrupted' = 'ok',
): SessionOperation {
  const { cellId, runId } = state.running!;
  return { type: 'cellFinished', cellId, runId, status };
}
