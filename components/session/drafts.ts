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

export type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
type Entry = [cellId: string, draft: Draft, window?: string];

const keyOf = (path: string) => `stagelight:drafts:${path}`;

/** What was typed into a notebook goes along when its file is moved. */
export function moveDrafts(storage: DraftStorage | undefined, from: string, to: string): void {
  try {
    const drafts = storage?.getItem(keyOf(from));
    if (!drafts) return;
    storage?.setItem(keyOf(to), drafts);
    storage?.removeItem(keyOf(from));
  } catch {
    // As below: the storage only serves a reload.
  }
}

export class Drafts {
  readonly #storage: DraftStorage | undefined;
  readonly #key: string;
  readonly #window: string;
  #drafts = new Map<string, Draft>();
  #isKept = true;
  /** What was last read or written, so that a change of one draft among hundreds parses and words that one alone. */
  #known: { text: string; entries: Entry[] } = { text: '[]', entries: [] };
  /** Changes of a batch that are not stored yet. */
  #held: ((entries: Entry[]) => Entry[])[] | undefined;
  readonly #words = new WeakMap<Entry, string>();

  constructor(storage: DraftStorage | undefined, path: string, window: string) {
    this.#storage = storage;
    this.#key = keyOf(path);
    this.#window = window;
  }

  /** A fresh map on every change, so that a store can tell by identity. */
  get all(): ReadonlyMap<string, Draft> {
    return this.#drafts;
  }

  /** False when the browser refused to store the last change: a reload would lose it. */
  get isKept(): boolean {
    return this.#isKept;
  }

  get(cellId: string): Draft | undefined {
    return this.#drafts.get(cellId);
  }

  set(cellId: string, draft: Draft): void {
    this.#drafts = new Map(this.#drafts).set(cellId, draft);
    this.#write((entries) => [...this.#withoutOwn(entries, cellId), [cellId, draft, this.#window]]);
  }

  delete(cellId: string): void {
    if (!this.#drafts.has(cellId)) return;
    this.#drafts = new Map(this.#drafts);
    this.#drafts.delete(cellId);
    this.#write((entries) => this.#withoutOwn(entries, cellId));
  }

  /**
   * Drops the drafts that the server has and the view shows; what was typed into a cell now gone stays. When the
   * server could not save (`saved` false), the text here may outlive the server's and stays until a newer one comes.
   */
  settle(server: (cellId: string) => ServerText | undefined, saved: boolean): void {
    for (const [cellId, draft] of this.#drafts) {
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
    const isLeft = ([, , window = '']: Entry) => window !== this.#window && !alive.has(window);
    const left = this.#read().filter(isLeft);
    if (left.length === 0) return;
    const drafts = new Map(this.#drafts);
    for (const [cellId, draft] of left) {
      const known = drafts.get(cellId);
      const merged =
        known?.baseSource === draft.baseSource
          ? mergeText(draft.baseSource, known.source, draft.source)
          : undefined;
      let id = cellId;
      if (merged === undefined) for (let n = 2; drafts.has(id); n++) id = `${cellId}~${n}`;
      drafts.set(id, merged === undefined ? draft : { ...known, ...draft, source: merged });
    }
    this.#drafts = drafts;
    const own = [...drafts].map(([cellId, draft]): Entry => [cellId, draft, this.#window]);
    this.#write((entries) => [
      ...entries.filter((entry) => !isLeft(entry) && entry[2] !== this.#window),
      ...own,
    ]);
  }

  #withoutOwn(entries: Entry[], cellId: string): Entry[] {
    return entries.filter(([id, , window]) => id !== cellId || window !== this.#window);
  }

  #read(): Entry[] {
    try {
      const text = this.#storage?.getItem(this.#key) ?? '[]';
      if (text !== this.#known.text) {
        const entries: unknown = JSON.parse(text);
        this.#known = { text, entries: Array.isArray(entries) ? entries.filter(isEntry) : [] };
      }
      return this.#known.entries;
    } catch {
      return [];
    }
  }

  #wordsOf(entry: Entry): string {
    const known = this.#words.get(entry);
    if (known !== undefined) return known;
    const words = JSON.stringify(entry);
    this.#words.set(entry, words);
    return words;
  }

  /** Stores what `run` changes in one go. */
  batch(run: () => void): void {
    const held: ((entries: Entry[]) => Entry[])[] = [];
    this.#held = held;
    try {
      run();
    } finally {
      this.#held = undefined;
      if (held.length > 0) this.#write((entries) => held.reduce((all, change) => change(all), entries));
    }
  }

  /** Other windows of this browser keep their drafts of the notebook in the same place. */
  #write(change: (entries: Entry[]) => Entry[]): void {
    if (this.#held) {
      this.#held.push(change);
      return;
    }
    const entries = change(this.#read());
    const text = `[${entries.map((entry) => this.#wordsOf(entry)).join(',')}]`;
    try {
      if (entries.length === 0) this.#storage?.removeItem(this.#key);
      else this.#storage?.setItem(this.#key, text);
      this.#isKept = this.#storage !== undefined;
      this.#known = { text, entries };
    } catch {
      this.#isKept = false;
    }
  }
}

function isEntry(value: unknown): value is Entry {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false;
  const draft = value[1] as Partial<Draft> | null;
  return (
    typeof draft?.source === 'string' &&
    typeof draft.baseSource === 'string' &&
    typeof draft.baseRevision === 'number'
  );
}
