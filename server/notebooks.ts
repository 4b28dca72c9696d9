/** The open notebooks of the server, each with its host; kernels are admitted and culled here. */
import { StagelightError } from '../engine/errors.ts';
import type { BinEntry } from '../engine/files-protocol.ts';
import type { KernelStatus } from '../engine/protocol.ts';
import type { EventBatch } from '../engine/viewer-protocol.ts';
import { FileBin } from './file-bin.ts';
import { FileTree } from './file-tree.ts';
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
  options: Pick<ServerOptions, 'executors' | 'executorMemory' | 'maxKernels' | 'idleKernel' | 'historyMax'> &
    Partial<Pick<ServerOptions, 'adaptive' | 'scheduling'>>;
  broadcast(path: string, batch: EventBatch): void;
  /** A notebook that may be open somewhere lies elsewhere now; without `to` it is in the bin. */
  moved?(from: string, to: string | undefined): void;
  /** Files or folders were made, moved or deleted. */
  filesChanged?(): void;
}

export class Notebooks {
  readonly files: NotebookFiles;
  readonly tree: FileTree;
  readonly bin: FileBin;
  readonly #options: NotebooksOptions;
  readonly #store: NotebookStore;
  readonly #history: HistoryLogs;
  /** Opening is remembered while under way: two viewers must not open one notebook twice. */
  readonly #hosts = new Map<string, Promise<NotebookHost>>();
  readonly #open = new Map<string, NotebookHost>();
  /** Until it has written everything, a notebook must not be read again. */
  readonly #closing = new Map<string, Promise<void>>();
  /** Where notebooks went that were open when they were moved, for viewers who come back late. */
  readonly #movedTo = new Map<string, string>();
  /** Changes of the tree follow one another. */
  #changing: Promise<unknown> = Promise.resolve();
  readonly #viewers = new Map<string, Set<string>>();
  readonly #culling: NodeJS.Timeout;

  constructor(options: NotebooksOptions) {
    this.files = options.files;
    this.tree = new FileTree(options.files.root);
    this.bin = new FileBin(this.tree);
    this.#options = options;
    this.#store = new NotebookStore(options.files);
    this.#history = new HistoryLogs(options.files.root, options.options.historyMax);
    this.#culling = setInterval(() => this.#cull(), CULL_INTERVAL_MS).unref();
  }

  /** A notebook that was moved while it was open is found under its old path until there is another. */
  async open(path: string): Promise<NotebookHost> {
    try {
      return await this.#openAt(path);
    } catch (error) {
      const to = this.#movedTo.get(path);
      if (to === undefined || (error as StagelightError).code !== 'NOTEBOOK_NOT_FOUND') throw error;
      return this.open(to);
    }
  }

  #openAt(path: string): Promise<NotebookHost> {
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
    const host: NotebookHost = new NotebookHost({
      path,
      opened,
      store: this.#store,
      history: this.#history,
      outputs,
      executors: options.executors,
      executorMemory: options.executorMemory,
      ...(options.scheduling ? { scheduling: options.scheduling } : {}),
      ...(options.adaptive ? { adaptive: options.adaptive } : {}),
      broadcast: (batch) => broadcast(host.path, batch),
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

  /** The state of every open notebook's kernel, by path. */
  kernels(): Record<string, KernelStatus> {
    return Object.fromEntries([...this.#open].map(([path, host]) => [path, host.kernelStatus]));
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

  /** Renames or moves a file or folder; notebooks open in it go along, with kernels, outputs and viewers. */
  move(from: string, to: string): Promise<void> {
    return this.change(async () => {
      const hosts = await this.#openUnder(from);
      const releases = await Promise.all(hosts.map((host) => host.hold()));
      try {
        await this.tree.move(from, to);
        // Also those that were opened meanwhile.
        for (const host of await this.#openUnder(from))
          this.#hostMoved(host, to + host.path.slice(from.length));
      } finally {
        for (const release of releases) release();
      }
    });
  }

  #hostMoved(host: NotebookHost, to: string): void {
    const from = host.path;
    this.#open.delete(from);
    this.#hosts.delete(from);
    host.moved(to);
    this.#open.set(to, host);
    this.#hosts.set(to, Promise.resolve(host));
    this.#movedTo.delete(to);
    this.#movedTo.set(from, to);
    this.#options.moved?.(from, to);
  }

  /** Moves a file or folder to the bin; notebooks open in it are saved and closed first. */
  delete(path: string): Promise<BinEntry> {
    return this.change(async () => {
      const hosts = await this.#openUnder(path);
      const deleted = Promise.withResolvers<void>();
      const paths = hosts.map((host) => host.path);
      const closing = hosts.map((host) => this.#close(host.path, host, deleted.promise));
      try {
        await Promise.all(closing);
        const entry = await this.bin.delete(path);
        for (const gone of paths) this.#options.moved?.(gone, undefined);
        return entry;
      } finally {
        deleted.resolve();
      }
    });
  }

  /** A copy beside the original, with the outputs as they are now. */
  duplicate(path: string): Promise<string> {
    return this.change(async () => {
      const hosts = await this.#openUnder(path);
      const releases = await Promise.all(hosts.map((host) => host.hold()));
      try {
        return await this.tree.duplicate(path);
      } finally {
        for (const release of releases) release();
      }
    });
  }

  /** Changes of files and folders, one after the other; whoever lists them is told. */
  change<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(change);
    this.#changing = done.then(
      () => this.#options.filesChanged?.(),
      () => {},
    );
    return done;
  }

  async #openUnder(path: string): Promise<NotebookHost[]> {
    const within = [...this.#hosts].filter(([open]) => open === path || open.startsWith(`${path}/`));
    const hosts = await Promise.all(within.map(([, host]) => host.catch(() => undefined)));
    return hosts.filter((host) => host !== undefined);
  }

  #cull(): void {
    for (const [path, host] of this.#open) {
      const idle = host.idleTime();
      if (!host.hasKernel) {
        if (idle > HOST_IDLE_MS && !this.#viewers.has(path)) void this.#close(path, host);
      } else if (idle > this.#options.options.idleKernel) {
        void host.command({ type: 'shutdownKernel' }, 'idle');
      }
    }
  }

  /** Whoever opens the path again waits until the host has written everything, and for `also`. */
  #close(path: string, host: NotebookHost, also?: Promise<void>): Promise<void> {
    this.#open.delete(path);
    this.#hosts.delete(path);
    const written = host.close();
    const closing = Promise.all([written, also]).then(() => {});
    this.#closing.set(
      path,
      closing.finally(() => this.#closing.delete(path)),
    );
    return written;
  }

  async close(): Promise<void> {
    clearInterval(this.#culling);
    await Promise.all([...[...this.#open.values()].map((host) => host.close()), ...this.#closing.values()]);
  }
}
