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

export class Drafts {
  readonly #storage: DraftStorage | undefined;
  readonly #key: string;
  #drafts: Map<string, Draft>;

  constructor(storage: DraftStorage | undefined, path: string) {
    this.#storage = storage;
    this.#key = `stagelight:drafts:${path}`;
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
    this.#write();
  }

  delete(cellId: string): void {
    if (!this.#drafts.has(cellId)) return;
    this.#drafts = new Map(this.#drafts);
    this.#drafts.delete(cellId);
    this.#write();
  }

  /** Drops the drafts that the server has and the view shows. */
  settle(server: (cellId: string) => ServerText | undefined): void {
    for (const [cellId, draft] of this.#drafts) {
      const cell = server(cellId);
      if (!cell || (draft.source === draft.baseSource && cell.revision >= draft.baseRevision))
        this.delete(cellId);
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
      if (!cell || cell.source === draft.source) this.delete(cellId);
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

  #write(): void {
    try {
      if (this.#drafts.size === 0) this.#storage?.removeItem(this.#key);
      else this.#storage?.setItem(this.#key, JSON.stringify([...this.#drafts]));
    } catch {
      // A full or forbidden storage only costs the draft its survival of a reload.
    }
  }
}
