/**
 * One open notebook on the server: its session, its kernel, the full fold of everything that happened, and the
 * stream its viewers follow. Carries out what the session step commands; decides nothing itself.
 */

import { randomBytes } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { systemClock } from '../engine/clock.ts';
import { errorToData, StagelightError } from '../engine/errors.ts';
import { type PackedAnswer, packAnswer } from '../engine/fold/answer-codec.ts';
import { fold } from '../engine/fold/fold.ts';
import { answerQuery } from '../engine/fold/queries.ts';
import type { ViewState } from '../engine/fold/state.ts';
import type { CellWithOutputs } from '../engine/kernel/ipynb.ts';
import { KernelProcess } from '../engine/kernel/kernel-process.ts';
import type { KernelConfig } from '../engine/kernel/messages.ts';
import {
  type SessionCommand,
  type SessionOperation,
  type SessionState,
  type StepResult,
  step,
} from '../engine/kernel/notebook-session.ts';
import type { KernelStatus, StagelightEvent } from '../engine/protocol.ts';
import type { AdaptiveOptions } from '../engine/rdd/adaptive-options.ts';
import type { SchedulingOptions } from '../engine/scheduler/scheduling-options.ts';
import type { CommandReply, EventBatch, NotebookCommand, ViewQuery } from '../engine/viewer-protocol.ts';
import { withOutputs } from './export-notebook.ts';
import { outputsFileOf } from './file-tree.ts';
import type { HistoryLogs } from './history-logs.ts';
import { injectFault } from './inject-fault.ts';
import { inspectVariable } from './inspect-variable.ts';
import { mergeDocuments } from './merge-documents.ts';
import type { NotebookStore, OpenedNotebook } from './notebook-store.ts';
import type { RichOutputs } from './rich-outputs.ts';
import { SharedAnswers } from './shared-answers.ts';
import { ViewerStream } from './viewer-stream.ts';

/** Bytes of heap of the thread that evaluates cells. */
const DRIVER_MEMORY = 2 * 1024 ** 3;
/** How often the file of an open notebook is looked at for changes by other programs. */
const WATCH_INTERVAL_MS = 1000;
/** After a write that failed (a full disk, a read-only file) it is tried again. */
const RETRY_MS = 5000;

export interface NotebookHostOptions {
  path: string;
  opened: OpenedNotebook;
  store: NotebookStore;
  history: HistoryLogs;
  outputs: RichOutputs;
  executors: number;
  executorMemory: number;
  scheduling?: SchedulingOptions;
  adaptive?: Partial<AdaptiveOptions>;
  broadcast(batch: EventBatch): void;
  /** Throws a StagelightError when no further kernel may start. */
  admitKernel(): void;
}

export class NotebookHost {
  readonly #options: NotebookHostOptions;
  readonly #session: SessionState;
  readonly #view: ViewState;
  readonly #answers = new SharedAnswers<PackedAnswer>(systemClock);
  readonly #stream: ViewerStream;
  #kernel: KernelProcess | undefined;
  /** Kernels told to end that have not ended yet. */
  readonly #ending = new Set<Promise<void>>();
  readonly #watching: NodeJS.Timeout;
  /** Reads and writes of the notebook file follow one another. */
  #saving: Promise<void> = Promise.resolve();
  /** A write that has not begun takes every change up to its beginning along. */
  #saveWaits = false;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  /** What was last said about the file itself. */
  #trouble: string | undefined;
  #wasGone = false;
  #path: string;
  #lastActivity = performance.now();

  constructor(options: NotebookHostOptions) {
    this.#options = options;
    this.#path = options.path;
    this.#session = options.opened.session;
    this.#view = options.opened.view;
    const boot = randomBytes(8).toString('hex');
    this.#view.boot = boot;
    const { outputs: file } = options.opened;
    this.#stream = new ViewerStream({
      view: this.#view,
      outputs: options.outputs,
      keep: (events) => file.append(events),
      send: (batch) => {
        options.broadcast(batch);
        this.#answers.eventsLeft();
      },
    });
    // Not within the batch whose writing failed.
    file.onTrouble = (error) =>
      queueMicrotask(() =>
        this.#publish({ type: 'outputsSaved', time: now(), ...(error && { error: errorToData(error) }) }),
      );
    this.#watching = setInterval(() => this.#lookAtFile(), WATCH_INTERVAL_MS).unref();
  }

  /** Names this opening of the notebook; revisions count within it. */
  get boot(): string {
    return this.#view.boot;
  }

  get hasKernel(): boolean {
    return this.#kernel !== undefined;
  }

  get kernelStatus(): KernelStatus {
    return this.#view.kernel.status;
  }

  /** The document with its outputs, for an export. */
  cellsWithOutputs(): CellWithOutputs[] {
    this.#stream.flush();
    return withOutputs(this.#session.cells, this.#view);
  }

  /** Milliseconds since anyone edited, ran or watched a run here. */
  idleTime(): number {
    return this.#session.running ? 0 : performance.now() - this.#lastActivity;
  }

  join(boot: string | undefined, seq: number | undefined): ReturnType<ViewerStream['join']> {
    this.#lastActivity = performance.now();
    return this.#stream.join(boot, seq);
  }

  /** `origin`: the window it came from. `by`: the name that its viewer goes by. */
  async command(command: NotebookCommand, origin: string, by?: string): Promise<CommandReply> {
    // Whoever opened the notebook anew writes the file now.
    if (this.#closed) throw replaced();
    this.#lastActivity = performance.now();
    if (command.type === 'injectFault' || command.type === 'clearFaults') {
      return injectFault(this.#kernel, this.#view.kernel.status, {
        ...command,
        ...(by !== undefined && { by }),
      });
    }
    const { reply, commands } = this.#apply({ type: 'command', command, origin });
    const { seq } = this.#view;
    // What a reply confirms is on disk: until then the page keeps the typed text, whatever dies here.
    // Also an edit that changed nothing: it asks whether the one before is.
    const asks = command.type === 'editCell' || command.type === 'insertCell';
    if (asks || commands.some(({ type }) => type === 'save')) await this.#saving;
    return reply.ok ? { ...reply, seq } : reply;
  }

  async query(query: ViewQuery): Promise<PackedAnswer> {
    if (query.type !== 'inspectVariable') {
      return this.#answers.ask(JSON.stringify(query), () =>
        packAnswer(answerQuery(this.#view, query, now())),
      );
    }
    return inspectVariable(this.#kernel, this.#view.kernel.status, query);
  }

  get path(): string {
    return this.#path;
  }

  /** Resolves when all is written; nothing further is read or written until the returned function is called. */
  async hold(): Promise<() => void> {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const idle = this.#saving;
    this.#saving = idle.then(() => released);
    await idle;
    this.#stream.flush();
    await this.#options.opened.outputs.compact();
    return release;
  }

  /** The file has another path now. Its kernel goes on; a later one starts in the new folder. */
  moved(path: string): void {
    this.#options.store.moved(this.#path, path);
    this.#path = path;
    this.#session.path = path;
    if (this.#view.notebook) this.#view.notebook.path = path;
    this.#options.opened.outputs.moved(outputsFileOf(this.#options.store.absolutePath(path)));
  }

  /** Shuts the kernel down and writes what is not yet written. */
  async close(): Promise<void> {
    // Whoever opens the notebook next has a session of its own: no later try may overwrite it.
    this.#closed = true;
    clearInterval(this.#watching);
    clearTimeout(this.#retry);
    this.#apply({ type: 'command', command: { type: 'shutdownKernel' } });
    if (!this.#options.store.isSaved(this.#path, this.#session.cells)) this.#save();
    await Promise.all([...this.#ending, this.#saving]);
    this.#stream.flush();
    await this.#options.opened.outputs.close();
    this.#options.store.closed(this.#path);
  }

  #apply(operation: SessionOperation): StepResult {
    const result = step(this.#session, operation, now());
    for (const event of result.events) this.#publish(event);
    for (const command of result.commands) this.#carryOut(command);
    return result;
  }

  #publish(event: StagelightEvent): void {
    fold(this.#view, event, { tasks: true });
    this.#stream.push(event);
  }

  #carryOut(command: SessionCommand): void {
    switch (command.type) {
      case 'startKernel':
        this.#startKernel();
        return;
      case 'stopKernel':
        this.#stopKernel();
        return;
      case 'save':
        this.#save();
        if (this.#view.notebook?.outputsError) void this.#options.opened.outputs.compact();
        return;
      case 'execute':
      case 'interrupt':
      case 'cancelJob':
      case 'persistVariable':
        this.#kernel?.send(command);
        return;
      default:
        command satisfies never;
    }
  }

  #startKernel(): void {
    const { store, history, executors, executorMemory, adaptive, scheduling, admitKernel } = this.#options;
    const path = this.#path;
    const file = store.absolutePath(path);
    const config: KernelConfig = {
      name: basename(path, '.ts'),
      directory: dirname(file),
      file,
      executors,
      executorMemory,
      ...(adaptive ? { adaptive } : {}),
      driverMemory: DRIVER_MEMORY,
      args: [],
      ...(scheduling ? { scheduling } : {}),
    };
    try {
      admitKernel();
    } catch (error) {
      // Not within the step that asked for it: its own result must be applied first.
      queueMicrotask(() => this.#apply({ type: 'kernelLost', error: errorToData(error) }));
      return;
    }
    const eventLog = history.begin(path, new Date());
    if (eventLog) Object.assign(config, { eventLog, eventLogMax: history.maxBytes });
    const kernel: KernelProcess = new KernelProcess(config, {
      ready: (_boot, pid) => {
        if (this.#kernel === kernel) this.#apply({ type: 'kernelReady', pid });
      },
      events: ({ events }) => {
        if (this.#kernel !== kernel) return;
        for (const event of JSON.parse(events) as StagelightEvent[]) this.#kernelEvent(event);
      },
      exited: (error) => {
        history.end(eventLog);
        if (this.#kernel !== kernel) return;
        this.#kernel = undefined;
        if (error) this.#apply({ type: 'kernelLost', error });
      },
    });
    this.#kernel = kernel;
  }

  #stopKernel(): void {
    const kernel = this.#kernel;
    if (!kernel) return;
    // From here on nothing it says counts: its runs were aborted by the session.
    this.#kernel = undefined;
    const ended = kernel.shutdown().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }

  /** What changes the session goes through its step, which says it again; the rest is published as it is. */
  #kernelEvent(event: StagelightEvent): void {
    this.#lastActivity = performance.now();
    if (event.type === 'cellFinished') this.#apply({ ...event, type: 'cellFinished' });
    else if (event.type === 'kernelStatus') {
      const { status, error } = event;
      this.#apply({ type: 'kernelStatus', status, ...(error ? { error } : {}) });
    } else this.#publish(event);
  }

  /** Writes the notebook file after the write before; a failure is shown and the text stays in the session. */
  #save(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (this.#saveWaits) return;
    this.#saveWaits = true;
    this.#saving = this.#saving
      .then(async () => {
        await this.#takeFile();
        this.#saveWaits = false;
        await this.#options.store.save(this.#path, this.#session.cells);
      })
      .then(
        () => {
          this.#trouble = undefined;
          this.#apply({ type: 'saved' });
        },
        (error) => {
          this.#saveWaits = false;
          if (!this.#closed) this.#retry ??= setTimeout(() => this.#save(), RETRY_MS).unref();
          this.#apply({ type: 'saved', error: errorToData(error) });
        },
      );
  }

  /** Takes in what another program wrote, merged with what is not yet written from here. */
  async #takeFile(): Promise<boolean> {
    const changed = await this.#options.store.readChanged(this.#path);
    if (!changed) return false;
    const { base, disk } = changed;
    this.#apply({ type: 'fileChanged', cells: mergeDocuments(base, this.#session.cells, disk) });
    return true;
  }

  /** Takes in changes of the file, and says when it is gone, cannot be read, or is back. */
  #lookAtFile(): void {
    if (this.#saveWaits) return;
    this.#saving = this.#saving
      .then(async () => {
        const isGone = await this.#options.store.isGone(this.#path);
        // Editors that save by renaming leave a moment without a file: only a second look tells.
        const trouble = isGone && this.#wasGone ? deleted(this.#path) : undefined;
        this.#wasGone = isGone;
        return { taken: await this.#takeFile(), trouble, isGone };
      })
      .then(
        ({ taken, trouble, isGone }) => {
          if (trouble) this.#fileTrouble(trouble);
          // What the merge kept from here is not in the file yet.
          else if (taken && !this.#options.store.isSaved(this.#path, this.#session.cells)) this.#save();
          else if (!isGone && this.#trouble !== undefined && this.#retry === undefined) {
            this.#trouble = undefined;
            this.#apply({ type: 'saved' });
          }
        },
        (error) => this.#fileTrouble(error),
      );
  }

  /** Said once, where the page says whether all is saved. */
  #fileTrouble(error: unknown): void {
    const data = errorToData(error);
    if (this.#trouble === data.message) return;
    this.#trouble = data.message;
    this.#apply({ type: 'saved', error: data });
  }
}

function deleted(path: string): StagelightError {
  return new StagelightError('NOTEBOOK_DELETED', `"${path}" was deleted by another program`, {
    hint: 'Text and outputs are still here: the next edit writes the file again.',
  });
}

/** The session that a command was meant for is no more. */
export function replaced(): StagelightError {
  return new StagelightError('SESSION_REPLACED', 'the notebook was opened anew meanwhile', {
    hint: 'The page asks for its present state by itself; do this again.',
  });
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
