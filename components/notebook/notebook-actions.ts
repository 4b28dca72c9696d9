/** Everything a user can do in a notebook, by key or by button: the only place where session and selection meet. */
import type { CellKind } from '../../engine/protocol.ts';
import type { NotebookSession } from '../session/notebook-session.ts';
import { CellActions } from './cells/cell-actions.ts';
import type { NotebookUi } from './notebook-ui.ts';

export class NotebookActions {
  readonly #session: NotebookSession;
  readonly #ui: NotebookUi;
  /** What is done to cells themselves. */
  readonly cells: CellActions;
  /** Grows with every focus given: the same cell may be asked for again. */
  #tick = 0;
  #moves = 0;

  constructor(session: NotebookSession, ui: NotebookUi) {
    this.#session = session;
    this.#ui = ui;
    this.cells = new CellActions(session, ui, this);
  }

  /** Grows whenever the user goes to a cell: what is done for an answer that came late does not count. */
  get moves(): number {
    return this.#moves;
  }

  /** Selects a cell in command mode and moves the keyboard focus to it. */
  select(cellId: string): void {
    this.#moves += 1;
    this.#select(cellId);
  }

  /** Selects what an answer is about, unless the user went elsewhere since `moves` was read. */
  selectUnlessMoved(cellId: string, moves: number): boolean {
    const stayed = moves === this.#moves;
    if (stayed) this.#select(cellId);
    return stayed;
  }

  #select(cellId: string): void {
    this.#ui.setState({
      selectedCellId: cellId,
      anchorCellId: undefined,
      mode: 'command',
      focus: { cellId, target: 'cell', tick: ++this.#tick },
      ...this.#forgetStage(cellId),
    });
  }

  /** Notes that the user went into a cell by pointer or Tab; the focus is already there. */
  entered(cellId: string, mode: 'command' | 'edit'): void {
    const { selectedCellId, mode: before } = this.#ui.getState();
    if (selectedCellId === cellId && before === mode) return;
    this.#moves += 1;
    const { anchorCellId } = this.#ui.getState();
    // The focus that a grown selection gave its end is no new selection.
    const anchor = selectedCellId === cellId && mode === 'command' ? anchorCellId : undefined;
    this.#ui.setState({ selectedCellId: cellId, anchorCellId: anchor, mode, ...this.#forgetStage(cellId) });
  }

  selectOffset(offset: number): void {
    const order = this.#order();
    const at = order.indexOf(this.#ui.getState().selectedCellId ?? '');
    const next = order[Math.min(order.length - 1, Math.max(0, at + offset))];
    if (next !== undefined) this.select(next);
  }

  edit(cellId: string, position?: { line: number; column: number }): void {
    this.#moves += 1;
    this.#ui.setState({
      selectedCellId: cellId,
      anchorCellId: undefined,
      mode: 'edit',
      focus: { cellId, target: 'editor', ...position, tick: ++this.#tick },
      ...this.#forgetStage(cellId),
    });
  }

  /** The cursor runs over an end of the text: on into the next code cell's editor, else onto the cell. */
  leaveEditor(cellId: string, offset: -1 | 1): void {
    const order = this.#order();
    const next = order[order.indexOf(cellId) + offset];
    if (next === undefined) return;
    if (this.#kindOf(next) === 'code') this.edit(next);
    else this.select(next);
  }

  /** With several cells selected, all of them. */
  run(cellId: string): void {
    if (this.cells.targets(cellId).length > 1) {
      this.cells.runSelected(cellId);
      return;
    }
    if (this.#kindOf(cellId) === 'markdown') void this.#session.flush(cellId);
    else void this.#session.run([cellId]);
    this.select(cellId);
  }

  runAndAdvance(cellId: string): void {
    const last = this.cells.targets(cellId).at(-1) ?? cellId;
    this.run(cellId);
    const order = this.#order();
    const next = order[order.indexOf(last) + 1];
    if (next === undefined) void this.insert(order.length, 'code');
    else this.select(next);
  }

  runAndInsert(cellId: string): void {
    this.run(cellId);
    this.insertBeside(cellId, 'below');
  }

  runAll(): void {
    void this.#session.run(this.#order().filter((cellId) => this.#kindOf(cellId) === 'code'));
  }

  async insert(index: number, kind: CellKind, source = ''): Promise<boolean> {
    const cellId = crypto.randomUUID().slice(0, 8);
    const inserted = this.#session.command({ type: 'insertCell', cellId, kind, source, index });
    // The cell is there at once, before the server's answer: the next key is typed into it.
    this.edit(cellId);
    return (await inserted).ok;
  }

  insertBeside(cellId: string, where: 'above' | 'below', kind: CellKind = 'code'): void {
    void this.insert(this.#order().indexOf(cellId) + (where === 'below' ? 1 : 0), kind);
  }

  /** Makes a new cell, at the end, of what was typed into one that is gone. */
  async putBack(goneId: string): Promise<void> {
    const draft = this.#session.store.getState().drafts.get(goneId);
    if (!draft) return;
    if (await this.insert(this.#order().length, 'code', draft.source)) this.#session.discardDraft(goneId);
  }

  interrupt(): void {
    void this.#session.command({ type: 'interrupt' });
  }

  restart(): void {
    void this.#session.command({ type: 'restartKernel' });
  }

  shutDown(): void {
    void this.#session.command({ type: 'shutdownKernel' });
  }

  cancelJob(jobId: number): void {
    void this.#session.command({ type: 'cancelJob', jobId });
  }

  selectJob(jobId: number, stageKey?: string): void {
    const { cellId } = this.#session.store.getState().view?.jobs.get(jobId) ?? {};
    this.#ui.setState({
      selectedJobId: jobId,
      selectedStageKey: stageKey,
      panelOpen: true,
      panelTab: 'execution',
      ...(cellId && { selectedCellId: cellId, mode: 'command' }),
    });
  }

  selectStage(stageKey: string): void {
    this.#ui.setState({ selectedStageKey: stageKey });
  }

  #order(): readonly string[] {
    return this.#session.store.getState().view?.cellOrder ?? [];
  }

  #kindOf(cellId: string): CellKind | undefined {
    return this.#session.store.getState().view?.cells.get(cellId)?.kind;
  }

  /** A chosen job or stage stays chosen while its own cell does. */
  #forgetStage(cellId: string): { selectedJobId?: undefined; selectedStageKey?: undefined } {
    const same = this.#ui.getState().selectedCellId === cellId;
    return same ? {} : { selectedJobId: undefined, selectedStageKey: undefined };
  }
}
