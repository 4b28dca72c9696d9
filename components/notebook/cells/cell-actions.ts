/** What a user does to cells: runs of several, and every change of structure. Acts on the whole selection when a cell is in it. */
import type { CellKind, CellPart } from '../../../engine/protocol.ts';
import type { CommandReply, NotebookCommand } from '../../../engine/viewer-protocol.ts';
import type { NotebookSession } from '../../session/notebook-session.ts';
import type { PublishedView } from '../../session/published-view.ts';
import { NOTHING_TO_MERGE, notRunEither } from '../../session/session-errors.ts';
import type { NotebookUi } from '../notebook-ui.ts';
import { copiedCells, copyCells } from './cell-clipboard.ts';
import { cursorOf } from './cell-cursors.ts';
import { dropIndex, nextGap, selectedCells } from './cell-selection.ts';

export interface CellFocus {
  select(cellId: string): void;
  edit(cellId: string, position?: { line: number; column: number }): void;
  /** Grows when the user goes to a cell: who waits for an answer leaves the focus alone when it grew meanwhile. */
  readonly moves: number;
  /** Whether it selected the cell. */
  selectUnlessMoved(cellId: string, moves: number): boolean;
}

const newId = () => crypto.randomUUID().slice(0, 8);

export class CellActions {
  readonly #session: NotebookSession;
  readonly #ui: NotebookUi;
  readonly #focus: CellFocus;
  /** Changes follow one another: a key pressed at once after another is meant for what that one did. */
  #changes: Promise<unknown> = Promise.resolve();

  constructor(session: NotebookSession, ui: NotebookUi, focus: CellFocus) {
    this.#session = session;
    this.#ui = ui;
    this.#focus = focus;
  }

  // ------------------------------------------------------------ selection

  get #view(): PublishedView | undefined {
    return this.#session.store.getState().view;
  }

  get #order(): readonly string[] {
    return this.#view?.cellOrder ?? [];
  }

  /** The cells that a command on this one means. */
  targets(cellId: string): readonly string[] {
    const { selectedCellId, anchorCellId } = this.#ui.getState();
    const selected = selectedCells(this.#order, selectedCellId, anchorCellId);
    return selected.includes(cellId) ? selected : [cellId];
  }

  /** Moves the end of the selection, which then reaches from where it began. */
  extendTo(cellId: string): void {
    const { selectedCellId, anchorCellId } = this.#ui.getState();
    this.#focus.select(cellId);
    this.#ui.setState({ anchorCellId: anchorCellId ?? selectedCellId ?? cellId });
  }

  extend(offset: number): void {
    const order = this.#order;
    const next = order[order.indexOf(this.#ui.getState().selectedCellId ?? '') + offset];
    if (next !== undefined) this.extendTo(next);
  }

  selectAll(): void {
    const [first, last] = [this.#order[0], this.#order.at(-1)];
    if (first === undefined || last === undefined) return;
    this.#focus.select(last);
    this.#ui.setState({ anchorCellId: first });
  }

  collapseSelection(): void {
    this.#ui.setState({ anchorCellId: undefined });
  }

  // ------------------------------------------------------------ runs

  #code(cellIds: readonly string[]): string[] {
    return cellIds.filter((cellId) => this.#view?.cells.get(cellId)?.kind === 'code');
  }

  runSelected(cellId: string): void {
    void this.#session.run(this.#code(this.targets(cellId)));
  }

  runAbove(cellId: string): void {
    void this.#session.run(this.#code(this.#order.slice(0, this.#order.indexOf(cellId))));
  }

  /** This one and all below it. */
  runBelow(cellId: string): void {
    void this.#session.run(this.#code(this.#order.slice(this.#order.indexOf(cellId))));
  }

  runStale(): void {
    void this.#session.change({ type: 'runStale' }, [...this.#session.store.getState().drafts.keys()]);
  }

  cancelQueued(cellId: string): void {
    void this.#session.command({ type: 'cancelQueued', cellId });
  }

  // ------------------------------------------------------------ changes of structure

  #change(
    command: () => NotebookCommand | undefined,
    cellIds: readonly string[],
  ): Promise<CommandReply | undefined> {
    const after = this.#changes.then(async () => {
      const made = command();
      const reply = made && (await this.#session.change(made, cellIds));
      if (reply?.ok && reply.unrun) this.#session.notify(notRunEither(reply.unrun));
      return reply;
    });
    this.#changes = after;
    return after;
  }

  async delete(cellId: string): Promise<void> {
    const cellIds = [...this.targets(cellId)];
    const order = this.#order;
    const next = order[order.indexOf(cellIds.at(-1)!) + 1] ?? order[order.indexOf(cellIds[0]!) - 1];
    // Before the answer: the next key must find the focus on a cell.
    if (next !== undefined) this.#focus.select(next);
    const reply = await this.#change(() => ({ type: 'deleteCells', cellIds }), cellIds);
    if (!reply?.ok) this.#focus.select(cellId);
  }

  move(cellId: string, offset: -1 | 1): void {
    const cellIds = this.targets(cellId);
    this.#move(cellIds, (order) =>
      offset < 0 ? order.indexOf(cellIds[0]!) - 1 : order.indexOf(cellIds.at(-1)!) + 2,
    );
  }

  /** The next gap upwards (−1) or downwards (1) in which these cells would not stay where they are, or the same again. */
  nextGap(cellIds: readonly string[], gap: number, step: -1 | 1): number {
    return nextGap(this.#order, cellIds, gap, step);
  }

  /** Into the gap above the cell of this number; 0 is above the first. */
  moveInto(cellIds: readonly string[], gap: number): void {
    this.#move(cellIds, () => gap);
  }

  #move(cellIds: readonly string[], gapIn: (order: readonly string[]) => number): void {
    const { selectedCellId, anchorCellId } = this.#ui.getState();
    const { moves } = this.#focus;
    const command = (): NotebookCommand | undefined => {
      const gap = gapIn(this.#order);
      const index = gap < 0 || gap > this.#order.length ? undefined : dropIndex(this.#order, cellIds, gap);
      return index === undefined ? undefined : { type: 'moveCells', cellIds: [...cellIds], index };
    };
    void this.#change(command, []).then(() => {
      if (selectedCellId !== undefined && this.#focus.selectUnlessMoved(selectedCellId, moves))
        this.#ui.setState({ anchorCellId });
    });
  }

  async convert(cellId: string, kind: CellKind): Promise<void> {
    const { cells } = this.#view ?? {};
    const cellIds = this.targets(cellId).filter((id) => cells?.get(id)?.kind !== kind);
    if (cellIds.length === 0) return;
    const { moves } = this.#focus;
    await this.#change(() => ({ type: 'convertCells', cellIds, kind }), cellIds);
    this.#focus.selectUnlessMoved(cellId, moves);
  }

  /** At the cursor: the text from there on becomes a cell of its own. */
  async split(cellId: string): Promise<void> {
    const newCellId = newId();
    const editing = this.#ui.getState().mode === 'edit';
    const command = (): NotebookCommand => {
      const { view, drafts } = this.#session.store.getState();
      const baseRevision = drafts.get(cellId)?.baseRevision ?? view?.cells.get(cellId)?.revision ?? 0;
      return { type: 'splitCell', cellId, newCellId, offset: cursorOf(cellId) ?? 0, baseRevision };
    };
    // The revision is that of the text on the page, which must have been sent and answered.
    await this.#session.flush(cellId);
    const reply = await this.#change(() => command(), [cellId]);
    if (!reply?.ok) return;
    if (editing) this.#focus.edit(newCellId, { line: 1, column: 1 });
    else this.#focus.select(newCellId);
  }

  async merge(cellId: string, what: 'above' | 'below' | 'selected'): Promise<void> {
    const order = this.#order;
    const at = order.indexOf(cellId);
    const pair = what === 'above' ? order.slice(Math.max(0, at - 1), at + 1) : order.slice(at, at + 2);
    const cellIds = what === 'selected' ? [...this.targets(cellId)] : pair;
    if (cellIds.length < 2) {
      this.#session.notify(NOTHING_TO_MERGE[what === 'above' ? 'above' : 'below']);
      return;
    }
    const { moves } = this.#focus;
    const reply = await this.#change(() => ({ type: 'mergeCells', cellIds: [...cellIds] }), cellIds);
    if (reply?.ok) this.#focus.selectUnlessMoved(cellIds[0]!, moves);
  }

  async #insert(
    as: 'duplicate' | 'paste',
    copies: readonly { kind: CellKind; source: string }[],
    index: number,
  ) {
    const cells = copies.map(({ kind, source }) => ({ cellId: newId(), kind, source }));
    if (cells.length === 0) return;
    const { moves } = this.#focus;
    const reply = await this.#change(() => ({ type: 'insertCells', as, cells, index }), []);
    if (reply?.ok) this.#focus.selectUnlessMoved(cells.at(-1)!.cellId, moves);
  }

  #copies(cellIds: readonly string[]): { kind: CellKind; source: string }[] {
    const { view, drafts } = this.#session.store.getState();
    return cellIds.flatMap((cellId) => {
      const cell = view?.cells.get(cellId);
      return cell ? [{ kind: cell.kind, source: drafts.get(cellId)?.source ?? cell.source }] : [];
    });
  }

  duplicate(cellId: string): void {
    const cellIds = this.targets(cellId);
    void this.#insert('duplicate', this.#copies(cellIds), this.#order.indexOf(cellIds.at(-1)!) + 1);
  }

  copy(cellId: string): void {
    copyCells(this.#copies(this.targets(cellId)));
  }

  cut(cellId: string): void {
    this.copy(cellId);
    void this.delete(cellId);
  }

  paste(cellId: string, where: 'above' | 'below'): void {
    const cellIds = this.targets(cellId);
    const index =
      where === 'above' ? this.#order.indexOf(cellIds[0]!) : this.#order.indexOf(cellIds.at(-1)!) + 1;
    void this.#insert('paste', copiedCells(), index);
  }

  clearOutputs(cellId: string): void {
    this.#clear(this.targets(cellId));
  }

  clearAllOutputs(): void {
    this.#clear(this.#order);
  }

  #clear(all: readonly string[]): void {
    const cellIds = all.filter((cellId) => (this.#view?.cells.get(cellId)?.outputs.length ?? 0) > 0);
    if (cellIds.length > 0) void this.#change(() => ({ type: 'clearOutputs', cellIds }), []);
  }

  /** Folds a part of the selected cells away, or shows it again when this cell's is folded. */
  collapse(cellId: string, part: CellPart): void {
    const collapsed = this.#view?.cells.get(cellId)?.collapsed?.[part] !== true;
    const cellIds = [...this.targets(cellId)];
    void this.#session.command({ type: 'collapseCells', cellIds, part, collapsed });
  }

  // ------------------------------------------------------------ undo

  /** Takes the last change of the notebook's structure back, or makes it again. */
  async travel(direction: 'undo' | 'redo'): Promise<void> {
    const { moves } = this.#focus;
    await Promise.all([...this.#session.store.getState().drafts.keys()].map((id) => this.#session.flush(id)));
    const reply = await this.#change(() => ({ type: direction }), []);
    if (reply?.ok && reply.cellId !== undefined) this.#focus.selectUnlessMoved(reply.cellId, moves);
  }

  async restore(cellId: string): Promise<void> {
    const { moves } = this.#focus;
    const reply = await this.#change(() => ({ type: 'restoreCell', cellId }), []);
    if (reply?.ok) this.#focus.selectUnlessMoved(cellId, moves);
  }

  emptyBin(): void {
    void this.#change(() => ({ type: 'emptyBin' }), []);
  }
}
