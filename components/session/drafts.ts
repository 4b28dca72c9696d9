/**
 * Text typed but not yet acknowledged by the server, per cell, and cells it does not have yet; kept in localStorage so
 * that no reload or crash loses them. Each window keeps its own; what a window that is gone left behind is taken over.
 */
import type { CellKind } from '../../engine/protocol.ts';
import { mergeText } from './merge-text.ts';

export interface Draft {
  source: string;
  /** The server's text that the draft was typed over; equal to `source` once the server has it. */
  baseSource: string;
  baseRevision: number;
  /** The edit whose answer is still to come, or was lost: the server, if it is still that boot, may have it. */
  sent?: { editId: string; source: string; baseRevision: number; boot: string };
  /** The base before the last acknowledged one: what a server that died without saving has. */
  before?: string;
  /** The server has this text but never said that it is saved: it is sent once more to hear that. */
  unconfirmed?: boolean;
  /** The server has another text now that cannot be merged: the user decides which one stays. */
  conflict?: boolean;
  /** The cell itself is new: inserted here, behind `after` (null: at the top), and not seen on the server yet. */
  insert?: { kind: CellKind; after: string | null; acknowledged?: boolean };
}

export interface ServerText {
  source: string;
  revision: number;
}

export type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** One key for each cell of each window: a change of one draft among hundreds touches that one alone. */
type Place = [path: string, window: string, cellId: string];
const PREFIX = 'stagelight:draft:';
const keyOf = (...place: Place) => PREFIX + JSON.stringify(place);

interface Stored {
  place: Place;
  text: string;
}

/** All drafts of a notebook, those of other windows too. */
function storedFor(storage: DraftStorage, path: string): Stored[] {
  const begin = `${PREFIX}${JSON.stringify([path]).slice(0, -1)},`;
  const found: Stored[] = [];
  for (let i = 0; i < storage.length; i++) {
    const key = storage.key(i);
    const text = key?.startsWith(begin) ? storage.getItem(key) : null;
    if (text !== null) found.push({ place: JSON.parse(key!.slice(PREFIX.length)) as Place, text });
  }
  return found;
}

/** What was typed into a notebook goes along when its file is moved. */
export function moveDrafts(storage: DraftStorage | undefined, from: string, to: string): void {
  try {
    if (!storage) return;
    for (const { place, text } of storedFor(storage, from)) {
      const [, window, cellId] = place;
      storage.setItem(keyOf(to, window, cellId), text);
      storage.removeItem(keyOf(...place));
    }
  } catch {
    // As below: the storage only serves a reload.
  }
}

export class Drafts {
  readonly #storage: DraftStorage | undefined;
  readonly #path: string;
  readonly #window: string;
  readonly #drafts = new Map<string, Draft>();
  /** What `all` told last; gone with the next change. */
  #told: ReadonlyMap<string, Draft> | undefined;
  /** Cells whose last change the browser refused to store. */
  readonly #unkept = new Set<string>();
  #order = 0;
  readonly #orders = new Map<string, number>();

  constructor(storage: DraftStorage | undefined, path: string, window: string) {
    this.#storage = storage;
    this.#path = path;
    this.#window = window;
  }

  /** A fresh map on every change, so that a store can tell by identity. */
  get all(): ReadonlyMap<string, Draft> {
    this.#told ??= new Map(this.#drafts);
    return this.#told;
  }

  /** False when the browser refused to store the last change of some cell: a reload would lose it. */
  get isKept(): boolean {
    return this.#unkept.size === 0;
  }

  get(cellId: string): Draft | undefined {
    return this.#drafts.get(cellId);
  }

  set(cellId: string, draft: Draft): void {
    this.#told = undefined;
    this.#drafts.set(cellId, draft);
    this.#keep(cellId);
  }

  delete(cellId: string): void {
    if (!this.#drafts.delete(cellId)) return;
    this.#told = undefined;
    this.#orders.delete(cellId);
    this.#unkept.delete(cellId);
    this.#remove(cellId, this.#window);
    this.#keepOthers();
  }

  /**
   * Drops the drafts that the server has and the view shows; what was typed into a cell now gone stays. When the
   * server could not save (`saved` false), the text here may outlive the server's and stays until a newer one comes.
   */
  settle(server: (cellId: string) => ServerText | undefined, saved: boolean): void {
    for (const [cellId, draft] of this.all) {
      const { source, baseSource, insert, unconfirmed, sent } = draft;
      if (source !== baseSource || insert || unconfirmed || sent) continue;
      const cell = server(cellId);
      if (!cell || cell.revision >= draft.baseRevision + (saved ? 0 : 1)) this.delete(cellId);
    }
  }

  /**
   * Takes over what windows that are gone have left. Two texts for one cell from the same base become one; others stand
   * beside it, as of a cell that is gone.
   */
  adopt(alive: ReadonlySet<string>): void {
    const left = this.#left(alive);
    for (const { cellId, window, draft } of left) {
      const known = this.#drafts.get(cellId);
      const merged =
        known?.baseSource === draft.baseSource
          ? mergeText(draft.baseSource, known.source, draft.source)
          : undefined;
      let id = cellId;
      if (merged === undefined) for (let n = 2; this.#drafts.has(id); n++) id = `${cellId}~${n}`;
      this.set(id, merged === undefined ? draft : { ...known, ...draft, source: merged });
      // What could not be stored anew stays where it is.
      if (!this.#unkept.has(id)) this.#remove(cellId, window);
    }
  }

  /** The drafts of windows that are gone, in the order in which they began. */
  #left(alive: ReadonlySet<string>): { cellId: string; window: string; draft: Draft }[] {
    try {
      return storedFor(this.#storage!, this.#path)
        .filter(({ place: [, window] }) => window !== this.#window && !alive.has(window))
        .map(({ place: [, window, cellId], text }) => ({ window, cellId, entry: JSON.parse(text) }))
        .filter(({ entry }) => isEntry(entry))
        .sort((a, b) => a.entry[0] - b.entry[0])
        .map(({ cellId, window, entry }) => ({ cellId, window, draft: entry[1] }));
    } catch {
      return [];
    }
  }

  #keep(cellId: string): void {
    const order = this.#orders.get(cellId) ?? this.#order++;
    this.#orders.set(cellId, order);
    try {
      const entry: Entry = [order, this.#drafts.get(cellId)!];
      this.#storage!.setItem(keyOf(this.#path, this.#window, cellId), JSON.stringify(entry));
      this.#unkept.delete(cellId);
    } catch {
      this.#unkept.add(cellId);
    }
  }

  /** There may be room now for what was refused. */
  #keepOthers(): void {
    for (const cellId of [...this.#unkept]) this.#keep(cellId);
  }

  #remove(cellId: string, window: string): void {
    try {
      this.#storage?.removeItem(keyOf(this.#path, window, cellId));
    } catch {
      // A storage that is forbidden holds nothing.
    }
  }
}

type Entry = [order: number, draft: Draft];

function isEntry(value: unknown): value is Entry {
  if (!Array.isArray(value) || typeof value[0] !== 'number') return false;
  const draft = value[1] as Partial<Draft> | null;
  return (
    typeof draft?.source === 'string' &&
    typeof draft.baseSource === 'string' &&
    typeof draft.baseRevision === 'number'
  );
}
