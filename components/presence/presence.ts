/** Who else is in this notebook and where, and what they are told of us. Nothing of it is kept but our own name. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { PRESENCE_COLOURS, type Presence, type PresentViewer } from '../../engine/viewer-protocol.ts';
import type { DraftStorage } from '../session/drafts.ts';
import { browserTimers, Pace, type PaceTimers } from '../session/pace.ts';
import type { Failure } from '../session/socket-client.ts';

export interface PresenceMessage {
  path: string;
  viewer: string;
  /** Absent when the viewer has left. */
  presence?: Presence;
}

export interface PresenceConnection {
  call<Reply extends { ok: boolean }>(event: string, payload: object): Promise<Reply | Failure>;
  onPresence(listener: (message: PresenceMessage) => void): () => void;
}

export interface PresenceState {
  others: ReadonlyMap<string, Presence>;
  name: string;
  colour: number;
  /** The last to come or go, in words. */
  notice: string;
}

const NAME_KEY = 'stagelight:name';
const TELL_INTERVAL = 100;

/** The first of the names "Guest 1", "Guest 2" … that nobody has. */
export function guestName(taken: readonly string[]): string {
  for (let n = 1; ; n++) if (!taken.includes(`Guest ${n}`)) return `Guest ${n}`;
}

function freeColour(taken: readonly number[]): number {
  const free = Array.from({ length: PRESENCE_COLOURS }, (_, i) => i).find(
    (colour) => !taken.includes(colour),
  );
  return free ?? taken.length % PRESENCE_COLOURS;
}

export class PresenceChannel {
  readonly store: StoreApi<PresenceState>;
  readonly #path: string;
  readonly #connection: PresenceConnection;
  readonly #storage: DraftStorage | undefined;
  readonly #pace: Pace;
  #place: Pick<Presence, 'cellId' | 'range'> = {};
  #introduced = false;
  #stop: (() => void) | undefined;

  constructor(
    path: string,
    connection: PresenceConnection,
    storage: DraftStorage | undefined,
    timers: PaceTimers = browserTimers,
  ) {
    this.#path = path;
    this.#connection = connection;
    this.#storage = storage;
    this.#pace = new Pace(TELL_INTERVAL, () => void this.#tell(), timers);
    this.store = createStore<PresenceState>(() => ({ others: new Map(), name: '', colour: 0, notice: '' }));
  }

  start(): void {
    this.#stop = this.#connection.onPresence(({ path, viewer, presence }) => {
      if (path !== this.#path) return;
      const { others } = this.store.getState();
      const before = others.get(viewer);
      const next = new Map(others);
      if (presence) next.set(viewer, presence);
      else next.delete(viewer);
      const who = presence?.name ?? before?.name;
      const notice = !before && presence ? `${who} joined` : before && !presence ? `${who} left` : undefined;
      this.store.setState({ others: next, ...(notice && { notice }) });
    });
  }

  stop(): void {
    this.#stop?.();
    this.#pace.stop();
  }

  /** The notebook was joined, for the first time or again: says where we are and hears of everyone. */
  joined(): void {
    this.#introduced = false;
    void this.#introduce();
  }

  disconnected(): void {
    this.#introduced = false;
    this.store.setState({ others: new Map() });
  }

  rename(name: string): void {
    const trimmed = name.trim().slice(0, 40);
    if (trimmed === '') return;
    this.store.setState({ name: trimmed });
    try {
      this.#storage?.setItem(NAME_KEY, trimmed);
    } catch {
      // The name then lasts until the page is closed.
    }
    this.#pace.request();
  }

  /** We are in this cell, with this selection. */
  at(place: Pick<Presence, 'cellId' | 'range'>): void {
    // The cell alone, told again, is no news of the selection in it.
    this.#place = place.cellId === this.#place.cellId ? { ...this.#place, ...place } : place;
    if (this.#introduced) this.#pace.request();
  }

  /** A name and a colour are chosen when it is known which ones the others have. */
  async #introduce(): Promise<void> {
    const { name, colour } = this.store.getState();
    const first = await this.#send({ name: name || this.#storedName() || 'Guest', colour });
    if (!first) return;
    this.#introduced = true;
    const others = new Map(first.map(({ viewer, presence }) => [viewer, presence]));
    const taken = [...others.values()];
    const own = name || this.#storedName() || guestName(taken.map((other) => other.name));
    const isTaken = taken.some((other) => other.colour === colour);
    this.store.setState({
      others,
      name: own,
      colour: isTaken ? freeColour(taken.map((other) => other.colour)) : colour,
    });
    this.#pace.request();
  }

  #storedName(): string {
    try {
      return this.#storage?.getItem(NAME_KEY) ?? '';
    } catch {
      return '';
    }
  }

  async #tell(): Promise<void> {
    const { name, colour } = this.store.getState();
    await this.#send({ name, colour, ...this.#place });
  }

  async #send(presence: Presence): Promise<PresentViewer[] | undefined> {
    const reply = await this.#connection.call<{ ok: true; viewers: PresentViewer[] }>('notebook:presence', {
      path: this.#path,
      presence,
    });
    return reply.ok ? reply.viewers : undefined;
  }
}
