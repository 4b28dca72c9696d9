/** Notebooks between disk and session: the file becomes cells, and cells and outputs become files again. */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { analyzeCell } from '../engine/closure/analyze-cell.ts';
import { createViewState, fold } from '../engine/fold/fold.ts';
import type { ViewState } from '../engine/fold/state.ts';
import { allCells } from '../engine/fold/view-state.ts';
import {
  type FileCell,
  type NotebookFile,
  parseNotebook,
  serializeNotebook,
} from '../engine/kernel/notebook-file.ts';
import {
  createSession,
  type SessionCell,
  type SessionState,
  step,
} from '../engine/kernel/notebook-session.ts';
import type { StagelightEvent } from '../engine/protocol.ts';
import type { NotebookFiles } from './notebook-files.ts';
import { OutputsFile } from './outputs-file.ts';
import { storedSession } from './stored-session.ts';
import { readView } from './stored-view.ts';

export interface OpenedNotebook {
  session: SessionState;
  view: ViewState;
  /** Takes what the view is folded with from now on. */
  outputs: OutputsFile;
}

/** Ids for cells that have none: the same ones each time the same text is opened, so that outputs find their cells. */
function stableIds(text: string): () => string {
  let count = 0;
  return () => createHash('sha256').update(`${count++}\0${text}`).digest('hex').slice(0, 8);
}

export class NotebookStore {
  readonly #files: NotebookFiles;
  /** The text that each notebook's file had when it was last read or written here, and the time stamp of the file. */
  readonly #known = new Map<string, { text: string; stamp: string; file: NotebookFile }>();

  constructor(files: NotebookFiles) {
    this.#files = files;
  }

  absolutePath(path: string): string {
    return resolve(this.#files.root, path);
  }

  async open(path: string): Promise<OpenedNotebook> {
    const stamp = await this.#files.stamp(path);
    const { text: source } = await this.#files.read(path);
    const { cells } = this.#know(path, source, stamp);
    const sessionCells = cells.map((cell): SessionCell => ({ ...cell, revision: 0 }));
    const outputsPath = await this.#files.outputsFile(path);
    const text = await readFile(outputsPath, 'utf8').catch(() => '');
    const stored = readView(text);
    const view = stored ?? createViewState('');
    const opening: StagelightEvent[] = [];
    const apply = (event: StagelightEvent) => {
      opening.push(event);
      fold(view, event);
    };
    const time = Date.now();
    apply({
      type: 'notebookOpened',
      path,
      cells: sessionCells.map(({ cellId, kind, source, revision }) => ({ cellId, kind, source, revision })),
      time,
    });
    // What could be undone was known to the session that is no more; what it deleted is in the bin.
    apply({ type: 'historyChanged' });
    for (const cell of allCells(view)) {
      // A run that waited behind a running one of the same cell comes up when that one ends.
      while (cell.runId && (cell.status === 'running' || cell.status === 'queued')) {
        apply({ type: 'cellFinished', cellId: cell.cellId, runId: cell.runId, time, status: 'aborted' });
      }
    }
    if (view.kernel.status !== 'none' && view.kernel.status !== 'dead') {
      apply({
        type: 'kernelStatus',
        status: 'dead',
        time,
        error: {
          code: 'KERNEL_LOST',
          name: 'StagelightError',
          message: 'kernel lost: the server it belonged to ended',
          hint: 'Run a cell to start a new kernel. The outputs below are those of the lost one.',
        },
      });
    }
    const session = createSession({
      path,
      cells: sessionCells,
      runPrefix: randomBytes(4).toString('hex'),
      analyze: analyzeCell,
      ...storedSession(view),
    });
    session.kernel = view.kernel.status;
    for (const event of step(session, { type: 'opened' }, time).events) apply(event);
    const outputs = new OutputsFile({
      path: outputsPath,
      view,
      ...(stored && { opening, size: text.length }),
    });
    return { session, view, outputs };
  }

  async save(path: string, cells: SessionCell[]): Promise<void> {
    const text = this.#textOf(path, cells);
    await this.#files.write(path, text);
    this.#know(path, text, await this.#files.stamp(path));
  }

  #know(path: string, text: string, stamp: string): NotebookFile {
    const file = parseNotebook(text, stableIds(text));
    this.#known.set(path, { text, stamp, file });
    return file;
  }

  /** The file says what the cells say, in whatever form it was written. */
  isSaved(path: string, cells: SessionCell[]): boolean {
    const written = this.#known.get(path)?.file.cells ?? [];
    const said = (list: FileCell[]) =>
      JSON.stringify(list.map((cell) => [cell.cellId, cell.kind, cell.source]));
    return said(written) === said(cells);
  }

  /** The file that was read or written here is no longer there. */
  async isGone(path: string): Promise<boolean> {
    return Boolean(this.#known.get(path)?.stamp) && (await this.#files.stamp(path)) === '';
  }

  /** What another program wrote since we last read or wrote: the cells before and now. A deleted file says nothing. */
  async readChanged(path: string): Promise<{ base: FileCell[]; disk: FileCell[] } | undefined> {
    const known = this.#known.get(path);
    const stamp = await this.#files.stamp(path);
    if (!known || stamp === '' || stamp === known.stamp) return undefined;
    const { text } = await this.#files.read(path);
    const { cells: disk } = this.#know(path, text, stamp);
    return text === known.text ? undefined : { base: known.file.cells, disk };
  }

  #textOf(path: string, cells: SessionCell[]): string {
    const { eol = '\n', layout } = this.#known.get(path)?.file ?? {};
    return serializeNotebook({ cells, eol, ...(layout ? { layout } : {}) });
  }

  /** What is known of a notebook's file goes along when the file does. */
  moved(from: string, to: string): void {
    const known = this.#known.get(from);
    this.#known.delete(from);
    if (known) this.#known.set(to, known);
  }

  /** Forgets the notebook; nothing of it may be under way. */
  closed(path: string): void {
    this.#known.delete(path);
  }
}
