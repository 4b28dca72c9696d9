'use client';
/**
 * The text models of the open notebook, one per cell, owned outside of any editor: whichever editor shows a cell shows
 * this model, with its undo history, markers and decorations. Typing goes from the model to the session, and what the
 * session learns from elsewhere goes into the model.
 */
import type { editor as MonacoApi } from 'monaco-editor/editor';
import type { CellView } from '../../engine/fold/state.ts';
import type { Draft } from '../session/drafts.ts';
import type { NotebookSession } from '../session/notebook-session.ts';
import { STEP_NOT_DONE } from '../session/session-errors.ts';
import { applyRemoteText } from './editor/apply-remote-text.ts';
import { cellUri } from './editor/cell-uri.ts';
import { OwnHistory, type UndoableText } from './editor/own-history.ts';
import type { Monaco } from './monaco.ts';

type Model = MonacoApi.ITextModel;
type Listener = (model: Model | undefined) => void;

interface Entry {
  model: Model;
  /** What the session and the model agree on. */
  text: string;
  cell: CellView;
  draft: Draft | undefined;
  /** The model is being given a text from the session: the change it reports is not the user's. */
  applying: boolean;
  history: OwnHistory;
}

const listeners = new Map<string, Set<Listener>>();
let open: CellModels | undefined;

/** The model of a cell of the open notebook, once Monaco is there. */
export function cellModel(cellId: string): Model | undefined {
  return open?.get(cellId);
}

/** Undoes or redoes one's own last step in a cell's text. */
export function travelInText(cellId: string, direction: 'undo' | 'redo'): void {
  open?.travel(cellId, direction);
}

/** Calls `listener` with the cell's model: at once if there is one, when one is made, and with undefined when it goes. */
export function onCellModel(cellId: string, listener: Listener): () => void {
  const set = listeners.get(cellId) ?? new Set();
  listeners.set(cellId, set.add(listener));
  const model = cellModel(cellId);
  if (model) listener(model);
  return () => {
    set.delete(listener);
    if (set.size === 0 && listeners.get(cellId) === set) listeners.delete(cellId);
  };
}

function tell(cellId: string, model: Model | undefined): void {
  for (const listener of [...(listeners.get(cellId) ?? [])]) listener(model);
}

const languageOf = (cell: CellView) => (cell.kind === 'markdown' ? 'markdown' : 'typescript');

export class CellModels {
  readonly #monaco: Monaco;
  readonly #session: NotebookSession;
  readonly #entries = new Map<string, Entry>();
  readonly #changed = new Set<(cellId: string, isText: boolean) => void>();
  #unsubscribe: (() => void) | undefined;

  constructor(monaco: Monaco, session: NotebookSession) {
    this.#monaco = monaco;
    this.#session = session;
  }

  start(): void {
    open?.stop();
    open = this;
    this.#sync();
    this.#unsubscribe = this.#session.store.subscribe((state, before) => {
      if (state.view !== before.view || state.drafts !== before.drafts) this.#sync();
    });
  }

  stop(): void {
    if (open === this) open = undefined;
    this.#unsubscribe?.();
    for (const cellId of [...this.#entries.keys()]) this.#remove(cellId);
  }

  get(cellId: string): Model | undefined {
    return this.#entries.get(cellId)?.model;
  }

  /**
   * Called after any change of a cell's text, whoever made it (`isText`), and when a cell comes, goes or changes its kind.
   */
  onChange(listener: (cellId: string, isText: boolean) => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  #sync(): void {
    const { view, drafts } = this.#session.store.getState();
    if (!view) return;
    for (const [cellId, cell] of view.cells) {
      const draft = drafts.get(cellId);
      const entry = this.#entries.get(cellId);
      if (!entry) this.#add(cellId, cell, draft);
      else if (entry.cell !== cell || entry.draft !== draft) this.#update(cellId, entry, cell, draft);
    }
    if (this.#entries.size === view.cells.size) return;
    for (const cellId of [...this.#entries.keys()]) if (!view.cells.has(cellId)) this.#remove(cellId);
  }

  #add(cellId: string, cell: CellView, draft: Draft | undefined): void {
    const text = draft?.source ?? cell.source;
    const uri = this.#monaco.Uri.parse(cellUri(cellId));
    this.#monaco.editor.getModel(uri)?.dispose();
    const model = this.#monaco.editor.createModel(text, languageOf(cell), uri);
    model.updateOptions({ tabSize: 2, insertSpaces: true, trimAutoWhitespace: true });
    model.setEOL(this.#monaco.editor.EndOfLineSequence.LF);
    const history = new OwnHistory(model as Model & UndoableText, (next) => applyRemoteText(model, next));
    const entry: Entry = { model, text, cell, draft, applying: false, history };
    this.#entries.set(cellId, entry);
    model.onDidChangeContent(({ isUndoing, isRedoing }) => {
      if (!isUndoing && !isRedoing) history.changed();
      if (!entry.applying) {
        entry.text = model.getValue();
        this.#session.edit(cellId, entry.text);
      }
      this.#report(cellId, true);
    });
    tell(cellId, model);
    this.#report(cellId);
  }

  #update(cellId: string, entry: Entry, cell: CellView, draft: Draft | undefined): void {
    const text = draft?.source ?? cell.source;
    const newKind = entry.cell.kind !== cell.kind;
    const isChosen = entry.draft?.conflict && !draft;
    Object.assign(entry, { cell, draft });
    if (text !== entry.text) {
      entry.text = text;
      entry.applying = true;
      if (isChosen) entry.history.take(text);
      else entry.history.receive(text);
      entry.applying = false;
    }
    if (!newKind) return;
    this.#monaco.editor.setModelLanguage(entry.model, languageOf(cell));
    this.#report(cellId);
  }

  /** Undoes or redoes one's own last step; the session learns of what comes of it alone. */
  travel(cellId: string, direction: 'undo' | 'redo'): void {
    const entry = this.#entries.get(cellId);
    if (!entry) return;
    entry.applying = true;
    const outcome = entry.history[direction]();
    entry.applying = false;
    this.#session.notify(outcome === 'refused' ? STEP_NOT_DONE[direction] : undefined);
    const text = entry.model.getValue();
    if (text === entry.text) return;
    entry.text = text;
    this.#session.edit(cellId, text);
  }

  #remove(cellId: string): void {
    const entry = this.#entries.get(cellId);
    if (!entry) return;
    this.#entries.delete(cellId);
    tell(cellId, undefined);
    entry.model.dispose();
    this.#report(cellId);
  }

  #report(cellId: string, isText = false): void {
    for (const listener of this.#changed) listener(cellId, isText);
  }
}
