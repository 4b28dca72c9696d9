/** Who looks at which notebook, and where in it: kept in memory while they are connected, told to the others, and lost. */
import { StagelightError } from '../engine/errors.ts';
import {
  PRESENCE_COLOURS,
  type Presence,
  type PresentViewer,
  type TextRange,
} from '../engine/viewer-protocol.ts';
import { isCellId } from './validate.ts';

/** Changes of one viewer passed on in a second; the last one of a burst follows when the second is over. */
const MOST_PER_SECOND = 20;
const MOST_NAME = 40;

function refuse(detail: string): never {
  throw new StagelightError('MESSAGE_INVALID', `presence refused: ${detail}`, { hint: 'Reload the page.' });
}

const isPlace = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1;

function parseRange(value: unknown): TextRange {
  if (typeof value !== 'object' || value === null) return refuse('no range');
  const { startLine, startColumn, endLine, endColumn } = value as TextRange;
  const places = [startLine, startColumn, endLine, endColumn];
  return places.every(isPlace) ? { startLine, startColumn, endLine, endColumn } : refuse('a range is wrong');
}

export function parsePresence(value: unknown): Presence {
  if (typeof value !== 'object' || value === null) return refuse('not an object');
  const { name, colour, cellId, range } = value as Record<string, unknown>;
  if (typeof name !== 'string' || name.trim() === '' || name.length > MOST_NAME) refuse('the name is wrong');
  if (!Number.isSafeInteger(colour) || Number(colour) < 0 || Number(colour) >= PRESENCE_COLOURS)
    refuse('the colour is wrong');
  const presence: Presence = { name: (name as string).trim(), colour: Number(colour) };
  if (cellId !== undefined) {
    if (!isCellId(cellId)) refuse('the cell is wrong');
    presence.cellId = cellId as string;
  }
  if (range !== undefined) presence.range = parseRange(range);
  return presence;
}

/** What is needed of the socket server, and of one socket. */
export interface Rooms {
  to(room: string): { except(viewer: string): { emit(event: string, message: object): unknown } };
}
export interface Viewer {
  id: string;
  rooms: ReadonlySet<string>;
}

interface Present {
  path: string;
  presence: Presence;
  passed: number;
  since: number;
  late?: NodeJS.Timeout;
}

export class Presences {
  readonly #io: Rooms;
  readonly #present = new Map<string, Present>();

  constructor(io: Rooms) {
    this.#io = io;
  }

  /** Takes where a viewer is, and answers where the others are. */
  set(socket: Viewer, path: string, presence: Presence): { viewers: PresentViewer[] } {
    if (!socket.rooms.has(path)) {
      throw new StagelightError('NOT_JOINED', `"${path}" is not open in this window`, {
        hint: 'Reload the page.',
      });
    }
    const known = this.#present.get(socket.id);
    if (known && known.path !== path) this.drop(socket.id);
    const now = performance.now();
    const present = this.#present.get(socket.id) ?? { path, presence, passed: 0, since: now };
    present.presence = presence;
    this.#present.set(socket.id, present);
    if (now - present.since > 1000) Object.assign(present, { passed: 0, since: now });
    if (++present.passed <= MOST_PER_SECOND) this.#pass(socket.id, present);
    else present.late ??= setTimeout(() => this.#pass(socket.id, present), 1000).unref();
    return { viewers: this.#others(path, socket.id) };
  }

  /** What a viewer calls itself, when it has said so. */
  nameOf(viewer: string): string | undefined {
    return this.#present.get(viewer)?.presence.name;
  }

  /** The viewer left the notebook, or is gone. */
  drop(viewer: string, path?: string): void {
    const present = this.#present.get(viewer);
    if (!present || (path !== undefined && present.path !== path)) return;
    clearTimeout(present.late);
    this.#present.delete(viewer);
    this.#io.to(present.path).except(viewer).emit('presence', { path: present.path, viewer });
  }

  #pass(viewer: string, present: Present): void {
    clearTimeout(present.late);
    delete present.late;
    const { path, presence } = present;
    this.#io.to(path).except(viewer).emit('presence', { path, viewer, presence });
  }

  #others(path: string, viewer: string): PresentViewer[] {
    return [...this.#present].flatMap(([id, present]) =>
      id === viewer || present.path !== path ? [] : [{ viewer: id, presence: present.presence }],
    );
  }
}
