/** A session with the view that its events make and a kernel that does what the test says: what model tests drive. */
import fc from 'fast-check';
import { createViewState, fold } from '../fold/fold.ts';
import type { ViewState } from '../fold/state.ts';
import type { NotebookCommand } from '../viewer-protocol.ts';
import {
  type SessionCommand,
  type SessionOperation,
  type SessionState,
  type StepResult,
  step,
} from './notebook-session.ts';
import { finished, lost, ready, session } from './test-session.ts';

export type Execute = Extract<SessionCommand, { type: 'execute' }>;
export type End = 'ok' | 'error' | 'interrupted' | 'aborted';
/** `cell`: a place in the document of the moment, taken modulo its length. */
export type Deed =
  | { deed: 'command'; command: NotebookCommand }
  | { deed: 'append'; cell: number }
  | { deed: 'set'; cell: number; source: string }
  | { deed: 'split'; cell: number; offset: number }
  | { deed: 'delete' | 'merge' | 'clear'; cells: number[] }
  | { deed: 'move'; cells: number[]; index: number }
  | { deed: 'convert'; cells: number[]; kind: 'code' | 'markdown' }
  | { deed: 'insert'; as: 'duplicate' | 'paste'; count: number; index: number }
  | { deed: 'restore'; cell: number }
  | { deed: 'run'; cells: number[] }
  | { deed: 'cancel'; cell: number }
  | { deed: 'end'; status: End }
  | { deed: 'lost' };

export class TestNotebook {
  readonly state: SessionState;
  readonly view: ViewState = createViewState('boot');
  readonly executed: Execute[] = [];
  readonly queued: string[] = [];
  readonly ended: string[] = [];
  /** Every word that was ever typed; nothing of it may get lost. */
  readonly typed: string[] = [];
  onExecute: (run: Execute) => void = () => {};
  #ids = 0;

  constructor(...ids: string[]) {
    this.state = session(...ids);
    const cells = this.state.cells.map(({ markerText: _own, ...cell }) => cell);
    fold(this.view, { type: 'notebookOpened', path: 'a.ts', cells, time: 0 });
    this.apply({ type: 'opened' });
  }

  apply(operation: SessionOperation): StepResult {
    const result = step(this.state, operation, 1);
    for (const event of result.events) {
      if (event.type === 'cellQueued') this.queued.push(event.runId);
      if (event.type === 'cellFinished') this.ended.push(event.runId);
      fold(this.view, event);
    }
    for (const command of result.commands) if (command.type === 'execute') this.#execute(command);
    return result;
  }

  command(command: NotebookCommand): StepResult {
    return this.apply({ type: 'command', command });
  }

  #execute(run: Execute): void {
    const { cellId, runId, executionCount, source } = run;
    this.executed.push(run);
    this.onExecute(run);
    fold(this.view, { type: 'cellStarted', cellId, runId, time: 1, executionCount, source });
    fold(this.view, { type: 'cellOutput', cellId, runId, output: { kind: 'text', text: `out ${runId}` } });
  }

  /** Output of the running cell. */
  late(cellId: string, text: string): void {
    const { runId } = this.state.running!;
    fold(this.view, { type: 'cellOutput', cellId, runId, output: { kind: 'text', text } });
  }

  /** Lets everything that waits run to the end. */
  drain(): void {
    if (this.state.kernel === 'starting') this.apply(ready);
    while (this.state.running) this.apply(finished(this.state));
  }

  perform(deed: Deed): void {
    const { cells } = this.state;
    const id = (place: number) => cells[place % Math.max(1, cells.length)]?.cellId ?? 'none';
    const ids = (places: number[]) => [...new Set(places.map(id))];
    switch (deed.deed) {
      case 'command':
        this.command(deed.command);
        return;
      case 'append':
      case 'set': {
        const cell = cells[deed.cell % Math.max(1, cells.length)];
        if (!cell) return;
        const word = `w${this.typed.length}w`;
        if (deed.deed === 'append') this.typed.push(word);
        const source = deed.deed === 'set' ? deed.source : `${cell.source}\n${word}`;
        this.command({ type: 'editCell', cellId: cell.cellId, source, baseRevision: cell.revision });
        return;
      }
      case 'split': {
        const cell = cells[deed.cell % Math.max(1, cells.length)];
        if (!cell) return;
        const { cellId, revision: baseRevision } = cell;
        // Not inside a word: then it would be in two pieces, and still not lost.
        const breaks = [...cell.source.matchAll(/\n/g)].map(({ index }) => index);
        const offset = breaks[deed.offset % Math.max(1, breaks.length)] ?? 0;
        this.command({ type: 'splitCell', cellId, newCellId: `n${++this.#ids}`, offset, baseRevision });
        return;
      }
      case 'delete':
        this.command({ type: 'deleteCells', cellIds: ids(deed.cells) });
        return;
      case 'merge':
        this.command({ type: 'mergeCells', cellIds: ids(deed.cells) });
        return;
      case 'clear':
        this.command({ type: 'clearOutputs', cellIds: ids(deed.cells) });
        return;
      case 'move':
        this.command({ type: 'moveCells', cellIds: ids(deed.cells), index: deed.index });
        return;
      case 'convert':
        this.command({ type: 'convertCells', cellIds: ids(deed.cells), kind: deed.kind });
        return;
      case 'insert': {
        const fresh = Array.from({ length: deed.count }, () => ({
          cellId: `n${++this.#ids}`,
          kind: 'code' as const,
          source: `a${this.#ids} = b\nc`,
        }));
        this.command({ type: 'insertCells', as: deed.as, cells: fresh, index: deed.index });
        return;
      }
      case 'restore': {
        const binned = [...this.state.bin.keys()];
        this.command({
          type: 'restoreCell',
          cellId: binned[deed.cell % Math.max(1, binned.length)] ?? 'none',
        });
        return;
      }
      case 'run':
        this.command({ type: 'runCells', cellIds: ids(deed.cells) });
        if (this.state.kernel === 'starting') this.apply(ready);
        return;
      case 'cancel':
        this.command({ type: 'cancelQueued', cellId: id(deed.cell) });
        return;
      case 'end':
        if (this.state.running)
          this.apply({
            ...finished(this.state),
            type: 'cellFinished',
            status: deed.status,
          } as SessionOperation);
        return;
      case 'lost':
        this.apply(lost);
        return;
      default:
        deed satisfies never;
    }
  }

  /** Texts, kinds and order, with what each cell shows. */
  get picture() {
    return this.view.cellOrder.map((cellId) => {
      const { kind, source, outputs } = this.view.cells.get(cellId)!;
      return { cellId, kind, source, outputs };
    });
  }
}

const place = fc.nat({ max: 9 });
const places = fc.array(place, { minLength: 1, maxLength: 3 });

/** Changes of structure alone. */
export const structureDeed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ deed: fc.constant('split' as const), cell: place, offset: place }),
  fc.record({ deed: fc.constantFrom('delete' as const, 'merge' as const, 'clear' as const), cells: places }),
  fc.record({ deed: fc.constant('move' as const), cells: places, index: place }),
  fc.record({
    deed: fc.constant('convert' as const),
    cells: places,
    kind: fc.constantFrom('code' as const, 'markdown' as const),
  }),
  fc.record({
    deed: fc.constant('insert' as const),
    as: fc.constantFrom('duplicate' as const, 'paste' as const),
    count: fc.integer({ min: 1, max: 3 }),
    index: place,
  }),
  fc.record({ deed: fc.constant('restore' as const), cell: place }),
);

export const runDeed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ deed: fc.constant('run' as const), cells: places }),
  fc.record({ deed: fc.constant('cancel' as const), cell: place }),
  fc.record({
    deed: fc.constant('end' as const),
    status: fc.constantFrom<End>('ok', 'ok', 'ok', 'error', 'interrupted', 'aborted'),
  }),
  fc.constantFrom<Deed>(
    { deed: 'command', command: { type: 'runStale' } },
    { deed: 'command', command: { type: 'interrupt' } },
    { deed: 'command', command: { type: 'restartKernel' } },
    { deed: 'command', command: { type: 'shutdownKernel' } },
    { deed: 'lost' },
  ),
);

export const textDeed: fc.Arbitrary<Deed> = fc.record({ deed: fc.constant('append' as const), cell: place });

export const travelDeed: fc.Arbitrary<Deed> = fc.constantFrom<Deed>(
  { deed: 'command', command: { type: 'undo' } },
  { deed: 'command', command: { type: 'redo' } },
);
