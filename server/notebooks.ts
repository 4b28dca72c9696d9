/** The open notebooks of the server, each with its host; kernels are admitted and culled here. */
import { StagelightError } from '../engine/errors.ts';
import type { EventBatch } from '../engine/viewer-protocol.ts';
import { HistoryLogs } from './history-logs.ts';
import type { NotebookFiles } from './notebook-files.ts';
import { NotebookHost } from './notebook-host.ts';
import { NotebookStore } from './notebook-store.ts';
import type { ServerOptions } from './options.ts';
import type { RichOutputs } from './rich-outputs.ts';

const CULL_INTERVAL_MS = 60_000;
/** A notebook without kernel that nobody looks at is held so long, for those who come straight back. */
const HOST_IDLE_MS = 600_000;

export interface NotebooksOptions {
  files: NotebookFiles;
  outputs: RichOutputs;
  options: Pick<ServerOptions, 'executors' | 'executorMemory' | 'maxKernels' | 'idleKernel' | 'historyMax'>;
  broadcast(path: string, batch: EventBatch): void;
}

export class Notebooks {
  readonly files: NotebookFiles;
  readonly #options: NotebooksOptions;
  readonly #store: NotebookStore;
  readonly #history: HistoryLogs;
  /** Opening is remembered while under way: two viewers must not open one notebook twice. */
  readonly #hosts = new Map<string, Promise<NotebookHost>>();
  readonly #open = new Map<string, NotebookHost>();
  /** Until it has written everything, a notebook must not be read again. */
  readonly #closing = new Map<string, Promise<void>>();
  readonly #viewers = new Map<string, Set<string>>();
  readonly #culling: NodeJS.Timeout;

  constructor(options: NotebooksOptions) {
    this.files = options.files;
    this.#options = options;
    this.#store = new NotebookStore(options.files);
    this.#history = new HistoryLogs(options.files.root, options.options.historyMax);
    this.#culling = setInterval(() => this.#cull(), CULL_INTERVAL_MS).unref();
  }

  open(path: string): Promise<NotebookHost> {
    let host = this.#hosts.get(path);
    if (!host) {
      host = this.#openHost(path);
      this.#hosts.set(path, host);
      host.catch(() => this.#hosts.delete(path));
    }
    return host;
  }

  async #openHost(path: string): Promise<NotebookHost> {
    const { outputs, options, broadcast } = this.#options;
    await this.#closing.get(path);
    const opened = await this.#store.open(path);
    const host = new NotebookHost({
      path,
      opened,
      store: this.#store,
      history: this.#history,
      outputs,
      executors: options.executors,
      executorMemory: options.executorMemory,
      broadcast: (batch) => broadcast(path, batch),
      admitKernel: () => this.#admitKernel(),
    });
    this.#open.set(path, host);
    return host;
  }

  #admitKernel(): void {
    const running = [...this.#open.values()].filter((host) => host.hasKernel).length;
    if (running < this.#options.options.maxKernels) return;
    throw new StagelightError(
      'TOO_MANY_KERNELS',
      `${running} kernels are running, as many as --max-kernels allows`,
      {
        hint: 'Shut another notebook’s kernel down, or start the server with a higher --max-kernels.',
      },
    );
  }

  viewerJoined(path: string, viewer: string): void {
    const viewers = this.#viewers.get(path) ?? new Set();
    this.#viewers.set(path, viewers.add(viewer));
  }

  /** Without a path: the viewer is gone altogether. */
  viewerLeft(path: string | undefined, viewer: string): void {
    for (const [open, viewers] of this.#viewers) {
      if (path !== undefined && path !== open) continue;
      viewers.delete(viewer);
      if (viewers.size === 0) this.#viewers.delete(open);
    }
  }

  #cull(): void {
    for (const [path, host] of this.#open) {
      const idle = host.idleTime();
      if (!host.hasKernel) {
        if (idle > HOST_IDLE_MS && !this.#viewers.has(path)) this.#close(path, host);
      } else if (idle > this.#options.options.idleKernel) {
        void host.command({ type: 'shutdownKernel' }, 'idle');
      }
    }
  }

  #close(path: string, host: NotebookHost): void {
    this.#open.delete(path);
    this.#hosts.delete(path);
    this.#closing.set(
      path,
      host.close().finally(() => this.#closing.delete(path)),
    );
  }

  async close(): Promise<void> {
    clearInterval(this.#culling);
    await Promise.all([...[...this.#open.values()].map((host) => host.close()), ...this.#closing.values()]);
  }
}
