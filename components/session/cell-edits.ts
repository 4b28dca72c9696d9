/**
 * The way of typed text to the server: drafts are sent when typing pauses, put onto what others typed meanwhile, and
 * sent again after whatever went wrong. One edit per cell is under way at a time. Inserted cells go the same way.
 */
import type { ErrorData } from '../../engine/protocol.ts';
import {
  type CommandReply,
  MAX_CELL_CHARACTERS,
  type NotebookCommand,
} from '../../engine/viewer-protocol.ts';
import { formatCount } from '../ui/format.ts';
import type { Draft, Drafts, ServerText } from './drafts.ts';
import type { PaceTimers } from './pace.ts';
import { indexOfInsert } from './pending-cells.ts';
import { rebased } from './rebase-draft.ts';

const EDIT_DELAY = 300;
/** After an edit without an answer. */
const RETRY_DELAY = 2000;
/** How long the event that explains a conflict, or an inserted cell, may take after the reply. */
const EVENT_DELAY = 2000;
/** Others may be faster so many times in a row. */
const MOST_ATTEMPTS = 20;

export interface EditHost {
  /** The server has been asked what is new since the connection is there. */
  readonly joined: boolean;
  /** Names the server's present opening of the notebook. */
  readonly boot: string;
  /** The cell as the server last told. */
  server(cellId: string): ServerText | undefined;
  serverOrder(): readonly string[];
  /** The cell as it is on screen, but for its draft. */
  shown(cellId: string): ServerText | undefined;
  send(command: NotebookCommand): Promise<CommandReply>;
  /** Drafts have changed. */
  changed(): void;
  /** Undefined: what was reported is over. */
  report(error: ErrorData | undefined): void;
}

function tooLong(cell: string, length: number): ErrorData {
  return {
    code: 'CELL_TOO_LARGE',
    name: 'StagelightError',
    message: `${cell} has ${formatCount(length)} characters, too many to be saved or run: the most is ${formatCount(MAX_CELL_CHARACTERS)}`,
    hint: 'It is kept in this browser alone. Make it shorter, or undo: data belongs in a file, to be read with sc.textFile.',
  };
}

const isConfirmed = ({ source, baseSource, unconfirmed, sent }: Draft) =>
  source === baseSource && !unconfirmed && !sent;

const newEditId = () => Math.random().toString(36).slice(2);

export class CellEdits {
  readonly #drafts: Drafts;
  readonly #host: EditHost;
  readonly #timers: PaceTimers;
  readonly #scheduled = new Map<string, () => void>();
  readonly #sending = new Map<string, Promise<CommandReply>>();
  readonly #inserting = new Map<string, Promise<CommandReply>>();
  /** Those who wait for a newer text of a cell. */
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #cancels = new Set<() => void>();
  #otherBoot = false;
  #stopped = false;

  constructor(drafts: Drafts, host: EditHost, timers: PaceTimers) {
    this.#drafts = drafts;
    this.#host = host;
    this.#timers = timers;
  }

  edit(cellId: string, source: string): void {
    const draft = this.#drafts.get(cellId);
    // What was typed over is what was on screen, not what has arrived since.
    const cell = this.#host.shown(cellId);
    if (!draft && (!cell || source === cell.source)) return;
    const base = draft ?? { baseSource: cell!.source, baseRevision: cell!.revision };
    this.#drafts.set(cellId, { ...base, source });
    if (draft && draft.source.length > MAX_CELL_CHARACTERS && source.length <= MAX_CELL_CHARACTERS)
      this.#host.report(undefined);
    this.#rebase(cellId);
    this.#host.changed();
    this.#schedule(cellId, EDIT_DELAY);
  }

  insert(cellId: string, insert: NonNullable<Draft['insert']>, source: string): Promise<CommandReply> {
    this.#drafts.set(cellId, { source, baseSource: source, baseRevision: 0, insert });
    this.#host.changed();
    return this.#insert(cellId);
  }

  /** Sends a cell's draft now; true when the server then has the text that the user sees. */
  async flush(cellId: string): Promise<boolean> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      this.#scheduled.get(cellId)?.();
      this.#scheduled.delete(cellId);
      // Here, not in a function of its own: between the last look and the sending nobody else may send.
      for (let busy = this.#busy(cellId); busy; busy = this.#busy(cellId)) await busy;
      this.#rebase(cellId);
      const draft = this.#drafts.get(cellId);
      if (!draft || isConfirmed(draft)) return !draft?.insert;
      if (draft.conflict || !this.#host.joined || !this.#host.server(cellId)) return false;
      if (draft.source.length > MAX_CELL_CHARACTERS) {
        const at = this.#host.serverOrder().indexOf(cellId);
        this.#host.report(tooLong(`Cell ${at + 1}`, draft.source.length));
        return false;
      }
      const reply = await this.#send(cellId, draft);
      if (reply.ok) {
        if (draft.sent) continue;
        return true;
      }
      if (reply.error.code !== 'EDIT_CONFLICT') return false;
      await this.#newerThan(cellId, draft.baseRevision);
    }
    return false;
  }

  /** Resolves when nothing of this cell is on its way. */
  async settled(cellId: string): Promise<void> {
    for (let busy = this.#busy(cellId); busy; busy = this.#busy(cellId)) await busy;
  }

  #busy(cellId: string): Promise<CommandReply> | undefined {
    return this.#inserting.get(cellId) ?? this.#sending.get(cellId);
  }

  /** What others typed has arrived. */
  received(): void {
    let changed = false;
    for (const cellId of this.#drafts.all.keys()) {
      const before = this.#drafts.get(cellId);
      this.#rebase(cellId);
      const draft = this.#drafts.get(cellId);
      if (draft === before) continue;
      changed = true;
      if (draft && !isConfirmed(draft) && !draft.conflict && !this.#scheduled.has(cellId))
        this.#schedule(cellId, EDIT_DELAY);
    }
    this.#wake();
    if (changed) this.#host.changed();
  }

  /** The server was asked for everything anew. Of another boot, its revisions count anew, too. */
  joined(otherBoot: boolean): void {
    this.#otherBoot = otherBoot;
    for (const [cellId, draft] of this.#drafts.all) {
      const { insert, ...text } = draft;
      if (otherBoot) this.#drafts.set(cellId, { ...draft, baseRevision: -1 });
      // Inserted, seen by the server, and not there now: deleted by someone else.
      if (insert?.acknowledged && !this.#host.server(cellId)) this.#drafts.set(cellId, text);
    }
    this.received();
    this.#otherBoot = false;
    for (const [cellId, draft] of this.#drafts.all) {
      if (draft.insert && !draft.insert.acknowledged)
        void this.#insert(cellId).then(() => this.flush(cellId));
      else void this.flush(cellId);
    }
  }

  /** No answer will come any more over this connection. */
  disconnected(): void {
    this.#wake();
  }

  stop(): void {
    // Leaving the page is no reason to keep the file waiting for the last words.
    for (const cellId of [...this.#scheduled.keys()]) void this.flush(cellId);
    this.#stopped = true;
    for (const cancel of [...this.#scheduled.values(), ...this.#cancels]) cancel();
    this.#scheduled.clear();
    this.#wake();
  }

  #schedule(cellId: string, delay: number): void {
    if (this.#stopped) return;
    this.#scheduled.get(cellId)?.();
    this.#scheduled.set(
      cellId,
      this.#timers.after(delay, () => void this.flush(cellId)),
    );
  }

  #after(delay: number, run: () => void): () => void {
    const cancel = this.#timers.after(delay, () => {
      this.#cancels.delete(cancel);
      run();
    });
    this.#cancels.add(cancel);
    return () => {
      this.#cancels.delete(cancel);
      cancel();
    };
  }

  /** Puts the draft onto the server's text if that is newer than its base. Not while an edit is under way. */
  #rebase(cellId: string): void {
    const draft = this.#drafts.get(cellId);
    const cell = this.#host.server(cellId);
    if (!draft || !cell || this.#busy(cellId) || draft.sent?.boot === this.#host.boot) return;
    let next = draft;
    if (next.insert) {
      const { insert, ...text } = next;
      next = insert.acknowledged ? text : { ...text, unconfirmed: true };
    }
    if (cell.revision > next.baseRevision) next = rebased(next, cell, this.#otherBoot);
    if (next !== draft) this.#drafts.set(cellId, next);
  }

  /** An edit without an answer goes again as it was, before any other: the server knows it by its id. */
  #send(cellId: string, draft: Draft): Promise<CommandReply> {
    const { source, baseRevision } = draft;
    const boot = this.#host.boot;
    const sent = draft.sent ?? { editId: newEditId(), source, baseRevision, boot };
    this.#drafts.set(cellId, { ...draft, sent });
    const { editId } = sent;
    const command = {
      type: 'editCell',
      cellId,
      source: sent.source,
      baseRevision: sent.baseRevision,
      editId,
    } as const;
    const sending = this.#host.send(command).then((reply) => {
      this.#sending.delete(cellId);
      this.#answered(cellId, sent.source, reply);
      return reply;
    });
    this.#sending.set(cellId, sending);
    return sending;
  }

  #answered(cellId: string, source: string, reply: CommandReply): void {
    const draft = this.#drafts.get(cellId);
    if (!draft) return;
    const { sent, unconfirmed: _, ...text } = draft;
    if (reply.ok) {
      const { source: now, baseSource, baseRevision, before = baseSource } = text;
      const revision = reply.revision ?? baseRevision + 1;
      this.#drafts.set(cellId, { source: now, baseSource: source, baseRevision: revision, before });
    } else if (reply.error.code === 'UNREACHABLE') {
      if (this.#host.joined) this.#schedule(cellId, RETRY_DELAY);
    } else this.#drafts.set(cellId, text);
    this.#rebase(cellId);
    this.#host.changed();
  }

  async #insert(cellId: string): Promise<CommandReply> {
    const under = this.#inserting.get(cellId);
    if (under) return under;
    const inserting = this.#sendInsert(cellId).finally(() => {
      this.#inserting.delete(cellId);
      this.received();
    });
    this.#inserting.set(cellId, inserting);
    return inserting;
  }

  async #sendInsert(cellId: string): Promise<CommandReply> {
    const draft = this.#drafts.get(cellId);
    if (!draft?.insert) return { ok: true };
    const { insert, baseSource } = draft;
    if (insert.after !== null) await this.#inserting.get(insert.after);
    const index = indexOfInsert(this.#host.serverOrder(), draft);
    const command = { type: 'insertCell', cellId, kind: insert.kind, source: baseSource, index } as const;
    const reply = await this.#host.send(command);
    const now = this.#drafts.get(cellId);
    if (!now?.insert) return reply;
    if (reply.ok) {
      // The same object: what stands for the cell on screen stays the same.
      now.insert.acknowledged = true;
      this.#drafts.set(cellId, { ...now });
      this.#after(EVENT_DELAY, () => this.#forgetInsert(cellId));
    } else if (reply.error.code === 'UNREACHABLE') {
      if (this.#host.joined) this.#after(RETRY_DELAY, () => void this.#insert(cellId));
    } else this.#drafts.delete(cellId);
    this.#host.changed();
    return reply;
  }

  /** Acknowledged long ago and still not in the view: someone deleted it at once. */
  #forgetInsert(cellId: string): void {
    const draft = this.#drafts.get(cellId);
    if (!draft?.insert || this.#host.server(cellId) || !this.#host.joined) return;
    const { insert: _, ...text } = draft;
    this.#drafts.set(cellId, text);
    this.#host.changed();
  }

  /** Waits for the event that made an edit a conflict. */
  async #newerThan(cellId: string, revision: number): Promise<void> {
    const isOver = () => {
      const cell = this.#host.server(cellId);
      return !this.#host.joined || !cell || cell.revision > revision || this.#stopped;
    };
    let late = false;
    while (!isOver() && !late) {
      await new Promise<void>((resolve) => {
        const set = this.#waiting.get(cellId) ?? new Set();
        const cancel = this.#after(EVENT_DELAY, () => {
          late = true;
          resolve();
        });
        set.add(() => {
          cancel();
          resolve();
        });
        this.#waiting.set(cellId, set);
      });
    }
  }

  #wake(): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const set of all) for (const wake of set) wake();
  }
}
