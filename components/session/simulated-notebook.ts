/**
 * A server with real sessions, and browsers with real clients, between them a network that a seed delays, cuts and
 * resumes: for the property that no typed character is lost. Test support.
 */
import { createViewState, fold } from '../../engine/fold/fold.ts';
import { toSnapshot } from '../../engine/fold/snapshot.ts';
import { createSession, type SessionOperation, step } from '../../engine/kernel/notebook-session.ts';
import type { SequencedEvent } from '../../engine/protocol.ts';
import type { NotebookCommand } from '../../engine/viewer-protocol.ts';
import type { DraftStorage } from './drafts.ts';
import { NotebookSession } from './notebook-session.ts';
import type { PaceTimers } from './pace.ts';
import { type Failure, type PushedBatch, type SessionConnection, unreachable } from './socket-client.ts';

export const PATH = 'together.ts';

type Reply = { ok: boolean } & Record<string, unknown>;
type SavedCell = { cellId: string; kind: 'code' | 'markdown'; source: string };

/** What cells define has no part in this. */
const analyze = () => ({ definitions: [], references: [] });

export class SimulatedServer {
  #boots = 0;
  #file: SavedCell[];
  #session = createSession({ path: PATH, cells: [], runPrefix: 'r', analyze });
  #view = createViewState('');
  #log: SequencedEvent[] = [];
  /** Replies that wait until what they confirm is saved. */
  #unsaved: (() => void)[] = [];
  /** What was deleted before a restart. */
  #lostBin = '';
  readonly viewers = new Set<SimulatedConnection>();

  constructor(cells: SavedCell[]) {
    this.#file = cells;
    this.restart();
  }

  get document(): SavedCell[] {
    return this.#session.cells.map(({ cellId, kind, source }) => ({ cellId, kind, source }));
  }

  /** The texts of deleted cells: they can be put back. */
  get bin(): string {
    return [...this.#session.bin.values()].map(({ cell }) => cell.source).join('') + this.#lostBin;
  }

  /** From what was saved last; connections are cut, and what was not saved is gone. */
  restart(): void {
    for (const viewer of [...this.viewers]) viewer.cut();
    this.#unsaved = [];
    this.#lostBin = this.bin;
    const cells = this.#file.map((cell) => ({ ...cell, revision: 0, markerText: '' }));
    this.#session = createSession({ path: PATH, cells, runPrefix: `r${this.#boots}`, analyze });
    this.#view = createViewState(`boot ${++this.#boots}`);
    this.#log = [];
    this.#publish({
      type: 'notebookOpened',
      path: PATH,
      cells: cells.map(({ markerText: _, ...cell }) => cell),
      time: 0,
    });
  }

  save(): void {
    this.#file = this.document;
    const replies = this.#unsaved;
    this.#unsaved = [];
    if (replies.length > 0) this.#apply({ type: 'saved' });
    for (const reply of replies) reply();
  }

  receive(
    viewer: SimulatedConnection,
    name: string,
    payload: Record<string, unknown>,
    reply: (reply: Reply) => void,
  ): void {
    if (name === 'notebook:join') reply(this.#join(viewer, payload));
    else if (name === 'notebook:command') this.#command(payload, reply);
    else reply({ ok: true });
  }

  #join(viewer: SimulatedConnection, { boot, seq }: Record<string, unknown>): Reply {
    this.viewers.add(viewer);
    const own = { ok: true, boot: this.#view.boot, seq: this.#view.seq };
    if (boot === this.#view.boot)
      return { ...own, events: this.#log.filter((event) => event.seq > Number(seq)) };
    return { ...own, snapshot: JSON.parse(JSON.stringify(toSnapshot(this.#view))) as unknown };
  }

  #command({ command, boot }: Record<string, unknown>, reply: (reply: Reply) => void): void {
    if (boot !== this.#view.boot) {
      reply({ ok: false, error: { code: 'SESSION_REPLACED', name: 'StagelightError', message: '' } });
      return;
    }
    const result = this.#apply({ type: 'command', command: command as NotebookCommand });
    const answer = () => reply(result.reply as unknown as Reply);
    const { type } = command as NotebookCommand;
    const changes = result.commands.some((each) => each.type === 'save');
    if (changes || type === 'editCell' || type === 'insertCell') this.#unsaved.push(answer);
    else answer();
  }

  #apply(operation: SessionOperation) {
    const result = step(this.#session, operation, 0);
    for (const event of result.events) this.#publish(event);
    for (const command of result.commands) {
      if (command.type === 'startKernel') this.#apply({ type: 'kernelReady', pid: 1 });
      if (command.type === 'execute') {
        this.#apply({ type: 'cellFinished', cellId: command.cellId, runId: command.runId, status: 'ok' });
      }
    }
    return result;
  }

  #publish(event: SequencedEvent['event']): void {
    fold(this.#view, event);
    const { boot } = this.#view;
    const seq = ++this.#view.seq;
    this.#log.push({ seq, event });
    for (const viewer of this.viewers) viewer.push({ path: PATH, boot, from: seq, to: seq, events: [event] });
  }
}

/** First in, first out each way; nothing moves until the schedule says so. */
class SimulatedConnection implements SessionConnection {
  connected = false;
  readonly up: (() => void)[] = [];
  readonly down: (() => void)[] = [];
  readonly #server: SimulatedServer;
  readonly #waiting = new Set<(reply: Failure) => void>();
  #batch: ((batch: PushedBatch) => void) | undefined;
  #connection: ((connected: boolean) => void) | undefined;

  constructor(server: SimulatedServer) {
    this.#server = server;
  }

  call<R extends { ok: boolean }>(name: string, payload: object): Promise<R | Failure> {
    if (!this.connected) return Promise.resolve(unreachable());
    const message = JSON.parse(JSON.stringify(payload)) as Record<string, unknown>;
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      const answer = (reply: Reply) => {
        this.down.push(() => {
          this.#waiting.delete(resolve);
          resolve(reply as unknown as R);
        });
      };
      this.up.push(() => this.#server.receive(this, name, message, answer));
    });
  }

  push(batch: PushedBatch): void {
    this.down.push(() => this.#batch?.(batch));
  }

  connect(): void {
    this.connected = true;
    this.#connection?.(true);
  }

  /** What is on its way either way is lost; the server may have done what it will not be heard to have done. */
  cut(): void {
    this.connected = false;
    this.up.length = 0;
    this.down.length = 0;
    this.#server.viewers.delete(this);
    for (const resolve of this.#waiting) resolve({ ...unreachable(), sent: true });
    this.#waiting.clear();
    this.#connection?.(false);
  }

  /** The page behind it is gone: it hears nothing any more, not even of the end. */
  abandon(): void {
    this.#waiting.clear();
    this.#connection = undefined;
    this.cut();
  }

  onBatch(listener: (batch: PushedBatch) => void) {
    this.#batch = listener;
    return () => {
      this.#batch = undefined;
    };
  }
  onConnection(listener: (connected: boolean) => void) {
    this.#connection = listener;
    return () => {
      this.#connection = undefined;
    };
  }
  onBehind() {
    return () => {};
  }
}

export class ManualTimers implements PaceTimers {
  #now = 0;
  #due: { at: number; run: () => void }[] = [];
  now() {
    return this.#now;
  }
  after(delay: number, run: () => void) {
    const entry = { at: this.#now + delay, run };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((other) => other !== entry);
    };
  }
  /** Timers that are still set. */
  get pending(): number {
    return this.#due.length;
  }
  advance(ms: number): void {
    this.#now += ms;
    const ready = this.#due.filter((entry) => entry.at <= this.#now).sort((a, b) => a.at - b.at);
    for (const entry of ready) {
      if (!this.#due.includes(entry)) continue;
      this.#due = this.#due.filter((other) => other !== entry);
      entry.run();
    }
  }
}

export function memoryStorage(): DraftStorage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    key: (index) => [...items.keys()][index] ?? null,
    get length() {
      return items.size;
    },
  };
}

/** Lets every promise that can settle do so. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await Promise.resolve();
}

export class SimulatedBrowser {
  readonly storage = memoryStorage();
  readonly alive = new Set<string>();
  windows = 0;
}

/** One window of a browser. A reload keeps its storage and nothing else. */
export class SimulatedWindow {
  session!: NotebookSession;
  connection!: SimulatedConnection;
  timers!: ManualTimers;
  readonly #server: SimulatedServer;
  readonly #browser: SimulatedBrowser;
  #id = '';

  constructor(server: SimulatedServer, browser: SimulatedBrowser) {
    this.#server = server;
    this.#browser = browser;
    this.reload();
  }

  reload(): void {
    // As a crash does: the old page gets no chance to say anything.
    this.connection?.abandon();
    this.connection = new SimulatedConnection(this.#server);
    this.timers = new ManualTimers();
    const { storage, alive } = this.#browser;
    alive.delete(this.#id);
    this.#id = `w${++this.#browser.windows}`;
    const ownId = this.#id;
    alive.add(ownId);
    const windows = { ownId, alive: async () => new Set([...alive].filter((id) => id !== ownId)) };
    this.session = new NotebookSession(PATH, this.connection, storage, this.timers, windows);
    this.session.start();
    this.connection.connect();
  }

  /** What the user sees of a cell. */
  shown(cellId: string): string {
    const { view, drafts } = this.session.store.getState();
    return drafts.get(cellId)?.source ?? view?.cells.get(cellId)?.source ?? '';
  }

  get order(): readonly string[] {
    return this.session.store.getState().view?.cellOrder ?? [];
  }
}
