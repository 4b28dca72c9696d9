/** Text typed but not yet acknowledged by the server, per cell; kept in localStorage so that no reload loses it. */

export interface Draft {
  source: string;
  /** The server's text that the draft was typed over; equal to `source` once the server has it. */
  baseSource: string;
  baseRevision: number;
  /** The server has another text now: the user decides which one stays. */
  conflict?: boolean;
}

export interface ServerText {
  source: string;
  revision: number;
}

export type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

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
  #drafts: Map<string, Draft>;

  constructor(storage: DraftStorage | undefined, path: string) {
    this.#storage = storage;
    this.#key = keyOf(path);
    this.#drafts = this.#read();
  }

  /** A fresh map on every change, so that a store can tell by identity. */
  get all(): ReadonlyMap<string, Draft> {
    return this.#drafts;
  }

  get(cellId: string): Draft | undefined {
    return this.#drafts.get(cellId);
  }

  set(cellId: string, draft: Draft): void {
    this.#drafts = new Map(this.#drafts).set(cellId, draft);
    this.#write((stored) => stored.set(cellId, draft));
  }

  delete(cellId: string): void {
    const draft = this.#drafts.get(cellId);
    if (!draft) return;
    this.#drafts = new Map(this.#drafts);
    this.#drafts.delete(cellId);
    this.#write((stored) => {
      if (stored.get(cellId)?.source === draft.source) stored.delete(cellId);
    });
  }

  /**
   * Drops the drafts that the server has and the view shows; what was typed into a cell now gone stays. When the
   * server could not save (`saved` false), the text here may outlive the server's and stays until a newer one comes.
   */
  settle(server: (cellId: string) => ServerText | undefined, saved: boolean): void {
    for (const [cellId, draft] of this.#drafts) {
      if (draft.source !== draft.baseSource) continue;
      const cell = server(cellId);
      if (!cell || cell.revision >= draft.baseRevision + (saved ? 0 : 1)) this.delete(cellId);
    }
  }

  /**
   * Compares with the server's cells after a join: drafts that arrived are dropped, those typed over the text the
   * server still has are returned for sending, the others are marked as conflicts.
   */
  reconcile(server: (cellId: string) => ServerText | undefined): string[] {
    const unsent: string[] = [];
    for (const [cellId, draft] of this.#drafts) {
      const cell = server(cellId);
      if (!cell) continue;
      if (cell.source === draft.source) this.delete(cellId);
      else if (cell.source === draft.baseSource) {
        this.set(cellId, { source: draft.source, baseSource: cell.source, baseRevision: cell.revision });
        unsent.push(cellId);
      } else this.set(cellId, { ...draft, conflict: true });
    }
    return unsent;
  }

  #read(): Map<string, Draft> {
    try {
      const text = this.#storage?.getItem(this.#key);
      return new Map(text ? (JSON.parse(text) as [string, Draft][]) : []);
    } catch {
      return new Map();
    }
  }

  /** Other windows of this browser keep their drafts of the notebook in the same place. */
  #write(change: (stored: Map<string, Draft>) => void): void {
    const stored = this.#read();
    change(stored);
    try {
      if (stored.size === 0) this.#storage?.removeItem(this.#key);
      else this.#storage?.setItem(this.#key, JSON.stringify([...stored]));
    } catch {
      // A full or forbidden storage only costs the draft its survival of a reload.
    }
  }
}
