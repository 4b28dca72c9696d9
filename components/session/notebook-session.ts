/**
 * One open notebook as the browser has it: the folded view, the drafts, the state of saving, and every command.
 * Lives outside React; publishes into a zustand store at 10 Hz at most, the first change at once.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ErrorData } from '../../engine/protocol.ts';
import {
  type CommandReply,
  type JoinReply,
  MAX_CELL_CHARACTERS,
  type NotebookCommand,
  type PackageTypes,
  type ViewAnswer,
  type ViewQuery,
} from '../../engine/viewer-protocol.ts';
import { type Draft, type DraftStorage, Drafts } from './drafts.ts';
import { EventFollower } from './event-follower.ts';
import { browserTimers, Pace, type PaceTimers } from './pace.ts';
import { type PublishedView, publishView } from './published-view.ts';
import { type SessionConnection, unreachable } from './socket-client.ts';

export interface SessionState {
  phase: 'loading' | 'ready' | 'failed';
  connected: boolean;
  error?: ErrorData;
  view?: PublishedView;
  drafts: ReadonlyMap<string, Draft>;
  /** The document was changed by us and no save has been reported since. */
  unsaved: boolean;
  /** The last command that failed; shown until dismissed or until one succeeds. */
  commandError?: ErrorData;
}

const PUBLISH_INTERVAL = 100;
const EDIT_DELAY = 300;
const REJOIN_DELAY = 500;

const NOT_RUN: ErrorData = {
  code: 'TEXT_NOT_SENT',
  name: 'StagelightError',
  message: 'Nothing was run: the server has another text of a cell than you see',
  hint: 'Choose one of the two texts at the cell, then run it again.',
};

const NOT_CHANGED: ErrorData = {
  ...NOT_RUN,
  message: 'Nothing was changed: the server has another text of a cell than you see',
  hint: 'Choose one of the two texts at the cell, then try again.',
};

function tooLong(length: number): ErrorData {
  return {
    code: 'CELL_TOO_LARGE',
    name: 'StagelightError',
    message: `A cell of ${length} characters is too large to be saved or run: the most is ${MAX_CELL_CHARACTERS}`,
    hint: 'Keep data in a file and read it with sc.textFile.',
  };
}

const DOCUMENT_COMMANDS = new Set<NotebookCommand['type']>([
  'insertCell',
  'insertCells',
  'deleteCells',
  'moveCells',
  'splitCell',
  'mergeCells',
  'restoreCell',
  'undo',
  'redo',
  'editCell',
  'convertCells',
]);

export class NotebookSession {
  readonly path: string;
  readonly store: StoreApi<SessionState>;
  readonly #connection: SessionConnection;
  readonly #timers: PaceTimers;
  readonly #follower = new EventFollower();
  readonly #drafts: Drafts;
  readonly #pace: Pace;
  readonly #editTimers = new Map<string, () => void>();
  /** One edit per cell is on its way at a time; the next waits for its answer. */
  readonly #sending = new Map<string, Promise<boolean>>();
  #stops: (() => void)[] = [];
  #joining = false;
  /** Who waits for the view to show what a command did. */
  #awaited: { seq: number; seen: () => void }[] = [];

  constructor(
    path: string,
    connection: SessionConnection,
    storage: DraftStorage | undefined,
    timers: PaceTimers = browserTimers,
  ) {
    this.path = path;
    this.#connection = connection;
    this.#timers = timers;
    this.#drafts = new Drafts(storage, path);
    this.#pace = new Pace(PUBLISH_INTERVAL, () => this.#publish(), timers);
    this.store = createStore<SessionState>(() => ({
      phase: 'loading',
      connected: connection.connected,
      drafts: this.#drafts.all,
      unsaved: false,
    }));
  }

  start(): void {
    this.#stops.push(
      this.#connection.onBatch((batch) => {
        if (batch.path !== this.path) return;
        const outcome = this.#follower.push(batch);
        if (outcome === 'rejoin') void this.#join();
        else if (outcome === 'applied') {
          this.#pace.request();
          this.#tellSeen(batch.to);
        }
      }),
      this.#connection.onBehind((path) => {
        if (path === this.path) void this.#join();
      }),
      this.#connection.onConnection((connected) => {
        this.store.setState({ connected });
        if (!connected) this.#tellSeen(Number.POSITIVE_INFINITY);
        if (connected) void this.#join();
      }),
    );
    if (this.#connection.connected) void this.#join();
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    // Leaving the page is no reason to keep the file waiting for the last words.
    for (const cellId of [...this.#editTimers.keys()]) void this.flush(cellId);
    this.#stops = [];
    this.#pace.stop();
    this.#follower.abandonJoin();
    void this.#connection.call('notebook:leave', { path: this.path });
  }

  /** Takes what the user typed; sends it when typing pauses. */
  edit(cellId: string, source: string): void {
    const cell = this.#follower.view?.cells.get(cellId);
    if (!cell) return;
    const draft = this.#drafts.get(cellId);
    if (!draft && source === cell.source) return;
    const base = draft ?? { baseSource: cell.source, baseRevision: cell.revision };
    this.#drafts.set(cellId, { ...base, source });
    this.store.setState({ drafts: this.#drafts.all });
    this.#editTimers.get(cellId)?.();
    this.#editTimers.set(
      cellId,
      this.#timers.after(EDIT_DELAY, () => void this.flush(cellId)),
    );
  }

  /** Settles a conflict: our text over the server's, or the server's text back. */
  resolveConflict(cellId: string, keep: 'mine' | 'theirs'): void {
    const draft = this.#drafts.get(cellId);
    const cell = this.#follower.view?.cells.get(cellId);
    if (!draft || !cell) return;
    if (keep === 'theirs') this.#drafts.delete(cellId);
    else {
      const { source, revision } = cell;
      this.#drafts.set(cellId, { source: draft.source, baseSource: source, baseRevision: revision });
    }
    this.store.setState({ drafts: this.#drafts.all });
    if (keep === 'mine') void this.flush(cellId);
  }

  /** Lets go of what was typed into a cell that is gone. */
  discardDraft(cellId: string): void {
    this.#drafts.delete(cellId);
    this.store.setState({ drafts: this.#drafts.all });
  }

  /** Sends a cell's draft now; true when the server then has the text that the user sees. */
  async flush(cellId: string): Promise<boolean> {
    this.#editTimers.get(cellId)?.();
    this.#editTimers.delete(cellId);
    while (this.#sending.has(cellId)) await this.#sending.get(cellId);
    const draft = this.#drafts.get(cellId);
    if (!draft || draft.source === draft.baseSource) return true;
    if (draft.conflict || !this.#follower.view?.cells.has(cellId)) return false;
    const sending = this.#sendDraft(cellId, draft).finally(() => this.#sending.delete(cellId));
    this.#sending.set(cellId, sending);
    return sending;
  }

  async command(command: NotebookCommand): Promise<CommandReply> {
    const savedAt = this.#follower.view?.notebook?.savedAt;
    // What its own user deletes is no text that got lost.
    const deleted = command.type === 'deleteCells' ? this.#takeDrafts(command.cellIds) : [];
    const reply = await this.#connection.call<CommandReply>('notebook:command', { path: this.path, command });
    if (!reply.ok) {
      for (const [cellId, draft] of deleted) this.#drafts.set(cellId, draft);
      // A conflict is shown at its cell; an unsent edit is kept and sent later.
      const { code } = reply.error;
      const isEdit = command.type === 'editCell';
      if (!isEdit || (code !== 'EDIT_CONFLICT' && code !== 'CELL_NOT_FOUND' && code !== 'UNREACHABLE'))
        this.store.setState({ commandError: reply.error });
    } else if (this.store.getState().commandError) this.store.setState({ commandError: undefined });
    if (reply.ok && DOCUMENT_COMMANDS.has(command.type)) {
      this.store.setState({ unsaved: this.#follower.view?.notebook?.savedAt === savedAt });
    }
    return reply;
  }

  /** Runs cells with the text the user sees, or not at all: drafts are sent first. */
  async run(cellIds: string[]): Promise<void> {
    if (cellIds.length === 0) return;
    const sent = await Promise.all(cellIds.map((cellId) => this.flush(cellId)));
    if (sent.every(Boolean)) await this.command({ type: 'runCells', cellIds });
    else if (!this.#connection.connected) this.store.setState({ commandError: unreachable().error });
    else if (!this.store.getState().commandError) this.store.setState({ commandError: NOT_RUN });
  }

  /** Sends a change of these cells with the text the user sees, or not at all. */
  async change(command: NotebookCommand, cellIds: readonly string[]): Promise<CommandReply | undefined> {
    const sent = await Promise.all(cellIds.map((cellId) => this.flush(cellId)));
    if (sent.every(Boolean)) {
      const reply = await this.command(command);
      if (reply.ok && reply.seq !== undefined) await this.#seen(reply.seq);
      return reply;
    }
    const error = this.#connection.connected ? NOT_CHANGED : unreachable().error;
    if (!this.store.getState().commandError) this.store.setState({ commandError: error });
    return undefined;
  }

  /** Resolves when the view shows the event of this number, or was made anew. */
  #seen(seq: number): Promise<void> {
    if ((this.#follower.view?.seq ?? seq) >= seq || !this.#connection.connected) {
      this.#publish();
      return Promise.resolve();
    }
    return new Promise((seen) => this.#awaited.push({ seq, seen }));
  }

  #tellSeen(upTo: number): void {
    const due = this.#awaited.filter(({ seq }) => seq <= upTo);
    if (due.length === 0) return;
    this.#awaited = this.#awaited.filter(({ seq }) => seq > upTo);
    this.#publish();
    for (const { seen } of due) seen();
  }

  async query<Answer extends ViewAnswer>(query: ViewQuery & { type: Answer['type'] }): Promise<Answer> {
    const reply = await this.#connection.call<{ ok: true; answer: Answer }>('notebook:query', {
      path: this.path,
      query,
    });
    if (!reply.ok) throw new Error(reply.error.message);
    return reply.answer;
  }

  /** The declarations behind import specifiers, as this notebook's folder sees them; undefined while unreachable. */
  async packageTypes(specifiers: string[]): Promise<PackageTypes | undefined> {
    const reply = await this.#connection.call<{ ok: true; types: PackageTypes }>('notebook:types', {
      path: this.path,
      specifiers,
    });
    return reply.ok ? reply.types : undefined;
  }

  dismissError(): void {
    this.store.setState({ commandError: undefined });
  }

  #takeDrafts(cellIds: readonly string[]): [string, Draft][] {
    const taken = cellIds.flatMap((cellId): [string, Draft][] => {
      const draft = this.#drafts.get(cellId);
      return draft ? [[cellId, draft]] : [];
    });
    for (const [cellId] of taken) this.#drafts.delete(cellId);
    return taken;
  }

  async #sendDraft(cellId: string, { source, baseRevision }: Draft): Promise<boolean> {
    if (source.length > MAX_CELL_CHARACTERS) {
      this.store.setState({ commandError: tooLong(source.length) });
      return false;
    }
    const reply = await this.command({ type: 'editCell', cellId, source, baseRevision });
    const draft = this.#drafts.get(cellId);
    if (!draft) return reply.ok;
    if (reply.ok) {
      this.#drafts.set(cellId, {
        ...draft,
        baseSource: source,
        baseRevision: reply.revision ?? baseRevision + 1,
      });
    } else if (reply.error.code === 'EDIT_CONFLICT') this.#drafts.set(cellId, { ...draft, conflict: true });
    this.#publish();
    return reply.ok;
  }

  async #join(): Promise<void> {
    if (this.#joining) return;
    this.#joining = true;
    const reply = await this.#connection.call<Extract<JoinReply, { ok: true }>>('notebook:join', {
      path: this.path,
      ...this.#follower.beginJoin(),
    });
    this.#joining = false;
    if (!reply.ok) {
      this.#follower.abandonJoin();
      if (reply.error.code === unreachable().error.code) {
        if (this.#connection.connected) this.#timers.after(REJOIN_DELAY, () => void this.#join());
      } else this.store.setState({ phase: 'failed', error: reply.error });
      return;
    }
    if (this.#follower.acceptJoin(reply) === 'rejoin')
      this.#timers.after(REJOIN_DELAY, () => void this.#join());
    this.#tellSeen(Number.POSITIVE_INFINITY);
    const unsent = this.#drafts.reconcile((cellId) => this.#follower.view?.cells.get(cellId));
    this.#publish();
    for (const cellId of unsent) void this.flush(cellId);
  }

  #publish(): void {
    const { view } = this.#follower;
    if (!view) return;
    this.#drafts.settle((cellId) => view.cells.get(cellId), view.notebook?.saveError === undefined);
    const before = this.store.getState();
    const published = publishView(before.view, view);
    const saved = published.notebook?.savedAt !== before.view?.notebook?.savedAt;
    this.store.setState({
      phase: 'ready',
      error: undefined,
      view: published,
      drafts: this.#drafts.all,
      unsaved: before.unsaved && !saved,
    });
  }
}
