/**
 * One open notebook as the browser has it: the folded view, the drafts, the state of saving, and every command.
 * Lives outside React; publishes into a zustand store at 10 Hz at most, the first change at once.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { type PackedAnswer, unpackAnswer } from '../../engine/fold/answer-codec.ts';
import type { ViewState } from '../../engine/fold/state.ts';
import type { ErrorData } from '../../engine/protocol.ts';
import type {
  CommandReply,
  JoinReply,
  NotebookCommand,
  PackageTypes,
  ViewAnswer,
  ViewQuery,
} from '../../engine/viewer-protocol.ts';
import { AwaitedEvents } from './awaited-events.ts';
import { CellEdits } from './cell-edits.ts';
import { CommandSender } from './command-sender.ts';
import { type Draft, type DraftStorage, Drafts } from './drafts.ts';
import { EventFollower } from './event-follower.ts';
import { browserTimers, Pace, type PaceTimers } from './pace.ts';
import { withPendingCells } from './pending-cells.ts';
import { type PublishedView, publishView } from './published-view.ts';
import { NOT_CHANGED, NOT_DONE, NOT_RUN } from './session-errors.ts';
import type { Notice, SessionState } from './session-state.ts';
import { type SessionConnection, unreachable } from './socket-client.ts';
import { alone, type Windows } from './windows.ts';

const PUBLISH_INTERVAL = 100;
const REJOIN_DELAY = 500;

export class NotebookSession {
  readonly path: string;
  readonly store: StoreApi<SessionState>;
  readonly #connection: SessionConnection;
  readonly #timers: PaceTimers;
  readonly #follower = new EventFollower();
  readonly #drafts: Drafts;
  readonly #edits: CellEdits;
  readonly #pace: Pace;
  readonly #windows: Windows;
  /** The published view without the cells that the server does not have yet. */
  #published: PublishedView | undefined;
  /** Cells that are being deleted from here: their drafts are not those of a cell that someone else deleted. */
  readonly #deleting = new Set<string>();
  #stops: (() => void)[] = [];
  readonly #sender: CommandSender;
  readonly #awaited = new AwaitedEvents();
  #adopted: Promise<void> | undefined;
  #joining = false;
  #joined = false;
  #stopped = false;
  #cancelRejoin: (() => void) | undefined;

  constructor(
    path: string,
    connection: SessionConnection,
    storage: DraftStorage | undefined,
    timers: PaceTimers = browserTimers,
    windows: Windows = alone(),
  ) {
    this.path = path;
    this.#connection = connection;
    this.#timers = timers;
    this.#drafts = new Drafts(storage, path, windows.ownId);
    this.#windows = windows;
    this.#pace = new Pace(PUBLISH_INTERVAL, () => this.#publish(), timers);
    this.store = createStore<SessionState>(() => ({
      phase: 'loading',
      connected: connection.connected,
      joined: false,
      refused: false,
      drafts: this.#drafts.all,
      unkept: false,
      unsaved: false,
    }));
    const session = this;
    const host = {
      path,
      store: this.store,
      get joined() {
        return session.#joined;
      },
      get view() {
        return session.#follower.view;
      },
      replaced: () => {
        this.#joined = false;
        void this.#join();
      },
    };
    this.#sender = new CommandSender(connection, host);
    this.#edits = new CellEdits(
      this.#drafts,
      {
        get joined() {
          return session.#joined;
        },
        get boot() {
          return session.#follower.view?.boot ?? '';
        },
        server: (cellId) => this.#follower.view?.cells.get(cellId),
        serverOrder: () => this.#follower.view?.cellOrder ?? [],
        shown: (cellId) => this.#published?.cells.get(cellId),
        send: (command) => this.#sender.send(command),
        changed: () => this.#publish(),
        report: (commandError) => this.store.setState({ commandError }),
      },
      timers,
    );
  }

  start(): void {
    this.#stopped = false;
    this.#stops.push(
      this.#connection.onBatch((batch) => {
        if (batch.path !== this.path) return;
        const outcome = this.#follower.push(batch);
        if (outcome === 'rejoin') void this.#join();
        else if (outcome === 'applied') {
          this.#edits.received();
          this.#pace.request();
          this.#tellSeen(batch.to);
        }
      }),
      this.#connection.onBehind((path) => {
        if (path === this.path) void this.#join();
      }),
      this.#connection.onConnection((connected, refused = false) => {
        if (!connected) {
          this.#joined = false;
          this.#edits.disconnected();
          this.#tellSeen(Number.POSITIVE_INFINITY);
        }
        this.store.setState({ connected, refused, joined: this.#joined });
        if (connected) void this.#join();
      }),
    );
    this.#adopted ??= this.#adopt();
    if (this.#connection.connected) void this.#join();
  }

  stop(): void {
    this.#edits.stop();
    this.#stopped = true;
    this.#cancelRejoin?.();
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#pace.stop();
    this.#follower.abandonJoin();
    void this.#connection.call('notebook:leave', { path: this.path });
  }

  /** Asks again for a notebook that could not be joined. */
  rejoin(): void {
    void this.#join();
  }

  /** Takes what the user typed; sends it when typing pauses. */
  edit(cellId: string, source: string): void {
    this.#edits.edit(cellId, source);
  }

  /** Edits many cells: they are shown together. */
  editTogether(edits: () => void): void {
    edits();
    this.#publish();
  }

  /** Settles a conflict: our text over the server's, or the server's text back. */
  resolveConflict(cellId: string, keep: 'mine' | 'theirs'): void {
    const draft = this.#drafts.get(cellId);
    const cell = this.#published?.cells.get(cellId);
    if (!draft || !cell) return;
    if (keep === 'theirs') this.#drafts.delete(cellId);
    else {
      const { source, revision } = cell;
      this.#drafts.set(cellId, { source: draft.source, baseSource: source, baseRevision: revision });
    }
    this.#publish();
    if (keep === 'mine') void this.flush(cellId);
  }

  /** Lets go of what was typed into a cell that is gone. */
  discardDraft(cellId: string): void {
    this.#drafts.delete(cellId);
    this.#publish();
  }

  /** Sends a cell's draft now; true when the server then has the text that the user sees. */
  flush(cellId: string): Promise<boolean> {
    return this.#edits.flush(cellId);
  }

  async command(command: NotebookCommand): Promise<CommandReply> {
    if (command.type === 'insertCell') {
      const { cellId, kind, source, index } = command;
      const after = this.store.getState().view?.cellOrder[index - 1] ?? null;
      return this.#edits.insert(cellId, { kind, after }, source);
    }
    const cellIds = 'cellIds' in command ? command.cellIds : 'cellId' in command ? [command.cellId] : [];
    const typed = cellIds.map((cellId) => this.#drafts.get(cellId)?.source);
    for (const cellId of cellIds) await this.#edits.settled(cellId);
    return command.type === 'deleteCells' ? this.#delete(cellIds, typed) : this.#sender.send(command);
  }

  async #delete(cellIds: string[], typed: (string | undefined)[]): Promise<CommandReply> {
    // What its own user deletes is no text that got lost; what is typed into it from now on would be.
    const forget = (which: (cellId: string) => boolean) => {
      cellIds.forEach((cellId, i) => {
        if (which(cellId) && this.#drafts.get(cellId)?.source === typed[i]) this.#drafts.delete(cellId);
      });
      this.#publish();
    };
    const isOnlyHere = (cellId: string) => {
      const insert = this.#drafts.get(cellId)?.insert;
      return insert !== undefined && !insert.acknowledged;
    };
    const known = cellIds.filter((cellId) => !isOnlyHere(cellId));
    forget(isOnlyHere);
    if (known.length === 0) return { ok: true };
    for (const cellId of known) this.#deleting.add(cellId);
    const reply = await this.#sender.send({ type: 'deleteCells', cellIds: known });
    for (const cellId of known) this.#deleting.delete(cellId);
    forget(() => reply.ok);
    return reply;
  }

  /** Runs cells with the text the user sees, or not at all: drafts are sent first. */
  async run(cellIds: string[]): Promise<void> {
    if (cellIds.length === 0) return;
    this.dismiss();
    const sent = await Promise.all(cellIds.map((cellId) => this.flush(cellId)));
    if (sent.every(Boolean)) await this.command({ type: 'runCells', cellIds });
    else this.#refuse(cellIds, NOT_RUN);
  }

  /** Sends a change of these cells with the text the user sees, or not at all. */
  async change(command: NotebookCommand, cellIds: readonly string[]): Promise<CommandReply | undefined> {
    this.dismiss();
    const sent = await Promise.all(cellIds.map((cellId) => this.flush(cellId)));
    if (sent.every(Boolean)) {
      const reply = await this.command(command);
      if (reply.ok && reply.seq !== undefined) await this.#seen(reply.seq);
      return reply;
    }
    this.#refuse(cellIds, NOT_CHANGED);
    return undefined;
  }

  /** Says why texts did not get to the server: another stands there, or it is not there itself. */
  #refuse(cellIds: readonly string[], otherText: ErrorData): void {
    const isOther = cellIds.some((cellId) => this.#drafts.get(cellId)?.conflict);
    const error = isOther ? otherText : NOT_DONE;
    // What the sending itself reported says more.
    this.store.setState(({ commandError }) => ({ commandError: commandError ?? error }));
  }

  /** Resolves when the view shows the event of this number, or was made anew. */
  async #seen(seq: number): Promise<void> {
    if ((this.#follower.view?.seq ?? seq) >= seq || !this.#connection.connected) this.#publish();
    else await this.#awaited.wait(seq);
  }

  #tellSeen(upTo: number): void {
    this.#awaited.tell(upTo, () => this.#publish());
  }

  async query<Answer extends ViewAnswer>(query: ViewQuery & { type: Answer['type'] }): Promise<Answer> {
    const reply = await this.#connection.call<{ ok: true; answer: PackedAnswer }>('notebook:query', {
      path: this.path,
      query,
    });
    if (!reply.ok) throw new Error(reply.error.message);
    return unpackAnswer(reply.answer) as Answer;
  }

  /** The declarations behind import specifiers, as this notebook's folder sees them; undefined while unreachable. */
  async packageTypes(specifiers: string[]): Promise<PackageTypes | undefined> {
    const reply = await this.#connection.call<{ ok: true; types: PackageTypes }>('notebook:types', {
      path: this.path,
      specifiers,
    });
    return reply.ok ? reply.types : undefined;
  }

  /** Says what nothing else on the page shows: why a command has no effect, or what it did besides. */
  notify(notice: Notice | undefined): void {
    this.store.setState({ notice });
  }

  /** Puts away what was said of the last commands. */
  dismiss(): void {
    const { commandError, notice } = this.store.getState();
    if (commandError || notice) this.store.setState({ commandError: undefined, notice: undefined });
  }

  async #join(): Promise<void> {
    if (this.#joining || this.#stopped) return;
    this.#joining = true;
    this.#joined = false;
    await this.#adopted;
    const boot = this.#follower.view?.boot;
    const reply = await this.#connection.call<Extract<JoinReply, { ok: true }>>('notebook:join', {
      path: this.path,
      ...this.#follower.beginJoin(),
    });
    this.#joining = false;
    if (this.#stopped) return;
    if (!reply.ok) {
      this.#follower.abandonJoin();
      if (reply.error.code === unreachable().error.code) {
        if (this.#connection.connected) this.#rejoinLater();
      } else this.store.setState(({ view }) => ({ phase: view ? 'ready' : 'failed', error: reply.error }));
      return;
    }
    const outcome = this.#follower.acceptJoin(reply);
    if (outcome === 'rejoin') {
      this.#rejoinLater();
      return;
    }
    this.#joined = true;
    this.store.setState({ error: undefined, joined: true });
    const otherBoot = this.#follower.view?.boot !== boot;
    // Its versions count anew: nothing of the old picture may pass for unchanged. What was typed over it stays known.
    if (otherBoot) this.#published = publishView(undefined, this.#follower.view!);
    this.#edits.joined(otherBoot);
    this.#tellSeen(Number.POSITIVE_INFINITY);
    this.#publish();
  }

  async #adopt(): Promise<void> {
    this.#drafts.adopt(await this.#windows.alive());
    this.#publish();
  }

  #rejoinLater(): void {
    this.#cancelRejoin?.();
    this.#cancelRejoin = this.#timers.after(REJOIN_DELAY, () => void this.#join());
  }

  #publish(): void {
    const { view } = this.#follower;
    if (!view) {
      this.store.setState({ drafts: this.#drafts.all, unkept: !this.#drafts.isKept });
      return;
    }
    this.#drafts.settle((cellId) => view.cells.get(cellId), view.notebook?.saveError === undefined);
    const before = this.store.getState();
    const published = publishView(this.#published, view);
    const saved = published.notebook?.savedAt !== this.#published?.notebook?.savedAt;
    this.#published = published;
    this.store.setState({
      phase: 'ready',
      view: withPendingCells(published, this.#drafts.all),
      drafts: this.#shownDrafts(view),
      unkept: !this.#drafts.isKept && this.#drafts.all.size > 0,
      unsaved: before.unsaved && !saved,
    });
  }

  #shownDrafts(view: ViewState): ReadonlyMap<string, Draft> {
    const all = this.#drafts.all;
    const hidden = [...this.#deleting].filter((cellId) => all.has(cellId) && !view.cells.has(cellId));
    return hidden.length === 0 ? all : new Map([...all].filter(([cellId]) => !hidden.includes(cellId)));
  }
}
